//! CreateTopics: topics to be made.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// Topics to be created.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 19, versions = 2..=7, flexible = 5..)]
pub struct CreateTopicsRequest {
    pub topics: Vec<CreatableTopic>,
    #[field(name = "timeoutMs", default = 60000)]
    pub timeout_ms: i32,
    #[field(name = "validateOnly", versions = 1.., default = false)]
    pub validate_only: bool,
}

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatableTopic {
    pub name: ByteString,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub assignments: Vec<CreatableReplicaAssignment>,
    pub configs: Vec<CreatableTopicConfig>,
}

/// Where the replicas of one partition shall be.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatableReplicaAssignment {
    pub partition_index: i32,
    pub broker_ids: Vec<i32>,
}

/// A configuration key to be set on the topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatableTopicConfig {
    pub name: ByteString,
    #[field(nullable = 0..)]
    pub value: Option<ByteString>,
}

/// What became of the topics.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 19, versions = 2..=7, flexible = 5..)]
pub struct CreateTopicsResponse {
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult>,
}

/// The topic as it was created, or why it was not.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatableTopicResult {
    pub name: ByteString,
    #[field(versions = 7.., ignorable)]
    pub topic_id: Uuid,
    pub error_code: i16,
    #[field(versions = 1.., nullable = 0.., ignorable)]
    pub error_message: Option<ByteString>,
    #[field(versions = 5.., tag = 0, ignorable)]
    pub topic_config_error_code: i16,
    #[field(versions = 5.., default = -1, ignorable)]
    pub num_partitions: i32,
    #[field(versions = 5.., default = -1, ignorable)]
    pub replication_factor: i16,
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

/// A configuration key of the created topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatableTopicConfigs {
    #[field(versions = 5..)]
    pub name: ByteString,
    #[field(versions = 5.., nullable = 5..)]
    pub value: Option<ByteString>,
    #[field(versions = 5..)]
    pub read_only: bool,
    #[field(versions = 5.., default = -1, ignorable)]
    pub config_source: i8,
    #[field(versions = 5..)]
    pub is_sensitive: bool,
}

impl Request for CreateTopicsRequest {
    const KEY: ApiKey = ApiKey::CreateTopics;
    type Response = CreateTopicsResponse;
}
