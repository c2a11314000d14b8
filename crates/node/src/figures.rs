//! What can be seen of the logs from outside, for metrics.

use storage::Log;
use types::{Offset, TopicPartition};

use crate::{
    Node,
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
}

impl Node {
    /// The figures of every log that is open, by topic id and partition.
    #[must_use]
    pub fn log_figures(&self) -> Vec<LogFigures> {
        self.slots.all().iter().filter_map(|slot| figures(slot)).collect()
    }
}

fn figures(slot: &Slot) -> Option<LogFigures> {
    let of = |log: &Log, is_led| LogFigures {
        partition: slot.name.clone(),
        is_led,
        size_bytes: log.size_bytes(),
        segments: log.segment_count(),
        start: log.start_offset(),
        end: log.end_offset(),
    };
    match &*slot.state() {
        State::Leading(partition) => Some(of(partition.log(), true)),
        State::Idle(log) => Some(of(log, false)),
        State::Away | State::Failed => None,
    }
}
