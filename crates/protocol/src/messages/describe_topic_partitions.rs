//! DescribeTopicPartitions: topics and their partitions, a page at a time.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for some topics, or for all when none is named, from the cursor on.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 75, versions = 0..=0, flexible = 0..)]
pub struct DescribeTopicPartitionsRequest {
    pub topics: Vec<TopicRequest>,
    #[field(default = 2000)]
    pub response_partition_limit: i32,
    #[field(nullable = 0.., default = None)]
    pub cursor: Option<Cursor>,
}

/// A topic that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct TopicRequest {
    pub name: ByteString,
}

/// The partition with which a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Cursor {
    pub topic_name: ByteString,
    pub partition_index: i32,
}

/// A page of topics, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 75, versions = 0..=0, flexible = 0..)]
pub struct DescribeTopicPartitionsResponse {
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    #[field(nullable = 0.., default = None)]
    pub next_cursor: Option<Cursor>,
}

/// A topic, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeTopicPartitionsResponseTopic {
    pub error_code: i16,
    #[field(nullable = 0..)]
    pub name: Option<ByteString>,
    #[field(ignorable)]
    pub topic_id: Uuid,
    #[field(default = false, ignorable)]
    pub is_internal: bool,
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    #[field(default = -0x8000_0000)]
    pub topic_authorized_operations: i32,
}

/// A partition, its leader and its replicas.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeTopicPartitionsResponsePartition {
    pub error_code: i16,
    pub partition_index: i32,
    pub leader_id: i32,
    #[field(default = -1, ignorable)]
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    #[field(nullable = 0.., default = None)]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    #[field(nullable = 0.., default = None)]
    pub last_known_elr: Option<Vec<i32>>,
    #[field(ignorable)]
    pub offline_replicas: Vec<i32>,
}

impl Request for DescribeTopicPartitionsRequest {
    const KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    type Response = DescribeTopicPartitionsResponse;
}
