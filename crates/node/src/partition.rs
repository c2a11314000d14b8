//! One partition on this broker: its log, its leader's rules, the requests that wait for it.
//!
//! Never touches another partition, the metadata or the network: it is told what happened and
//! answers with effects.

mod flushes;
mod reads;

use std::{collections::VecDeque, sync::Arc};

use protocol::records::ProducedBatch;
use storage::{AppendError, CleanupPolicy, Flush, Log, LogConfig};
use types::{Instant, LeaderEpoch, Now, Offset, PlantedBug};

pub(crate) use reads::lookup_error;

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
    /// The high watermark has moved up to here, and somebody watches it.
    Written(Offset),
    /// This broker no longer leads the partition, or its log is closed.
    Resigned,
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
    /// Up to where the groups' coordinator watches the high watermark.
    watched: Offset,
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
            watched: Offset::ZERO,
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

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    pub(crate) fn high_watermark(&self) -> Offset {
        self.high_watermark
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

    /// Tells of each move of the high watermark with [`PartitionEffect::Written`] until it has
    /// reached `end`.
    pub(crate) fn watch(&mut self, end: Offset) {
        self.watched = self.watched.max(end);
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
        effects.push(PartitionEffect::Resigned);
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
        if self.watched > before {
            effects.push(PartitionEffect::Written(durable));
        }
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
}

#[cfg(test)]
mod tests;
