//! ListOffsets: offsets by what is there, or by time.
//!
//! A partition is locked to be asked where to look, and again to judge what was found; the look
//! itself, which reads batches, holds up nobody.

use storage::{LookupError, TimeSearch, TimestampOffset};
use types::{Offset, Timestamp};

use crate::{
    Node,
    answer::{ListedOffset, PartitionError},
    partition::{Partition, lookup_error},
    request::{Isolation, ListOffsetsPartition, Position},
    slots::{Slot, State},
};

impl Node {
    /// Looks up one offset; a look-up by time may have to wait for the disk.
    ///
    /// # Errors
    /// When this node does not lead the partition, its log cannot be read, or the new leader does
    /// not know yet how much of it is replicated.
    pub fn list_offset(&self, one: &ListOffsetsPartition) -> Result<ListedOffset, PartitionError> {
        let slot = self.find_slot(&one.topic, one.partition)?;
        let lookup = Lookup { node: self, slot: &slot, one };
        match one.position {
            Position::Earliest => lookup.with(|partition| Ok(earliest(partition))),
            Position::Latest => lookup.with(|partition| latest(partition, one.isolation)),
            Position::LatestTiered | Position::EarliestPendingUpload => {
                lookup.with(|partition| readable(partition, one.isolation, None))
            }
            Position::MaxTimestamp => lookup.latest_by_time(),
            Position::At(time) => lookup.first_from(time),
        }
    }
}

struct Lookup<'a> {
    node: &'a Node,
    slot: &'a Slot,
    one: &'a ListOffsetsPartition,
}

impl Lookup<'_> {
    /// Does something to the partition, which must still be led here.
    fn with<T>(
        &self,
        work: impl FnOnce(&mut Partition) -> Result<T, PartitionError>,
    ) -> Result<T, PartitionError> {
        let mut state = self.slot.state();
        let State::Leading(partition) = &mut *state else {
            return Err(self.node.not_leading(self.slot, &state));
        };
        self.node.check_epoch(partition, self.one.current_epoch)?;
        work(partition)
    }

    fn first_from(&self, time: Timestamp) -> Result<ListedOffset, PartitionError> {
        self.learn_times()?;
        let mut after = Offset::NONE;
        loop {
            let search = self.with(|partition| {
                let search = partition.log_mut().time_search(time, after);
                search.map_err(|error| lookup_error(&error))
            })?;
            let Some(search) = search else { return self.judge(None) };
            after = search.segment();
            let found = run(&[search])?;
            if found.is_some() {
                return self.judge(found);
            }
        }
    }

    fn latest_by_time(&self) -> Result<ListedOffset, PartitionError> {
        self.learn_times()?;
        let searches = self.with(|partition| {
            let searches = partition.log_mut().latest_searches();
            searches.map_err(|error| lookup_error(&error))
        })?;
        self.judge(run(&searches)?)
    }

    fn learn_times(&self) -> Result<(), PartitionError> {
        let learn = |partition: &mut Partition| {
            partition.log_mut().learn_times().map_err(|error| lookup_error(&error))
        };
        while self.with(learn)? {}
        Ok(())
    }

    fn judge(&self, found: Option<TimestampOffset>) -> Result<ListedOffset, PartitionError> {
        self.with(|partition| readable(partition, self.one.isolation, found))
    }
}

fn run(searches: &[TimeSearch]) -> Result<Option<TimestampOffset>, PartitionError> {
    TimeSearch::latest(searches).map_err(|error: LookupError| lookup_error(&error))
}

fn earliest(partition: &Partition) -> ListedOffset {
    let offset = partition.log().start_offset();
    ListedOffset { offset, timestamp: Timestamp::NONE, epoch: partition.epoch_of(offset) }
}

/// The end of what can be read.
pub(crate) fn latest(
    partition: &mut Partition,
    isolation: Option<Isolation>,
) -> Result<ListedOffset, PartitionError> {
    check_available(partition, isolation)?;
    let offset = readable_end(partition, isolation);
    Ok(ListedOffset { offset, timestamp: Timestamp::NONE, epoch: partition.epoch() })
}

/// What was found, when it can be read.
fn readable(
    partition: &mut Partition,
    isolation: Option<Isolation>,
    found: Option<TimestampOffset>,
) -> Result<ListedOffset, PartitionError> {
    let end = readable_end(partition, isolation);
    if let Some(TimestampOffset { timestamp, offset, leader_epoch }) = found
        && offset < end
    {
        return Ok(ListedOffset { offset, timestamp, epoch: leader_epoch });
    }
    check_available(partition, isolation)?;
    Ok(ListedOffset {
        offset: Offset::NONE,
        timestamp: Timestamp::NONE,
        epoch: types::LeaderEpoch::NONE,
    })
}

fn readable_end(partition: &mut Partition, isolation: Option<Isolation>) -> Offset {
    match isolation {
        Some(isolation) => partition.readable_end(isolation),
        None => partition.log().end_offset(),
    }
}

/// A new leader whose high watermark lags behind the start of its epoch may know of less than
/// consumers have read before; they are to ask again (KIP-207).
fn check_available(
    partition: &Partition,
    isolation: Option<Isolation>,
) -> Result<(), PartitionError> {
    match isolation {
        Some(_) if partition.epoch_start() > partition.high_watermark() => {
            Err(PartitionError::OffsetNotAvailable)
        }
        Some(_) | None => Ok(()),
    }
}
