//! The records of committed offsets.

use bytestring::ByteString;
use protocol::Message;
use types::Uuid;

/// Names a committed offset, as brokers before 0.9 wrote it; what it says is the same.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = coordinator_key, key = 0, versions = 0..=0)]
pub struct LegacyOffsetCommitKey {
    #[field(name = "group", versions = 0..=0)]
    pub group: ByteString,
    #[field(name = "topic", versions = 0..=0)]
    pub topic: ByteString,
    #[field(name = "partition", versions = 0..=0)]
    pub partition: i32,
}

/// Names a committed offset.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = coordinator_key, key = 1, versions = 0..=0)]
pub struct OffsetCommitKey {
    #[field(name = "group", versions = 0..=0)]
    pub group: ByteString,
    #[field(name = "topic", versions = 0..=0)]
    pub topic: ByteString,
    #[field(name = "partition", versions = 0..=0)]
    pub partition: i32,
}

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = coordinator_value, key = 1, versions = 0..=4, flexible = 4..)]
pub struct OffsetCommitValue {
    #[field(name = "offset")]
    pub offset: i64,
    #[field(name = "leaderEpoch", versions = 3.., default = -1, ignorable)]
    pub leader_epoch: i32,
    #[field(name = "metadata")]
    pub metadata: ByteString,
    #[field(name = "commitTimestamp")]
    pub commit_timestamp: i64,
    #[field(name = "expireTimestamp", versions = 1..=1, default = -1, ignorable)]
    pub expire_timestamp: i64,
    #[field(name = "topicId", versions = 4.., tag = 0, ignorable)]
    pub topic_id: Uuid,
}
