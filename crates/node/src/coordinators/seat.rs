//! One shard's place on this broker.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use coordinator::{GroupError, Shard, Write, WriteError};
use types::{Instant, Offset, PartitionIndex};

use super::loading::Loading;
use crate::slots::Slot;

/// A shard and the partition whose groups it holds.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) slot: Arc<Slot>,
    stage: Mutex<Stage>,
}

/// How far a shard is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Its records are being read.
    Loading(Loading),
    /// It answers.
    Serving(Box<Serving>),
    /// This broker no longer leads the partition.
    Left,
}

/// A shard that answers.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) shard: Shard,
    /// The shard's writes that it has not heard of yet, in its order.
    writes: VecDeque<(Write, Fate)>,
    /// Up to where the log is known to be written.
    written: Offset,
    /// The deadline under which the node looks at the shard again.
    pub(super) wakes_at: Option<Instant>,
}

/// What is known of a write.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is in the log, and counts when the high watermark has reached its end.
    Appended {
        /// The offset behind it.
        end: Offset,
        /// Until when it may take.
        deadline: Instant,
    },
    /// It is not in the log.
    Refused(WriteError),
}

impl Seat {
    pub(super) fn new(slot: Arc<Slot>, loading: Loading) -> Seat {
        Seat { slot, stage: Mutex::new(Stage::Loading(loading)) }
    }

    pub(super) fn partition(&self) -> PartitionIndex {
        self.slot.id.partition
    }

    /// Locks the shard. Nobody may hold a slot who does this.
    pub(super) fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().expect("no thread panics while it holds a shard")
    }
}

impl Stage {
    /// The shard, if it answers.
    pub(super) fn serving(&mut self) -> Result<&mut Serving, GroupError> {
        match self {
            Stage::Serving(serving) => Ok(serving),
            Stage::Loading(_) => Err(GroupError::Loading),
            Stage::Left => Err(GroupError::NotCoordinator),
        }
    }
}

impl Serving {
    pub(super) fn new(shard: Shard) -> Serving {
        Serving { shard, writes: VecDeque::new(), written: Offset::ZERO, wakes_at: None }
    }

    /// Notes a write of the shard.
    pub(super) fn note(&mut self, write: Write, fate: Fate) {
        self.writes.push_back((write, fate));
    }

    /// The log is written up to here.
    pub(super) fn advance(&mut self, written: Offset) {
        self.written = self.written.max(written);
    }

    /// The next write whose outcome is known, in the shard's order.
    pub(super) fn next_outcome(&mut self, now: Instant) -> Option<(Write, Result<(), WriteError>)> {
        let outcome = match &self.writes.front()?.1 {
            Fate::Appended { end, .. } if *end <= self.written => Ok(()),
            // It may be written yet, or be lost with this leader: nobody is told that it is.
            Fate::Appended { deadline, .. } if *deadline <= now => Err(WriteError::NotNow),
            Fate::Appended { .. } => return None,
            Fate::Refused(error) => Err(error.clone()),
        };
        self.writes.pop_front().map(|(write, _)| (write, outcome))
    }

    /// When something has to be done if nothing else happens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let write = self.writes.front().and_then(|(_, fate)| match fate {
            Fate::Appended { deadline, .. } => Some(*deadline),
            Fate::Refused(_) => None,
        });
        self.shard.deadline().into_iter().chain(write).min()
    }
}
