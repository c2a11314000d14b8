//! What must hold after every event, seen from the inside; one file each.

mod committed_metadata;
mod full_disk;
mod high_watermark;
mod log_start;
mod producer_sequence;
mod reigns;
mod reopened_log;

use std::{collections::BTreeMap, fmt};

use node::{PartitionView, QuorumView};
use types::TopicPartition;

use crate::{reading::ReadBatch, violation::Checked};

use committed_metadata::CommittedMetadata;
use full_disk::FullDisk;
use high_watermark::HighWatermark;
use log_start::LogStart;
use reigns::Reigns;
use reopened_log::ReopenedLog;

/// What can be seen of a node at one moment.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// Which process of the run it is.
    pub(crate) process: u64,
    /// The partitions that it leads.
    pub(crate) partitions: BTreeMap<TopicPartition, PartitionView>,
    /// Its part in the metadata quorum.
    pub(crate) quorum: Option<QuorumView>,
}

impl fmt::Display for View {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, seen) in &self.partitions {
            let state = if seen.is_closed { "closed" } else { "open" };
            write!(
                formatter,
                "{name} {state}: {} to {}, high watermark {}, flushed {}; ",
                seen.log_start, seen.log_end, seen.high_watermark, seen.flushed_end
            )?;
        }
        match &self.quorum {
            Some(quorum) => write!(
                formatter,
                "metadata to {}, high watermark {:?}, epoch {}",
                quorum.log_end, quorum.high_watermark, quorum.epoch
            ),
            None => formatter.write_str("no metadata"),
        }
    }
}

/// How a process came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The operating system has all that it wrote.
    Killed,
    /// Only what was synced is certain.
    PowerCut,
}

/// All invariants and what they remember.
#[derive(Debug, Default)]
pub(crate) struct Invariants {
    high_watermark: HighWatermark,
    log_start: LogStart,
    reigns: Reigns,
    reopened_log: ReopenedLog,
    committed_metadata: CommittedMetadata,
    full_disk: FullDisk,
}

impl Invariants {
    /// Checks a node after an event.
    pub(crate) fn check(&mut self, view: &View) -> Checked {
        self.high_watermark.check(view)?;
        self.log_start.check(view)?;
        self.reigns.check(view)?;
        self.full_disk.check(view)?;
        self.reopened_log.check(view)
    }

    /// Takes a last look at a process that dies, and at the metadata log as it was then.
    pub(crate) fn died(&mut self, view: &View, metadata_log: &[u8]) -> Checked {
        self.reopened_log.died(view);
        self.committed_metadata.died(view, metadata_log)
    }

    /// From here on the disk may fail a process, and not only refuse what is new.
    pub(crate) fn disk_broke(&mut self, process: u64) {
        self.full_disk.disk_broke(process);
    }

    /// The power was cut, whether a process ran or not.
    pub(crate) fn power_was_cut(&mut self) {
        self.reopened_log.power_was_cut();
    }

    /// Looks at the metadata log that a new process has recovered.
    pub(crate) fn recovered(&mut self, metadata_log: &[u8]) -> Checked {
        self.committed_metadata.recovered(metadata_log)
    }

    /// Checks all that one partition holds.
    pub(crate) fn scanned(&self, batches: &[ReadBatch]) -> Checked {
        producer_sequence::check(batches)
    }
}
