//! What a shard asks for: its records go to the log of its partition, its answers to their senders.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use coordinator::{Effect, Record, Write, WriteError};
use protocol::records::{BatchBuilder, BatchError, ProducedBatch};
use storage::AppendError;
use types::{Now, Offset};

use super::{
    answered,
    seat::{Fate, Seat, Serving},
};
use crate::{
    Node,
    effect::{Effects, Ticket},
    partition::{Append, PartitionEffect},
    slots::{Slot, State},
};

/// No batch is built that could not be one: the topic allows far less.
const BATCH_BYTES_MAX: usize = 1 << 30;

/// One look at a shard, from the first thing that happens to the last that follows.
pub(super) struct Visit<'a> {
    node: &'a Node,
    now: Now,
    seat: &'a Arc<Seat>,
    of_partition: Vec<PartitionEffect>,
    effects: &'a mut Effects,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        node: &'a Node,
        now: Now,
        seat: &'a Arc<Seat>,
        effects: &'a mut Effects,
    ) -> Visit<'a> {
        Visit { node, now, seat, of_partition: Vec::new(), effects }
    }

    /// Carries out what the shard asks for and tells it of its writes, until there is nothing left
    /// that can be done now.
    /// What happened to the partition is to be routed when the shard is free again.
    #[must_use]
    pub(super) fn carry_out(
        mut self,
        serving: &mut Serving,
        asked: coordinator::Effects,
    ) -> Vec<PartitionEffect> {
        let mut asked = VecDeque::from(asked);
        loop {
            while let Some(one) = asked.pop_front() {
                match one {
                    Effect::Answer { ticket, answer } => {
                        self.effects.push(answered(Ticket(ticket.0), answer));
                    }
                    Effect::Write { write, records } => self.write(serving, write, &records),
                }
            }
            let Some((write, outcome)) = serving.next_outcome(self.now.instant) else { break };
            let mut more = coordinator::Effects::new();
            serving.shard.written(self.now, write, outcome, &mut more);
            asked.extend(more);
        }
        self.node.note_timer(self.seat, serving, self.effects);
        self.of_partition
    }

    fn write(&mut self, serving: &mut Serving, write: Write, records: &[Record]) {
        let fate = match self.append(serving, records) {
            Ok(end) => {
                let deadline =
                    self.now.instant.after(self.node.coordinators.settings.write_timeout);
                Fate::Appended { end, deadline }
            }
            Err(error) => Fate::Refused(error),
        };
        serving.note(write, fate);
    }

    /// Appends records as one batch; the offset behind it.
    fn append(&mut self, serving: &mut Serving, records: &[Record]) -> Result<Offset, WriteError> {
        let slot = &self.seat.slot;
        let batch = self.batch(slot, records)?;
        let (count, bytes) = (records.len() as u64, batch.size());
        let appended = {
            let mut state = slot.state();
            let State::Leading(partition) = &mut *state else { return Err(WriteError::NotLeader) };
            let appended = partition.append(self.now, batch, &mut self.of_partition);
            if let Ok(Append::Waits { end, .. }) = &appended {
                partition.watch(*end);
            }
            if appended.is_err() && partition.log().closed().is_some() {
                partition.fail(&mut self.of_partition);
            }
            serving.advance(partition.high_watermark());
            appended.map(|_| partition.log().end_offset())
        };
        slot.traffic.produced(count, bytes, appended.is_ok());
        appended.map_err(write_error)
    }

    fn batch(&self, slot: &Slot, records: &[Record]) -> Result<ProducedBatch, WriteError> {
        let size = |record: &Record| record.key.len() + record.value.as_ref().map_or(0, Bytes::len);
        if records.iter().map(size).sum::<usize>() > BATCH_BYTES_MAX {
            return Err(WriteError::TooLarge);
        }
        let compression = slot.rules(true).compression;
        let mut batch =
            BatchBuilder::new(compression.unwrap_or(self.node.coordinators.settings.compression));
        for Record { key, value } in records {
            batch.push(self.now.wall, Some(key), value.as_deref(), &[]);
        }
        ProducedBatch::trusted(&batch.build())
            .map_err(|error: BatchError| WriteError::Other(error.to_string()))
    }
}

fn write_error(error: AppendError) -> WriteError {
    match error {
        AppendError::Full(_) => WriteError::NotNow,
        AppendError::Closed(_) | AppendError::Disk(_) => WriteError::NotLeader,
        AppendError::BatchTooLarge { .. } | AppendError::ExceedsSegment { .. } => {
            WriteError::TooLarge
        }
        AppendError::Producer(_)
        | AppendError::Invalid(_)
        | AppendError::Checksum(_)
        | AppendError::OutOfOrder { .. } => WriteError::Other(error.to_string()),
    }
}
