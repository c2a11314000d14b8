//! Reading a partition, and the fetches that wait for more to read.

use std::sync::Arc;

use storage::{AbortedTransaction, DiskError, LookupError, ReadError, ReadLimits};
use types::{LeaderEpoch, Offset};

use super::{Partition, PartitionEffect};
use crate::{answer::PartitionError, request::Isolation, waits::FetchWait};

/// What can be read from some offset on.
#[derive(Debug)]
pub(crate) struct Readable {
    pub(crate) records: Option<runtime::FileSlice>,
    pub(crate) aborted: Vec<AbortedTransaction>,
    pub(crate) high_watermark: Offset,
    pub(crate) last_stable: Offset,
    pub(crate) log_start: Offset,
    pub(crate) diverging: Option<(LeaderEpoch, Offset)>,
}

impl Partition {
    /// The end of what a consumer may read.
    pub(crate) fn readable_end(&mut self, isolation: Isolation) -> Offset {
        match isolation {
            Isolation::Uncommitted => self.high_watermark,
            Isolation::Committed => self.log.last_stable_offset(self.high_watermark),
        }
    }

    /// The epoch that an offset belongs to; the log learns of this leader's with the first append.
    pub(crate) fn epoch_of(&self, offset: Offset) -> LeaderEpoch {
        let known = self.log.epoch_of(offset).filter(|_| offset < self.epoch_start);
        known.unwrap_or(self.epoch)
    }

    /// Reads whole batches from the one with `offset` on, up to where the consumer may.
    pub(crate) fn read(
        &mut self,
        offset: Offset,
        last_fetched_epoch: Option<LeaderEpoch>,
        isolation: Isolation,
        bytes_max: usize,
        first_whole: bool,
    ) -> Result<Readable, PartitionError> {
        let diverging = self.divergence(offset, last_fetched_epoch)?;
        let upper = self.readable_end(isolation);
        let limits = ReadLimits { bytes_max, at_least_one_batch: first_whole, upper };
        let (mut records, mut aborted) = (None, Vec::new());
        if diverging.is_none() {
            let read = self.log.read(offset, limits).map_err(read_error)?;
            if read.slice.is_some() && isolation == Isolation::Committed {
                let found = self.log.aborted_transactions(offset, read.next_offset);
                aborted = found.map_err(disk_error)?;
            }
            records = read.slice;
        }
        Ok(Readable {
            records,
            aborted,
            high_watermark: self.high_watermark,
            last_stable: self.readable_end(Isolation::Committed),
            log_start: self.log.start_offset(),
            diverging,
        })
    }

    /// Where the log of one who has read up to `offset` in `epoch` departs from this one (KIP-595).
    fn divergence(
        &self,
        offset: Offset,
        epoch: Option<LeaderEpoch>,
    ) -> Result<Option<(LeaderEpoch, Offset)>, PartitionError> {
        let Some(epoch) = epoch else { return Ok(None) };
        let (known, end) = self.end_of_epoch(epoch).ok_or(PartitionError::OffsetOutOfRange)?;
        Ok((known < epoch || end < offset).then_some((known, end)))
    }

    /// The largest known epoch that is not above `epoch`, and where it ends.
    ///
    /// The leader's own epoch counts as begun although the log learns of it with the first append:
    /// an epoch before it, in which this log got nothing, ends where the log does.
    pub(crate) fn end_of_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        if epoch < LeaderEpoch(0) || epoch > self.epoch {
            return None;
        }
        if epoch == self.epoch {
            return Some((epoch, self.log.end_offset()));
        }
        Some(match self.log.epoch_end_offset(epoch) {
            Some(known) => (known.epoch, known.end_offset),
            None => (self.log.latest_epoch().unwrap_or(epoch), self.log.end_offset()),
        })
    }

    /// Parks a fetch that could read up to `seen`; wakes it at once when that has moved.
    pub(crate) fn park_fetch(
        &mut self,
        wait: &Arc<FetchWait>,
        seen: Offset,
        effects: &mut Vec<PartitionEffect>,
    ) {
        if self.readable_end(wait.request.isolation) != seen {
            if wait.wake() {
                effects.push(PartitionEffect::Wake(Arc::clone(wait)));
            }
            return;
        }
        self.fetches.push(Arc::clone(wait));
    }

    /// Forgets a parked fetch.
    pub(crate) fn forget_fetch(&mut self, wait: &Arc<FetchWait>) {
        self.fetches.retain(|waiting| !Arc::ptr_eq(waiting, wait));
    }

    pub(super) fn wake_fetches(
        &mut self,
        gained: usize,
        gained_stable: usize,
        effects: &mut Vec<PartitionEffect>,
    ) {
        self.fetches.retain(|wait| {
            let complete = wait.gain(match wait.request.isolation {
                Isolation::Uncommitted => gained,
                Isolation::Committed => gained_stable,
            });
            if complete {
                effects.push(PartitionEffect::Wake(Arc::clone(wait)));
            }
            !complete
        });
    }
}

/// What a failed read means to the one who asked.
pub(crate) fn read_error(error: ReadError) -> PartitionError {
    match error {
        ReadError::OutOfRange { .. } => PartitionError::OffsetOutOfRange,
        ReadError::Disk(error) => disk_error(error),
    }
}

fn disk_error(error: DiskError) -> PartitionError {
    PartitionError::Corrupt(error.to_string())
}

/// What a failed look-up means to the one who asked.
pub(crate) fn lookup_error(error: &LookupError) -> PartitionError {
    PartitionError::Corrupt(error.to_string())
}
