//! Produce: from checked batches to acknowledgements.

use std::sync::Arc;

use protocol::records::{InvalidBatch, ProducedBatch, validate_produced};
use storage::{AppendError, ProducerError};
use types::{Now, Offset, PartitionIndex};

use crate::{
    Node,
    answer::{Answer, PartitionError, ProduceError, Produced},
    effect::{Effect, Effects, Ticket},
    partition::Append,
    request::{Produce, ProducePartition, TopicRef},
    slots::{Slot, State},
    waits::ProduceWait,
};

type ProduceResult = Result<Produced, ProduceError>;

impl Node {
    /// Appends batches and answers when they count as acknowledged.
    pub fn produce(&self, now: Now, ticket: Ticket, request: Produce, effects: &mut Effects) {
        let mut submission = Submission {
            node: self,
            now,
            wait: None,
            ticket,
            deadline: now.instant.after(request.timeout),
            partitions: request.partitions.len(),
            zstd_allowed: request.zstd_allowed,
            internal_allowed: request.internal_allowed,
        };
        let mut known = Vec::with_capacity(request.partitions.len());
        for (index, one) in request.partitions.into_iter().enumerate() {
            known.push(submission.append(index, one, effects));
        }
        submission.answer_or_park(known, effects);
    }

    /// Where the log of a partition begins.
    ///
    /// # Errors
    /// When this node does not lead the partition.
    pub fn log_start(
        &self,
        topic: &TopicRef,
        partition: PartitionIndex,
    ) -> Result<Offset, PartitionError> {
        let slot = self.find_slot(topic, partition)?;
        let state = slot.state();
        match &*state {
            State::Leading(partition) => Ok(partition.log().start_offset()),
            State::Away | State::Idle(_) | State::Failed => Err(self.not_leading(&slot, &state)),
        }
    }

    /// Answers a produce that waited too long; what it appended stays.
    pub(crate) fn expire_produce(&self, ticket: Ticket, effects: &mut Effects) {
        let wait = self.parked_produces().remove(&ticket);
        if let Some(answer) = wait.and_then(|wait| wait.expire()) {
            effects.push(Effect::Answer { ticket, answer: Answer::Produce(answer) });
        }
    }

    /// Records that a waiting produce has the result of one partition.
    pub(crate) fn settle_produce(
        &self,
        wait: &ProduceWait,
        index: usize,
        result: ProduceResult,
        effects: &mut Effects,
    ) {
        if let Some(answer) = wait.settle(index, result) {
            self.parked_produces().remove(&wait.ticket);
            self.deadlines.remove(wait.deadline, wait.ticket);
            let ticket = wait.ticket;
            effects.push(Effect::Answer { ticket, answer: Answer::Produce(answer) });
        }
    }
}

/// A produce request on its way through its partitions.
struct Submission<'a> {
    node: &'a Node,
    now: Now,
    ticket: Ticket,
    deadline: types::Instant,
    partitions: usize,
    zstd_allowed: bool,
    internal_allowed: bool,
    /// Made for the first partition that does not acknowledge at once.
    wait: Option<Arc<ProduceWait>>,
}

