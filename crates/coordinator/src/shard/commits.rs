//! Committing offsets.

use types::{Now, Timestamp, Uuid};

use super::{Shard, batch::Batch, writes::Then};
use crate::{
    Effect, Effects, Generation, GroupError, Ticket,
    answer::Answer,
    group::Membership,
    records::{GroupRecord, OffsetCommitKey, OffsetCommitValue},
    request::{Commit, CommitOffset},
};

/// "Never", in the record of an offset.
const NO_EXPIRY: Timestamp = Timestamp(-1);

impl Shard {
    pub(super) fn commit(
        &mut self,
        now: Now,
        ticket: Ticket,
        commit: Commit,
        effects: &mut Effects,
    ) {
        if let Err(error) = self.may_commit(now, &commit) {
            let results = commit.offsets.iter().map(|_| Err(error.clone())).collect();
            effects.push(Effect::Answer { ticket, answer: Answer::Commit(results) });
            return;
        }
        let expires_at = commit.retention.map_or(NO_EXPIRY, |retention| {
            let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
            Timestamp(now.wall.0.saturating_add(retention))
        });
        let mut batch = Batch::default();
        let mut results = Vec::new();
        for offset in commit.offsets {
            results.push(if self.is_too_long(&offset.metadata) {
                Err(GroupError::OffsetMetadataTooLarge)
            } else {
                let record = record(&commit.group.0, offset, expires_at);
                batch.push(record).map_err(|_| GroupError::CommitTooLarge)
            });
        }
        if batch.is_empty() {
            effects.push(Effect::Answer { ticket, answer: Answer::Commit(results) });
            return;
        }
        let group = self.groups.number_or_new(&commit.group.0);
        self.write(batch, Then::Commit { group, ticket, results }, effects);
    }

    /// Whether the caller may commit: for a group that does not exist, whoever is no member of one.
    fn may_commit(&mut self, now: Now, commit: &Commit) -> Result<(), GroupError> {
        self.is_not_ending(&commit.group.0)?;
        match self.groups.number(&commit.group.0) {
            Some(number) => {
                let result = match &mut self.groups.get_mut(number).membership {
                    Some(members) => members.check_commit(&commit.caller, now.instant),
                    None => Membership::new(now.wall).check_commit(&commit.caller, now.instant),
                };
                self.groups.set_timer(number);
                result
            }
            None if commit.caller.generation < Generation(0) => Ok(()),
            None => Err(GroupError::GroupNotFound),
        }
    }

    /// Kafka counts a text's units of UTF-16, of which there are never more than bytes.
    fn is_too_long(&self, metadata: &str) -> bool {
        let max = self.config.offset_metadata_bytes_max;
        metadata.len() > max && metadata.encode_utf16().count() > max
    }
}

fn record(group: &str, offset: CommitOffset, expires_at: Timestamp) -> GroupRecord {
    let key = OffsetCommitKey {
        group: group.into(),
        topic: offset.partition.topic,
        partition: offset.partition.partition.0,
    };
    let value = OffsetCommitValue {
        offset: offset.offset.0,
        leader_epoch: offset.leader_epoch.0,
        metadata: offset.metadata,
        commit_timestamp: offset.committed_at.0,
        expire_timestamp: expires_at.0,
        topic_id: offset.topic_id.map_or(Uuid::ZERO, |id| id.0),
    };
    GroupRecord::Offset(key, Some(value))
}
