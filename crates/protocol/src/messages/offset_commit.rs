//! OffsetCommit: offsets to be remembered for a group; topics go by name, from version 10 on by id.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// The offsets, and who commits them; generation -1 from outside the group's memberships.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 8, versions = 2..=10, flexible = 8..)]
pub struct OffsetCommitRequest {
    pub group_id: ByteString,
    #[field(versions = 1.., default = -1, ignorable)]
    pub generation_id_or_member_epoch: i32,
    #[field(versions = 1.., ignorable)]
    pub member_id: ByteString,
    #[field(versions = 7.., nullable = 7.., default = None)]
    pub group_instance_id: Option<ByteString>,
    #[field(versions = 2..=4, default = -1, ignorable)]
    pub retention_time_ms: i64,
    pub topics: Vec<OffsetCommitRequestTopic>,
}

/// Offsets in one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetCommitRequestTopic {
    #[field(versions = ..=9, ignorable)]
    pub name: ByteString,
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

/// The offset in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetCommitRequestPartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    #[field(versions = 6.., default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    #[field(nullable = 0..)]
    pub committed_metadata: Option<ByteString>,
}

/// What became of the offsets.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 8, versions = 2..=10, flexible = 8..)]
pub struct OffsetCommitResponse {
    #[field(versions = 3.., ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetCommitResponseTopic>,
}

/// What became of the offsets in one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetCommitResponseTopic {
    #[field(versions = ..=9, ignorable)]
    pub name: ByteString,
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

/// What became of the offset in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetCommitResponsePartition {
    pub partition_index: i32,
    pub error_code: i16,
}

impl Request for OffsetCommitRequest {
    const KEY: ApiKey = ApiKey::OffsetCommit;
    type Response = OffsetCommitResponse;
}
