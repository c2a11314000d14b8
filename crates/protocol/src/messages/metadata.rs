//! Metadata: the brokers of a cluster, and the topics with their partitions' leaders.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for the brokers and for some topics, or for all when `topics` is `None` (in version 0: when
/// it is empty).
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 3, versions = 0..=13, flexible = 9..)]
pub struct MetadataRequest {
    #[field(nullable = 1..)]
    pub topics: Option<Vec<MetadataRequestTopic>>,
    #[field(versions = 4.., default = true)]
    pub allow_auto_topic_creation: bool,
    #[field(versions = 8..=10)]
    pub include_cluster_authorized_operations: bool,
    #[field(versions = 8..)]
    pub include_topic_authorized_operations: bool,
}

/// A topic that is asked for, by name or id.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MetadataRequestTopic {
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    #[field(nullable = 10..)]
    pub name: Option<ByteString>,
}

/// The brokers and topics, as the answering broker knows them.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 3, versions = 0..=13, flexible = 9..)]
pub struct MetadataResponse {
    #[field(versions = 3.., ignorable)]
    pub throttle_time_ms: i32,
    pub brokers: Vec<MetadataResponseBroker>,
    #[field(versions = 2.., nullable = 2.., default = None, ignorable)]
    pub cluster_id: Option<ByteString>,
    #[field(versions = 1.., default = -1, ignorable)]
    pub controller_id: i32,
    pub topics: Vec<MetadataResponseTopic>,
    #[field(versions = 8..=10, default = -0x8000_0000)]
    pub cluster_authorized_operations: i32,
    #[field(versions = 13.., ignorable)]
    pub error_code: i16,
}

/// A broker, and where this listener's clients reach it.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MetadataResponseBroker {
    pub node_id: i32,
    pub host: ByteString,
    pub port: i32,
    #[field(versions = 1.., nullable = 1.., default = None, ignorable)]
    pub rack: Option<ByteString>,
}

/// A topic, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MetadataResponseTopic {
    pub error_code: i16,
    #[field(nullable = 12..)]
    pub name: Option<ByteString>,
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    #[field(versions = 1.., default = false, ignorable)]
    pub is_internal: bool,
    pub partitions: Vec<MetadataResponsePartition>,
    #[field(versions = 8.., default = -0x8000_0000)]
    pub topic_authorized_operations: i32,
}

/// A partition, its leader and its replicas.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MetadataResponsePartition {
    pub error_code: i16,
    pub partition_index: i32,
    pub leader_id: i32,
    #[field(versions = 7.., default = -1, ignorable)]
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    #[field(versions = 5.., ignorable)]
    pub offline_replicas: Vec<i32>,
}

impl Request for MetadataRequest {
    const KEY: ApiKey = ApiKey::Metadata;
    type Response = MetadataResponse;
}
