//! ListOffsets: where partitions begin, end or reach a timestamp.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for offsets of partitions.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 2, versions = 1..=11, flexible = 6..)]
pub struct ListOffsetsRequest {
    pub replica_id: i32,
    #[field(versions = 2..)]
    pub isolation_level: i8,
    pub topics: Vec<ListOffsetsTopic>,
    #[field(versions = 10.., ignorable)]
    pub timeout_ms: i32,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ListOffsetsTopic {
    pub name: ByteString,
    pub partitions: Vec<ListOffsetsPartition>,
}

/// A timestamp of one partition, or which end is meant when it is negative.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ListOffsetsPartition {
    pub partition_index: i32,
    #[field(versions = 4.., default = -1, ignorable)]
    pub current_leader_epoch: i32,
    pub timestamp: i64,
}

/// The offsets.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 2, versions = 1..=11, flexible = 6..)]
pub struct ListOffsetsResponse {
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<ListOffsetsTopicResponse>,
}

/// The offsets of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ListOffsetsTopicResponse {
    pub name: ByteString,
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

/// The offset in one partition, -1 when there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ListOffsetsPartitionResponse {
    pub partition_index: i32,
    pub error_code: i16,
    #[field(versions = 1.., default = -1)]
    pub timestamp: i64,
    #[field(versions = 1.., default = -1)]
    pub offset: i64,
    #[field(versions = 4.., default = -1)]
    pub leader_epoch: i32,
}

impl Request for ListOffsetsRequest {
    const KEY: ApiKey = ApiKey::ListOffsets;
    type Response = ListOffsetsResponse;
}
