//! DescribeProducers: the producers a partition remembers.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for the producers of partitions.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 61, versions = 0..=0, flexible = 0..)]
pub struct DescribeProducersRequest {
    pub topics: Vec<TopicRequest>,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct TopicRequest {
    pub name: ByteString,
    pub partition_indexes: Vec<i32>,
}

/// The producers of partitions.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 61, versions = 0..=0, flexible = 0..)]
pub struct DescribeProducersResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<TopicResponse>,
}

/// The producers of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct TopicResponse {
    pub name: ByteString,
    pub partitions: Vec<PartitionResponse>,
}

/// The producers of one partition, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct PartitionResponse {
    pub partition_index: i32,
    pub error_code: i16,
    #[field(nullable = 0.., default = None)]
    pub error_message: Option<ByteString>,
    pub active_producers: Vec<ProducerState>,
}

/// What a partition remembers of a producer.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ProducerState {
    pub producer_id: i64,
    pub producer_epoch: i32,
    #[field(default = -1)]
    pub last_sequence: i32,
    #[field(default = -1)]
    pub last_timestamp: i64,
    pub coordinator_epoch: i32,
    #[field(default = -1)]
    pub current_txn_start_offset: i64,
}

impl Request for DescribeProducersRequest {
    const KEY: ApiKey = ApiKey::DescribeProducers;
    type Response = DescribeProducersResponse;
}
