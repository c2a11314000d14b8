//! OffsetFetch: the offsets that groups committed; of one group, from version 8 on of several.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for offsets; for all there are where `topics` is `None`. Topics go by name, from version 10
/// on by id.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 9, versions = 1..=10, flexible = 6..)]
pub struct OffsetFetchRequest {
    #[field(versions = ..=7)]
    pub group_id: ByteString,
    #[field(versions = ..=7, nullable = 2..=7)]
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    #[field(versions = 8..)]
    pub groups: Vec<OffsetFetchRequestGroup>,
    #[field(versions = 7.., default = false)]
    pub require_stable: bool,
}

/// Partitions of one topic, up to version 7.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchRequestTopic {
    #[field(versions = ..=7)]
    pub name: ByteString,
    #[field(versions = ..=7)]
    pub partition_indexes: Vec<i32>,
}

/// Partitions whose offsets one group may have committed.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchRequestGroup {
    #[field(versions = 8..)]
    pub group_id: ByteString,
    #[field(versions = 9.., nullable = 9.., default = None, ignorable)]
    pub member_id: Option<ByteString>,
    #[field(versions = 9.., default = -1, ignorable)]
    pub member_epoch: i32,
    #[field(versions = 8.., nullable = 8..)]
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

/// Partitions of one topic, from version 8 on.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchRequestTopics {
    #[field(versions = 8..=9, ignorable)]
    pub name: ByteString,
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    #[field(versions = 8..)]
    pub partition_indexes: Vec<i32>,
}

/// The offsets.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 9, versions = 1..=10, flexible = 6..)]
pub struct OffsetFetchResponse {
    #[field(versions = 3.., ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = ..=7)]
    pub topics: Vec<OffsetFetchResponseTopic>,
    #[field(versions = 2..=7, default = 0, ignorable)]
    pub error_code: i16,
    #[field(versions = 8..)]
    pub groups: Vec<OffsetFetchResponseGroup>,
}

/// The offsets in one topic, up to version 7.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchResponseTopic {
    #[field(versions = ..=7)]
    pub name: ByteString,
    #[field(versions = ..=7)]
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

/// The offset in one partition, up to version 7; -1 where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchResponsePartition {
    #[field(versions = ..=7)]
    pub partition_index: i32,
    #[field(versions = ..=7)]
    pub committed_offset: i64,
    #[field(versions = 5..=7, default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    #[field(versions = ..=7, nullable = ..=7)]
    pub metadata: Option<ByteString>,
    #[field(versions = ..=7)]
    pub error_code: i16,
}

/// The offsets of one group.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchResponseGroup {
    #[field(versions = 8..)]
    pub group_id: ByteString,
    #[field(versions = 8..)]
    pub topics: Vec<OffsetFetchResponseTopics>,
    #[field(versions = 8.., default = 0)]
    pub error_code: i16,
}

/// The offsets in one topic, from version 8 on.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchResponseTopics {
    #[field(versions = 8..=9, ignorable)]
    pub name: ByteString,
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    #[field(versions = 8..)]
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

/// The offset in one partition, from version 8 on; -1 where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct OffsetFetchResponsePartitions {
    #[field(versions = 8..)]
    pub partition_index: i32,
    #[field(versions = 8..)]
    pub committed_offset: i64,
    #[field(versions = 8.., default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    #[field(versions = 8.., nullable = 8..)]
    pub metadata: Option<ByteString>,
    #[field(versions = 8..)]
    pub error_code: i16,
}

impl Request for OffsetFetchRequest {
    const KEY: ApiKey = ApiKey::OffsetFetch;
    type Response = OffsetFetchResponse;
}
