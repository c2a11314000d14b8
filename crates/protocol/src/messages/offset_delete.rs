//! OffsetDelete: offsets of a group to be forgotten.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Whose offsets to forget.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 47, versions = 0..=0)]
pub struct OffsetDeleteRequest {
    pub group_id: ByteString,
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetDeleteRequestTopic {
    pub name: ByteString,
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetDeleteRequestPartition {
    pub partition_index: i32,
}

/// What became of the offsets.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 47, versions = 0..=0)]
pub struct OffsetDeleteResponse {
    pub error_code: i16,
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

/// What became of the offsets in one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetDeleteResponseTopic {
    pub name: ByteString,
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

/// What became of the offset in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetDeleteResponsePartition {
    pub partition_index: i32,
    pub error_code: i16,
}

impl Request for OffsetDeleteRequest {
    const KEY: ApiKey = ApiKey::OffsetDelete;
    type Response = OffsetDeleteResponse;
}
