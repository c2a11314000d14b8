//! DeleteRecords: records to be dropped from the beginning of partitions.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Records to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 21, versions = 0..=2, flexible = 2..)]
pub struct DeleteRecordsRequest {
    pub topics: Vec<DeleteRecordsTopic>,
    pub timeout_ms: i32,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeleteRecordsTopic {
    pub name: ByteString,
    pub partitions: Vec<DeleteRecordsPartition>,
}

/// The offset before which all records go; -1 stands for the high watermark.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeleteRecordsPartition {
    pub partition_index: i32,
    pub offset: i64,
}

/// Where the partitions begin.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 21, versions = 0..=2, flexible = 2..)]
pub struct DeleteRecordsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<DeleteRecordsTopicResult>,
}

/// Where the partitions of one topic begin.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeleteRecordsTopicResult {
    pub name: ByteString,
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

/// The smallest log start offset of all replicas, or why nothing was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeleteRecordsPartitionResult {
    pub partition_index: i32,
    pub low_watermark: i64,
    pub error_code: i16,
}

impl Request for DeleteRecordsRequest {
    const KEY: ApiKey = ApiKey::DeleteRecords;
    type Response = DeleteRecordsResponse;
}
