//! DeleteTopics: topics to be taken away, by name or id.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// Topics to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 20, versions = 1..=6, flexible = 4..)]
pub struct DeleteTopicsRequest {
    #[field(versions = 6..)]
    pub topics: Vec<DeleteTopicState>,
    #[field(versions = ..=5, ignorable)]
    pub topic_names: Vec<ByteString>,
    pub timeout_ms: i32,
}

/// A topic to be deleted, by name or by id.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeleteTopicState {
    #[field(versions = 6.., nullable = 6.., default = None)]
    pub name: Option<ByteString>,
    #[field(versions = 6..)]
    pub topic_id: Uuid,
}

/// What became of the topics.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 20, versions = 1..=6, flexible = 4..)]
pub struct DeleteTopicsResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    pub responses: Vec<DeletableTopicResult>,
}

/// What became of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeletableTopicResult {
    #[field(nullable = 6..)]
    pub name: Option<ByteString>,
    #[field(versions = 6.., ignorable)]
    pub topic_id: Uuid,
    pub error_code: i16,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub error_message: Option<ByteString>,
}

impl Request for DeleteTopicsRequest {
    const KEY: ApiKey = ApiKey::DeleteTopics;
    type Response = DeleteTopicsResponse;
}
