//! DescribeLogDirs: a broker's folders, and how much of each partition lies in them.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for some partitions, or for all when `topics` is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 35, versions = 1..=5, flexible = 2..)]
pub struct DescribeLogDirsRequest {
    #[field(nullable = 0..)]
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribableLogDirTopic {
    pub topic: ByteString,
    pub partitions: Vec<i32>,
}

/// The broker's folders.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 35, versions = 1..=5, flexible = 2..)]
pub struct DescribeLogDirsResponse {
    pub throttle_time_ms: i32,
    #[field(versions = 3.., ignorable)]
    pub error_code: i16,
    pub results: Vec<DescribeLogDirsResult>,
}

/// A folder, and the volume it lies on.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeLogDirsResult {
    pub error_code: i16,
    pub log_dir: ByteString,
    pub topics: Vec<DescribeLogDirsTopic>,
    #[field(versions = 4.., default = -1, ignorable)]
    pub total_bytes: i64,
    #[field(versions = 4.., default = -1, ignorable)]
    pub usable_bytes: i64,
    #[field(versions = 5.., default = false, ignorable)]
    pub is_cordoned: bool,
}

/// Partitions of one topic in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeLogDirsTopic {
    pub name: ByteString,
    pub partitions: Vec<DescribeLogDirsPartition>,
}

/// How large a partition's log is, and how far it lies behind.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeLogDirsPartition {
    pub partition_index: i32,
    pub partition_size: i64,
    pub offset_lag: i64,
    pub is_future_key: bool,
}

impl Request for DescribeLogDirsRequest {
    const KEY: ApiKey = ApiKey::DescribeLogDirs;
    type Response = DescribeLogDirsResponse;
}
