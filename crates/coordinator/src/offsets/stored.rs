//! A committed offset as it is kept.

use std::time::Duration;

use bytestring::ByteString;
use types::{LeaderEpoch, Offset, Timestamp, TopicId, Uuid};

use crate::{answer::CommittedOffset, records::OffsetCommitValue};

/// A committed offset, small where its client left nothing with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) offset: Offset,
    committed_at: Timestamp,
    /// [`Uuid::ZERO`] where it is not known.
    topic_id: TopicId,
    leader_epoch: LeaderEpoch,
    extra: Option<Box<Extra>>,
}

/// What most offsets go without.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Extra {
    metadata: Box<str>,
    expires_at: Option<Timestamp>,
}

impl Stored {
    /// The offset that a record says.
    pub(crate) fn read(record: &OffsetCommitValue) -> Stored {
        let expires_at = (record.expire_timestamp != -1).then_some(record.expire_timestamp.into());
        let has_extra = expires_at.is_some() || !record.metadata.is_empty();
        let extra = has_extra
            .then(|| Box::new(Extra { metadata: Box::from(&*record.metadata), expires_at }));
        Stored {
            offset: Offset(record.offset),
            committed_at: Timestamp(record.commit_timestamp),
            topic_id: TopicId(record.topic_id),
            leader_epoch: LeaderEpoch(record.leader_epoch),
            extra,
        }
    }

    /// The offset as it is told.
    pub(crate) fn told(&self) -> CommittedOffset {
        let metadata = self.extra.as_ref().map_or("", |extra| &extra.metadata);
        CommittedOffset {
            offset: self.offset,
            leader_epoch: self.leader_epoch,
            metadata: ByteString::from(metadata),
            committed_at: self.committed_at,
            expires_at: self.expires_at(),
            topic_id: self.topic_id(),
        }
    }

    /// The topic's id, where it was known.
    pub(crate) fn topic_id(&self) -> Option<TopicId> {
        (self.topic_id != TopicId(Uuid::ZERO)).then_some(self.topic_id)
    }

    /// Whether the offset is of another topic than the one with this id: one of the same name that
    /// is gone. An id that is not known is no other one.
    pub(crate) fn is_of_another(&self, topic: Option<TopicId>) -> bool {
        self.topic_id().is_some_and(|ours| topic.is_some_and(|theirs| ours != theirs))
    }

    /// Whether the offset is to be forgotten at `now`, when `retention` counts from `since` or,
    /// without that, from the commit.
    pub(crate) fn is_expired(
        &self,
        now: Timestamp,
        since: Option<Timestamp>,
        retention: Duration,
    ) -> bool {
        if let Some(expires_at) = self.expires_at() {
            return now >= expires_at;
        }
        let since = since.unwrap_or(self.committed_at);
        i128::from(now.0) - i128::from(since.0)
            >= i128::try_from(retention.as_millis()).unwrap_or(i128::MAX)
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.extra.as_ref().and_then(|extra| extra.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_takes_less_than_fifty_bytes() {
        assert!(size_of::<Stored>() <= 48, "{}", size_of::<Stored>());
    }

    #[test]
    fn what_a_record_says_is_told() {
        let record = OffsetCommitValue {
            offset: 7,
            leader_epoch: 3,
            metadata: "where".into(),
            commit_timestamp: 1_000,
            expire_timestamp: 2_000,
            topic_id: Uuid::from_u128(9),
        };
        let expected = CommittedOffset {
            offset: Offset(7),
            leader_epoch: LeaderEpoch(3),
            metadata: "where".into(),
            committed_at: Timestamp(1_000),
            expires_at: Some(Timestamp(2_000)),
            topic_id: Some(TopicId(Uuid::from_u128(9))),
        };
        assert_eq!(Stored::read(&record).told(), expected);
        let told = Stored::read(&OffsetCommitValue::default()).told();
        assert_eq!((told.expires_at, told.topic_id, &*told.metadata), (None, None, ""));
    }

    #[test]
    fn retention_counts_from_where_it_is_told_unless_the_client_named_an_end() {
        let offset = |expire_timestamp| {
            Stored::read(&OffsetCommitValue {
                commit_timestamp: 1_000,
                expire_timestamp,
                ..Default::default()
            })
        };
        let retention = Duration::from_millis(100);
        let expired = |it: &Stored, now, since: Option<i64>| {
            it.is_expired(Timestamp(now), since.map(Timestamp), retention)
        };
        assert!(!expired(&offset(-1), 1_099, None));
        assert!(expired(&offset(-1), 1_100, None));
        assert!(!expired(&offset(-1), 1_100, Some(1_001)));
        assert!(expired(&offset(-1), 1_101, Some(1_001)));
        assert!(!expired(&offset(5_000), 4_999, Some(0)));
        assert!(expired(&offset(5_000), 5_000, Some(5_000)));
    }

    #[test]
    fn an_offset_is_of_another_topic_only_where_both_ids_are_known() {
        let offset = |id| {
            Stored::read(&OffsetCommitValue { topic_id: Uuid::from_u128(id), ..Default::default() })
        };
        let id = |id| Some(TopicId(Uuid::from_u128(id)));
        assert!(offset(1).is_of_another(id(2)));
        assert!(!offset(1).is_of_another(id(1)));
        assert!(!offset(1).is_of_another(None));
        assert!(!offset(0).is_of_another(id(1)));
    }
}
