//! One partition on this broker: its log, its leader's rules, the requests that wait for it.
//!
//! Never touches another partition, the metadata or the network: it is told what happened and
//! answers with effects.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use protocol::records::ProducedBatch;
use storage::{
    AbortedTransaction, AppendError, CleanupPolicy, DiskError, Flush, Log, LogConfig, LookupError,
    ReadError, ReadLimits,
};
use types::{Instant, LeaderEpoch, Now, Offset, PlantedBug};

use crate::{
    answer::{DeleteRecordsError, PartitionError, ProduceError, Produced},
    request::Isolation,
    waits::{FetchWait, ProduceWait},
};

/// What a change of one partition asks for.
#[derive(Debug)]
pub(crate) enum PartitionEffect {
    /// A waiting produce has its result for this partition.
    Settled { wait: Arc<ProduceWait>, index: usize, result: Result<Produced, ProduceError> },
    /// A waiting fetch shall be looked at again.
    Wake(Arc<FetchWait>),
    /// Flush the log on another thread and report the outcome.
    Flush(Flush),
    /// Call [`Partition::flush_by_age`] then.
    FlushAt(Instant),
}

/// A partition that this broker leads.
#[derive(Debug)]
pub(crate) struct Partition {
    log: Log,
    epoch: LeaderEpoch,
    /// Where the log ended when the epoch began.
    epoch_start: Offset,
    high_watermark: Offset,
    /// The bytes that were appended since the high watermark last moved.
    bytes_waiting: usize,
    produces: VecDeque<WaitingProduce>,
    fetches: Vec<Arc<FetchWait>>,
}

#[derive(Debug)]
struct WaitingProduce {
    end: Offset,
    produced: Produced,
    wait: Arc<ProduceWait>,
    index: usize,
}

