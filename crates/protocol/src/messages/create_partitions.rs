//! CreatePartitions: topics to be given more partitions.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Topics to be given more partitions.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 37, versions = 0..=3, flexible = 2..)]
pub struct CreatePartitionsRequest {
    pub topics: Vec<CreatePartitionsTopic>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}

/// How many partitions a topic shall have, the present ones included.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatePartitionsTopic {
    pub name: ByteString,
    pub count: i32,
    #[field(nullable = 0..)]
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

/// Where the replicas of one new partition shall be.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatePartitionsAssignment {
    pub broker_ids: Vec<i32>,
}

/// What became of the topics.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 37, versions = 0..=3, flexible = 2..)]
pub struct CreatePartitionsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<CreatePartitionsTopicResult>,
}

/// What became of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct CreatePartitionsTopicResult {
    pub name: ByteString,
    pub error_code: i16,
    #[field(nullable = 0.., default = None)]
    pub error_message: Option<ByteString>,
}

impl Request for CreatePartitionsRequest {
    const KEY: ApiKey = ApiKey::CreatePartitions;
    type Response = CreatePartitionsResponse;
}
