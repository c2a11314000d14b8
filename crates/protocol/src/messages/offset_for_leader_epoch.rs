//! OffsetForLeaderEpoch: where a leader epoch ended, so that a log can be compared with another.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks where epochs ended; a replica id of -2 stands for one that reads for the sake of finding
/// faults.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 23, versions = 2..=4, flexible = 4..)]
pub struct OffsetForLeaderEpochRequest {
    #[field(versions = 3.., default = -2, ignorable)]
    pub replica_id: i32,
    pub topics: Vec<OffsetForLeaderTopic>,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetForLeaderTopic {
    pub topic: ByteString,
    pub partitions: Vec<OffsetForLeaderPartition>,
}

/// The epoch that is asked for, and the one in which the asker believes the leader to be.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetForLeaderPartition {
    pub partition: i32,
    #[field(versions = 2.., default = -1, ignorable)]
    pub current_leader_epoch: i32,
    pub leader_epoch: i32,
}

/// Where the epochs ended.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 23, versions = 2..=4, flexible = 4..)]
pub struct OffsetForLeaderEpochResponse {
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

/// Epochs' ends in one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetForLeaderTopicResult {
    pub topic: ByteString,
    pub partitions: Vec<EpochEndOffset>,
}

/// The largest epoch that is not above the one asked for, and its end; -1 and -1 when there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct EpochEndOffset {
    pub error_code: i16,
    pub partition: i32,
    #[field(versions = 1.., default = -1, ignorable)]
    pub leader_epoch: i32,
    #[field(default = -1)]
    pub end_offset: i64,
}

impl Request for OffsetForLeaderEpochRequest {
    const KEY: ApiKey = ApiKey::OffsetForLeaderEpoch;
    type Response = OffsetForLeaderEpochResponse;
}
