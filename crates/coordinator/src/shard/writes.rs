//! What is asked to be written, and what becomes of it.

use types::Now;

use super::{Shard, batch::Batch};
use crate::{
    Effect, Effects, GroupError, Ticket, Write, WriteError, answer::Answer, groups::GroupNumber,
    records::GroupRecord,
};

/// A write that was asked for and not reported yet.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub(super) write: Write,
    pub(super) records: Vec<GroupRecord>,
    pub(super) then: Then,
}

/// What a write is for.
#[derive(Debug)]
pub(super) enum Then {
    /// A group's members are written down.
    Members(GroupNumber),
    /// Offsets are committed; whoever did it is told which of them.
    Commit { group: GroupNumber, ticket: Ticket, results: Vec<Result<(), GroupError>> },
    /// Offsets are forgotten; whoever asked for it is told which of them.
    DeleteOffsets { group: GroupNumber, ticket: Ticket, results: Vec<Result<(), GroupError>> },
    /// A group is forgotten, one bit after the other.
    DeleteGroup { group: GroupNumber, ticket: Ticket, is_last: bool },
    /// What has had its time is forgotten.
    Sweep,
}

impl Then {
    /// The group that must exist until the write is reported.
    fn group(&self) -> Option<GroupNumber> {
        match self {
            Then::Members(group)
            | Then::Commit { group, .. }
            | Then::DeleteOffsets { group, .. }
            | Then::DeleteGroup { group, .. } => Some(*group),
            Then::Sweep => None,
        }
    }

    /// What to tell when the write will never be there; nothing where no request waits for it
    /// alone.
    pub(super) fn failed(self, error: &GroupError) -> Option<Effect> {
        let (ticket, answer) = match self {
            Then::Commit { ticket, results, .. } => {
                let results = results.into_iter();
                let results = results.map(|it| it.and_then(|()| Err(error.clone())));
                (ticket, Answer::Commit(results.collect()))
            }
            Then::DeleteOffsets { ticket, .. } => {
                (ticket, Answer::DeleteOffsets(Err(error.clone())))
            }
            Then::DeleteGroup { ticket, .. } => (ticket, Answer::DeleteGroup(Err(error.clone()))),
            Then::Members(_) | Then::Sweep => return None,
        };
        Some(Effect::Answer { ticket, answer })
    }

    /// What a client is told of the error: Kafka's choice.
    fn refusal(&self, error: WriteError) -> GroupError {
        match error {
            WriteError::NotLeader => GroupError::NotCoordinator,
            WriteError::NotNow => GroupError::NotAvailable,
            WriteError::TooLarge if matches!(self, Then::Commit { .. }) => {
                GroupError::CommitTooLarge
            }
            WriteError::TooLarge => GroupError::Refused(WriteError::TooLarge.to_string()),
            WriteError::Other(reason) => GroupError::Refused(reason),
        }
    }
}

impl Shard {
    /// A write is in the log, below the high watermark, or never will be. Writes are reported in
    /// the order in which they were asked for.
    ///
    /// # Panics
    /// When it is another one's turn.
    pub fn written(
        &mut self,
        now: Now,
        write: Write,
        result: Result<(), WriteError>,
        effects: &mut Effects,
    ) {
        let first = self.under_way.pop_front().expect("only what was asked for is reported");
        assert_eq!(first.write, write, "writes are reported in their order");
        if let Some(group) = first.then.group() {
            self.groups.get_mut(group).writes -= 1;
        }
        match (first.then, result) {
            (Then::Members(group), result) => {
                self.members_written(now, group, write, result, effects);
            }
            (then, Ok(())) => {
                for record in first.records {
                    self.apply(record);
                }
                self.succeeded(then, effects);
            }
            (then, Err(error)) => {
                let error = then.refusal(error);
                self.failed(now, &first.records, then, &error, effects);
            }
        }
    }

    /// Asks for a batch to be written.
    pub(super) fn write(&mut self, batch: Batch, then: Then, effects: &mut Effects) -> Write {
        let write = self.writes.draw();
        self.write_as(write, batch, then, effects);
        write
    }

    /// Asks for a batch to be written under a name that was drawn before.
    pub(super) fn write_as(
        &mut self,
        write: Write,
        batch: Batch,
        then: Then,
        effects: &mut Effects,
    ) {
        assert!(!batch.is_empty(), "a write has records");
        if let Some(group) = then.group() {
            self.groups.get_mut(group).writes += 1;
        }
        effects.push(Effect::Write { write, records: batch.encoded });
        self.under_way.push_back(UnderWay { write, records: batch.records, then });
    }

    fn succeeded(&mut self, then: Then, effects: &mut Effects) {
        match then {
            Then::Commit { ticket, results, .. } => {
                effects.push(Effect::Answer { ticket, answer: Answer::Commit(results) });
            }
            Then::DeleteOffsets { ticket, results, .. } => {
                let answer = Answer::DeleteOffsets(Ok(results));
                effects.push(Effect::Answer { ticket, answer });
            }
            Then::DeleteGroup { group, ticket, is_last: false } => {
                self.delete_next_of(group, ticket, effects);
            }
            Then::DeleteGroup { ticket, is_last: true, .. } => {
                effects.push(Effect::Answer { ticket, answer: Answer::DeleteGroup(Ok(())) });
            }
            Then::Sweep => self.sweep.proceed(),
            Then::Members(_) => {}
        }
    }

    fn failed(
        &mut self,
        now: Now,
        records: &[GroupRecord],
        then: Then,
        error: &GroupError,
        effects: &mut Effects,
    ) {
        for record in records {
            self.stays(record);
        }
        match &then {
            Then::DeleteGroup { group, .. } => self.groups.get_mut(*group).is_ending = false,
            Then::Sweep => self.sweep.retreat(now.instant),
            Then::Members(_) | Then::Commit { .. } | Then::DeleteOffsets { .. } => {}
        }
        if let Some(group) = then.group() {
            self.drop_if_gone(group);
        }
        effects.extend(then.failed(error));
    }

    /// A record that says that a group is gone will never be in the log.
    fn stays(&mut self, record: &GroupRecord) {
        let GroupRecord::Group(key, None) = record else { return };
        if let Some(number) = self.groups.number(&key.group) {
            self.groups.get_mut(number).is_ending = false;
        }
    }

    /// Forgets a group of which nothing is left.
    pub(super) fn drop_if_gone(&mut self, number: GroupNumber) {
        let group = self.groups.get(number);
        let is_used = group.is_written || group.membership.is_some() || group.writes > 0;
        if !is_used && !group.is_ending && self.offsets.has_none_of(number) {
            self.groups.remove(number);
        }
    }
}
