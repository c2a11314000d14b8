//! Produce: record batches to be appended.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Records, Request, Struct, Versions};

/// Batches to be appended to partitions.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 0, versions = 3..=13, flexible = 9..)]
pub struct ProduceRequest {
    #[field(versions = 3.., nullable = 3.., default = None)]
    pub transactional_id: Option<ByteString>,
    pub acks: i16,
    pub timeout_ms: i32,
    pub topic_data: Vec<TopicProduceData>,
}

/// Batches for one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct TopicProduceData {
    #[field(versions = ..=12, ignorable)]
    pub name: ByteString,
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    pub partition_data: Vec<PartitionProduceData>,
}

/// One batch for one partition.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct PartitionProduceData {
    pub index: i32,
    #[field(nullable = 0.., default = None)]
    pub records: Option<Records>,
}

/// What became of the batches.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 0, versions = 3..=13, flexible = 9..)]
pub struct ProduceResponse {
    pub responses: Vec<TopicProduceResponse>,
    #[field(versions = 1.., default = 0, ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = 10.., tag = 0)]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// What became of the batches for one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct TopicProduceResponse {
    #[field(versions = ..=12, ignorable)]
    pub name: ByteString,
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    pub partition_responses: Vec<PartitionProduceResponse>,
}

/// Where the batch of one partition went, or why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct PartitionProduceResponse {
    pub index: i32,
    pub error_code: i16,
    pub base_offset: i64,
    #[field(versions = 2.., default = -1, ignorable)]
    pub log_append_time_ms: i64,
    #[field(versions = 5.., default = -1, ignorable)]
    pub log_start_offset: i64,
    #[field(versions = 8.., ignorable)]
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    #[field(versions = 8.., nullable = 8.., default = None, ignorable)]
    pub error_message: Option<ByteString>,
    #[field(versions = 10.., tag = 0)]
    pub current_leader: LeaderIdAndEpoch,
}

/// Why one record made its batch be refused.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct BatchIndexAndErrorMessage {
    #[field(versions = 8..)]
    pub batch_index: i32,
    #[field(versions = 8.., nullable = 8.., default = None)]
    pub batch_index_error_message: Option<ByteString>,
}

/// The leader to turn to instead.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct LeaderIdAndEpoch {
    #[field(versions = 10.., default = -1)]
    pub leader_id: i32,
    #[field(versions = 10.., default = -1)]
    pub leader_epoch: i32,
}

/// Where a leader that is to be turned to instead is reached.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct NodeEndpoint {
    #[field(versions = 10..)]
    pub node_id: i32,
    #[field(versions = 10..)]
    pub host: ByteString,
    #[field(versions = 10..)]
    pub port: i32,
    #[field(versions = 10.., nullable = 10.., default = None)]
    pub rack: Option<ByteString>,
}

impl Request for ProduceRequest {
    const KEY: ApiKey = ApiKey::Produce;
    type Response = ProduceResponse;
    /// Versions 0 to 2 are advertised but refused: librdkafka takes their absence for a broker that
    /// knows no compression (KAFKA-18659).
    const ADVERTISED: Versions = Versions::between(0, 13);
}
