//! DeleteRecords: the beginning of logs is taken away, for good.
//!
//! The new starts are written down, durably, before anybody is told: what was deleted does not come
//! back, whenever the process dies. One write serves all requests that wait for it.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use storage::PartitionOffsets;
use types::{Instant, Now, Offset, PlantedBug, TopicPartition};

use crate::{
    Node,
    answer::{Answer, DeleteRecordsError, PartitionError},
    checkpoint::Kind,
    checkpoints,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    request::{DeleteRecords, DeleteRecordsPartition},
    slots::{Slot, Slots, State},
};

/// Kafka, which writes nothing before it answers, needs no time at all for its own log: the disk
/// gets at least this much, whatever time limit the request brings.
const DISK_TIME: Duration = Duration::from_secs(1);

type Outcome = Result<Offset, DeleteRecordsError>;

/// Requests whose new starts are not written down yet.
#[derive(Debug, Default)]
pub(crate) struct Deletions(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    /// Those of the write that is on its way.
    writing: Option<Vec<Deletion>>,
    /// Those for the next one.
    waiting: Vec<Deletion>,
}

#[derive(Debug)]
struct Deletion {
    ticket: Ticket,
    deadline: Instant,
    outcomes: Vec<Outcome>,
    starts: Vec<(Arc<Slot>, Offset)>,
}

impl Deletions {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().expect("no thread panics while it holds the deletions")
    }
}

impl Node {
    /// Deletes records; answers when that is on disk.
    pub fn delete_records(
        &self,
        now: Now,
        ticket: Ticket,
        request: &DeleteRecords,
        effects: &mut Effects,
    ) {
        let (mut outcomes, mut starts) = (Vec::new(), Vec::new());
        for one in &request.partitions {
            let outcome = self.delete_from(one);
            outcomes.push(outcome.map(|(slot, low_watermark)| {
                starts.push((slot, low_watermark));
                low_watermark
            }));
        }
        if starts.is_empty() || PlantedBug::DeleteBeforeFlush.is_planted() {
            let answer = Answer::DeleteRecords(outcomes);
            return effects.push(Effect::Answer { ticket, answer });
        }
        let deadline = now.instant.after(request.timeout.max(DISK_TIME));
        self.deadlines.add(deadline, ticket, effects);
        self.deletions.queue().waiting.push(Deletion { ticket, deadline, outcomes, starts });
        self.write_starts(effects);
    }

    fn delete_from(
        &self,
        one: &DeleteRecordsPartition,
    ) -> Result<(Arc<Slot>, Offset), DeleteRecordsError> {
        let slot = self.find_slot(&one.topic, one.partition)?;
        if slot.name.topic.is_internal() {
            return Err(DeleteRecordsError::InternalTopic);
        }
        let low_watermark = {
            let mut state = slot.state();
            let State::Leading(partition) = &mut *state else {
                return Err(self.not_leading(&slot, &state).into());
            };
            partition.delete_records(one.before)?
        };
        Ok((slot, low_watermark))
    }

    /// Begins the next write, unless one is on its way or nobody waits.
    fn write_starts(&self, effects: &mut Effects) {
        let mut queue = self.deletions.queue();
        if queue.writing.is_some() || queue.waiting.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut queue.waiting);
        let starts: Vec<_> = batch.iter().flat_map(|one| one.starts.iter().cloned()).collect();
        queue.writing = Some(batch);
        let (folder, slots) = (Arc::clone(&self.folder), Arc::clone(&self.slots));
        effects.push(Effect::Run(Job::new(Lane::Data, "write log starts", move || {
            let outcome = folder.update_checkpoint(Kind::LogStarts, |written, unopened| {
                with_starts(written, unopened, &slots, &starts)
            });
            Completion(Finished::StartsWritten(outcome.map_err(|error| error.to_string())))
        })));
    }

    /// The write that was on its way is done.
    pub(crate) fn starts_written(&self, outcome: &Result<(), String>, effects: &mut Effects) {
        if let Err(error) = outcome {
            tracing::error!(error, "failed to write down where logs start");
        }
        let done = self.deletions.queue().writing.take().unwrap_or_default();
        for Deletion { ticket, deadline, mut outcomes, .. } in done {
            if let Err(error) = outcome {
                let failed = |_| Err(DeleteRecordsError::Disk(error.clone()));
                outcomes = outcomes.into_iter().map(|one| one.and_then(failed)).collect();
            }
            self.deadlines.remove(deadline, ticket);
            effects.push(Effect::Answer { ticket, answer: Answer::DeleteRecords(outcomes) });
        }
        self.write_starts(effects);
    }

    /// Answers a request that waited too long; what it deleted stays deleted.
    pub(crate) fn expire_deletion(&self, ticket: Ticket, effects: &mut Effects) {
        let Some(Deletion { outcomes, .. }) = self.deletions.queue().take(ticket) else { return };
        let timed_out =
            |low_watermark| -> Outcome { Err(DeleteRecordsError::TimedOut { low_watermark }) };
        let outcomes = outcomes.into_iter().map(|one| one.and_then(timed_out)).collect();
        effects.push(Effect::Answer { ticket, answer: Answer::DeleteRecords(outcomes) });
    }
}

impl Queue {
    fn take(&mut self, ticket: Ticket) -> Option<Deletion> {
        let of = |batch: &mut Vec<Deletion>| {
            let index = batch.iter().position(|one| one.ticket == ticket)?;
            Some(batch.remove(index))
        };
        of(&mut self.waiting).or_else(|| self.writing.as_mut().and_then(of))
    }
}

/// What the checkpoint shall say; also of logs that were let go since their start was moved, unless
/// their topics were deleted.
fn with_starts(
    written: &PartitionOffsets,
    unopened: &[TopicPartition],
    slots: &Slots,
    starts: &[(Arc<Slot>, Offset)],
) -> PartitionOffsets {
    let mut offsets = checkpoints::collect(Kind::LogStarts, written, unopened, slots);
    for (slot, start) in starts {
        let is_closed = matches!(&*slot.state(), State::Away | State::Failed);
        if is_closed && slots.find(slot.id).is_some() {
            let noted = offsets.entry(slot.name.clone()).or_insert(*start);
            *noted = (*noted).max(*start);
        }
    }
    offsets
}

impl From<PartitionError> for DeleteRecordsError {
    fn from(error: PartitionError) -> DeleteRecordsError {
        DeleteRecordsError::Partition(error)
    }
}