/// How an append went on.
#[derive(Debug)]
pub(crate) enum Append {
    /// It counts as acknowledged already.
    Done(Produced),
    /// It counts when the high watermark has reached `end`.
    Waits { produced: Produced, end: Offset },
}

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
    /// Takes the lead over a recovered log, whose epoch is entered with the first append. What was
    /// replicated up to `replicated`, as a checkpoint says, is so as far as the log reaches.
    pub(crate) fn lead(
        log: Log,
        epoch: LeaderEpoch,
        replicated: Offset,
        now: Instant,
        effects: &mut Vec<PartitionEffect>,
    ) -> Box<Partition> {
        let high_watermark = replicated.min(log.end_offset()).max(log.start_offset());
        let mut partition = Box::new(Partition {
            epoch_start: log.end_offset(),
            log,
            epoch,
            high_watermark,
            bytes_waiting: 0,
            produces: VecDeque::new(),
            fetches: Vec::new(),
        });
        partition.advance(now, effects);
        partition
    }

    /// Lets go of the log; everything that waits must have been told by [`Partition::resign`].
    pub(crate) fn into_log(self) -> Log {
        assert!(self.produces.is_empty() && self.fetches.is_empty(), "nobody waits any more");
        self.log
    }

    pub(crate) fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// Where the log ended when this leader's epoch began.
    pub(crate) fn epoch_start(&self) -> Offset {
        self.epoch_start
    }

    /// The epoch that an offset belongs to; the log learns of this leader's with the first append.
    pub(crate) fn epoch_of(&self, offset: Offset) -> LeaderEpoch {
        let known = self.log.epoch_of(offset).filter(|_| offset < self.epoch_start);
        known.unwrap_or(self.epoch)
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    pub(crate) fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// The end of what a consumer may read.
    pub(crate) fn readable_end(&mut self, isolation: Isolation) -> Offset {
        match isolation {
            Isolation::Uncommitted => self.high_watermark,
            Isolation::Committed => self.log.last_stable_offset(self.high_watermark),
        }
    }

    /// Goes on leading in a newer epoch.
    pub(crate) fn begin_epoch(&mut self, epoch: LeaderEpoch) {
        assert!(epoch >= self.epoch, "leader epochs only grow");
        if epoch > self.epoch {
            (self.epoch, self.epoch_start) = (epoch, self.log.end_offset());
        }
    }

    /// Appends a batch.
    pub(crate) fn append(
        &mut self,
        now: Now,
        batch: ProducedBatch,
        effects: &mut Vec<PartitionEffect>,
    ) -> Result<Append, AppendError> {
        let (size, was_clean) = (batch.size(), self.log.flushed_end() == self.log.end_offset());
        let base_offset = self.log.end_offset();
        let appended = match self.log.append_as_leader(batch, self.epoch, now) {
            Err(AppendError::Disk(_) | AppendError::Full(_))
                if PlantedBug::AcknowledgeBeforeWrite.is_planted() =>
            {
                let log_start = self.log.start_offset();
                return Ok(Append::Done(Produced {
                    base_offset,
                    log_append_time: None,
                    log_start,
                }));
            }
            appended => appended?,
        };
        self.bytes_waiting += size;
        if was_clean {
            self.ask_for_flush_by_age(now.instant, effects);
        }
        self.advance(now.instant, effects);
        let produced = Produced {
            base_offset: appended.base_offset,
            log_append_time: appended.log_append_time,
            log_start: self.log.start_offset(),
        };
        let end = appended.last_offset.next();
        Ok(if end <= self.high_watermark {
            Append::Done(produced)
        } else {
            Append::Waits { produced, end }
        })
    }

    /// Takes away what lies before an offset, which is the high watermark when it is
    /// [`Offset::NONE`]; returns where the log starts.
    pub(crate) fn delete_records(&mut self, before: Offset) -> Result<Offset, DeleteRecordsError> {
        if self.log.closed().is_some() {
            return Err(PartitionError::StorageFailed.into());
        }
        if self.log.config().cleanup_policy == CleanupPolicy::COMPACT {
            return Err(DeleteRecordsError::Policy);
        }
        let before = if before == Offset::NONE { self.high_watermark } else { before };
        if before < Offset::ZERO || before > self.high_watermark {
            return Err(PartitionError::OffsetOutOfRange.into());
        }
        self.log.advance_start_offset(before);
        Ok(self.log.start_offset())
    }

    /// Parks a produce until the high watermark has reached `end`.
    pub(crate) fn park_produce(
        &mut self,
        end: Offset,
        produced: Produced,
        wait: Arc<ProduceWait>,
        index: usize,
    ) {
        assert!(end > self.high_watermark, "what is acknowledged already does not wait");
        self.produces.push_back(WaitingProduce { end, produced, wait, index });
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

    /// Goes by another configuration: what is not flushed yet may be due sooner, and what waits for
    /// a flush may no longer have to.
    pub(crate) fn set_config(
        &mut self,
        now: Instant,
        config: Arc<LogConfig>,
        effects: &mut Vec<PartitionEffect>,
    ) {
        self.log.set_config(config);
        if self.log.flushed_end() < self.log.end_offset() {
            self.ask_for_flush_by_age(now, effects);
        }
        self.advance(now, effects);
    }

    /// A flush came to its end: what it covered is durable, or the log is closed.
    pub(crate) fn finish_flush(
        &mut self,
        now: Instant,
        flush: &Flush,
        outcome: io::Result<()>,
        effects: &mut Vec<PartitionEffect>,
    ) {
        match self.log.finish_flush(flush, outcome, now) {
            Ok(_) => self.advance(now, effects),
            Err(_) => self.fail(effects),
        }
    }

    /// What was appended first since the last flush is now as old as `flush.ms` allows.
    pub(crate) fn flush_by_age(&mut self, now: Instant, effects: &mut Vec<PartitionEffect>) {
        if self.log.flush_due(now) {
            self.flush(effects);
        } else if self.log.flushed_end() < self.log.end_offset() {
            self.ask_for_flush_by_age(now, effects);
        }
    }

    fn ask_for_flush_by_age(&self, now: Instant, effects: &mut Vec<PartitionEffect>) {
        let age_ms_max = self.log.config().flush_ms;
        if let Ok(age_ms_max) = u64::try_from(age_ms_max)
            && age_ms_max < u64::MAX >> 1
        {
            effects.push(PartitionEffect::FlushAt(now.after(Duration::from_millis(age_ms_max))));
        }
    }

    /// Begins a flush of all that is not durable, whatever the configuration says.
    pub(crate) fn flush(&mut self, effects: &mut Vec<PartitionEffect>) {
        match self.log.begin_flush() {
            Ok(Some(flush)) => effects.push(PartitionEffect::Flush(flush)),
            Ok(None) => {}
            Err(_) => self.fail(effects),
        }
    }

    /// Settles and wakes everything that waits: this broker no longer leads.
    pub(crate) fn resign(&mut self, error: &ProduceError, effects: &mut Vec<PartitionEffect>) {
        for WaitingProduce { wait, index, .. } in self.produces.drain(..) {
            effects.push(PartitionEffect::Settled { wait, index, result: Err(error.clone()) });
        }
        for wait in self.fetches.drain(..) {
            if wait.wake() {
                effects.push(PartitionEffect::Wake(wait));
            }
        }
    }

    /// The log is closed, and has said so.
    pub(crate) fn fail(&mut self, effects: &mut Vec<PartitionEffect>) {
        self.resign(&ProduceError::Partition(PartitionError::StorageFailed), effects);
    }

    /// Moves the high watermark to what counts as durable, and says so to those who wait.
    fn advance(&mut self, now: Instant, effects: &mut Vec<PartitionEffect>) {
        if self.log.flush_due(now) {
            self.flush(effects);
        }
        let durable = self.durable_end();
        if durable <= self.high_watermark {
            return;
        }
        let gained = std::mem::take(&mut self.bytes_waiting);
        let before = self.high_watermark;
        let stable_before = self.readable_end(Isolation::Committed);
        self.high_watermark = durable;
        assert!(self.high_watermark <= self.log.end_offset(), "nothing is readable past the end");
        let stable = self.readable_end(Isolation::Committed);
        let gained_stable = match stable {
            _ if stable == stable_before => 0,
            _ if stable_before == before && stable == durable => gained,
            // A transaction has ended: how many bytes that makes readable is for a read to find out.
            _ => usize::MAX,
        };
        self.settle_produces(effects);
        self.wake_fetches(gained, gained_stable, effects);
    }

    /// The end of what may be acknowledged. Alone in the in-sync set, a leader acknowledges what it
    /// has appended, or, where `flush.messages` is 1, what it has flushed.
    fn durable_end(&self) -> Offset {
        let flushes = self.log.config().flush_messages == 1;
        if flushes && !PlantedBug::AcknowledgeBeforeFlush.is_planted() {
            self.log.flushed_end()
        } else {
            self.log.end_offset()
        }
    }

    fn settle_produces(&mut self, effects: &mut Vec<PartitionEffect>) {
        while let Some(first) = self.produces.front()
            && first.end <= self.high_watermark
        {
            let WaitingProduce { produced, wait, index, .. } =
                self.produces.pop_front().expect("the front was just looked at");
            effects.push(PartitionEffect::Settled { wait, index, result: Ok(produced) });
        }
    }

    fn wake_fetches(
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

#[cfg(test)]
mod tests;
