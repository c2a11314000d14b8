//! What can be seen of the logs from outside, for metrics.

use runtime::Space;
use storage::{DiskError, Log};
use types::{Offset, TopicPartition};

use crate::{
    Node, TrafficFigures,
    request::Isolation,
    slots::{Slot, State},
};

/// One partition's log at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFigures {
    /// The partition.
    pub partition: TopicPartition,
    /// Whether this broker leads it.
    pub is_led: bool,
    /// How many bytes its segments have.
    pub size_bytes: u64,
    /// How many segments there are.
    pub segments: usize,
    /// Its first offset.
    pub start: Offset,
    /// The offset after its last.
    pub end: Offset,
    /// What passed through the partition.
    pub traffic: TrafficFigures,
    /// The end of what consumers may read; none when this broker does not lead the partition.
    pub high_watermark: Option<Offset>,
    /// The end of what those may read who want no undecided transactions; none likewise.
    pub last_stable: Option<Offset>,
}

impl Node {
    /// How many logs could not be opened, or were closed because the disk failed.
    #[must_use]
    pub fn offline_logs(&self) -> usize {
        self.slots.all().iter().filter(|slot| slot.state().is_offline()).count()
    }

    /// How much room there is on the volume of the data folder. Waits for the disk.
    ///
    /// # Errors
    /// When the volume cannot be asked.
    pub fn space(&self) -> Result<Space, DiskError> {
        self.folder.space()
    }

    /// The figures of every log that is open, by topic id and partition.
    #[must_use]
    pub fn log_figures(&self) -> Vec<LogFigures> {
        self.slots.all().iter().filter_map(|slot| figures(slot)).collect()
    }
}

fn figures(slot: &Slot) -> Option<LogFigures> {
    let of = |log: &Log, ends: Option<(Offset, Offset)>| LogFigures {
        partition: slot.name.clone(),
        is_led: ends.is_some(),
        size_bytes: log.size_bytes(),
        segments: log.segment_count(),
        start: log.start_offset(),
        end: log.end_offset(),
        traffic: slot.traffic.figures(),
        high_watermark: ends.map(|(high_watermark, _)| high_watermark),
        last_stable: ends.map(|(_, last_stable)| last_stable),
    };
    match &mut *slot.state() {
        State::Leading(partition) => {
            let last_stable = partition.readable_end(Isolation::Committed);
            Some(of(partition.log(), Some((partition.high_watermark(), last_stable))))
        }
        State::Idle(log) => Some(of(log, None)),
        State::Away | State::Failed => None,
    }
}