impl Submission<'_> {
    /// Appends one batch; none when it has to wait for its acknowledgement.
    fn append(
        &mut self,
        index: usize,
        one: ProducePartition,
        effects: &mut Effects,
    ) -> Option<ProduceResult> {
        match self.try_append(index, one, effects) {
            Ok(None) => None,
            Ok(Some(produced)) => Some(Ok(produced)),
            Err(error) => Some(Err(error)),
        }
    }

    fn try_append(
        &mut self,
        index: usize,
        one: ProducePartition,
        effects: &mut Effects,
    ) -> Result<Option<Produced>, ProduceError> {
        let slot = self.node.find_slot(&one.topic, one.partition)?;
        if slot.name.topic.is_internal() && !self.internal_allowed {
            return Err(ProduceError::InternalTopic(slot.name.topic.clone()));
        }
        // Checked before the lock is taken: it may mean to decompress the batch.
        let rules = slot.rules(self.zstd_allowed);
        let outcome = match validate_produced(one.records, &rules, self.now.wall) {
            Ok(batch) => self.append_counted(index, &slot, batch, effects),
            Err(error) => Err(error.into()),
        };
        if outcome.is_err() {
            slot.traffic.produced(0, 0, false);
        }
        outcome
    }

    fn append_counted(
        &mut self,
        index: usize,
        slot: &Arc<Slot>,
        batch: ProducedBatch,
        effects: &mut Effects,
    ) -> Result<Option<Produced>, ProduceError> {
        let records = u64::try_from(batch.header().count()).unwrap_or_default();
        let bytes = batch.size();
        let produced = self.append_checked(index, slot, batch, effects)?;
        slot.traffic.produced(records, bytes, true);
        Ok(produced)
    }

    fn append_checked(
        &mut self,
        index: usize,
        slot: &Arc<Slot>,
        batch: ProducedBatch,
        effects: &mut Effects,
    ) -> Result<Option<Produced>, ProduceError> {
        let mut asked = Vec::new();
        let outcome = {
            let mut state = slot.state();
            let State::Leading(partition) = &mut *state else {
                return Err(self.node.not_leading(slot, &state).into());
            };
            match partition.append(self.now, batch, &mut asked) {
                Ok(Append::Done(produced)) => Ok(Some(produced)),
                Ok(Append::Waits { produced, end }) => {
                    let wait = self.wait();
                    partition.park_produce(end, produced, wait, index);
                    Ok(None)
                }
                Err(error) => Err(produce_error(error)),
            }
        };
        self.node.route(self.now, slot, asked, effects);
        outcome
    }

    fn wait(&mut self) -> Arc<ProduceWait> {
        let (ticket, deadline, partitions) = (self.ticket, self.deadline, self.partitions);
        let make = || Arc::new(ProduceWait::new(ticket, deadline, partitions));
        Arc::clone(self.wait.get_or_insert_with(make))
    }

    fn answer_or_park(self, known: Vec<Option<ProduceResult>>, effects: &mut Effects) {
        let Some(wait) = self.wait else {
            let results = known.into_iter().flatten().collect();
            effects.push(Effect::Answer { ticket: self.ticket, answer: Answer::Produce(results) });
            return;
        };
        self.node.deadlines.add(self.deadline, self.ticket, effects);
        self.node.parked_produces().insert(self.ticket, Arc::clone(&wait));
        for (index, result) in known.into_iter().enumerate() {
            if let Some(result) = result {
                self.node.settle_produce(&wait, index, result, effects);
            }
        }
        // The flushes may have been quicker than this thread.
        if wait.is_answered() {
            self.node.cancel(self.ticket);
        }
    }
}

fn produce_error(error: AppendError) -> ProduceError {
    match error {
        AppendError::Producer(ProducerError::StaleEpoch { .. }) => {
            ProduceError::InvalidProducerEpoch(error.to_string())
        }
        AppendError::Producer(ProducerError::OutOfOrder { .. }) => {
            ProduceError::OutOfOrderSequence(error.to_string())
        }
        AppendError::Producer(ProducerError::OutsideTransaction(_)) => {
            ProduceError::OutsideTransaction(error.to_string())
        }
        AppendError::Closed(_) => PartitionError::StorageFailed.into(),
        AppendError::Invalid(error) => InvalidBatch::Batch(error).into(),
        AppendError::BatchTooLarge { size, limit } => {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            InvalidBatch::TooLarge { size, limit }.into()
        }
        AppendError::ExceedsSegment { .. } => ProduceError::ExceedsSegment(error.to_string()),
        AppendError::Checksum(_) => InvalidBatch::Checksum.into(),
        // Only followers take offsets from others, and only coordinators end transactions.
        AppendError::OutOfOrder { .. }
        | AppendError::Producer(ProducerError::FencedCoordinator { .. })
        | AppendError::Full(_)
        | AppendError::Disk(_) => ProduceError::Disk(error.to_string()),
    }
}
