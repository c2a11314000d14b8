//! Fetch: record batches to be read, by consumers, followers and the metadata quorum.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Records, Request, Struct};

/// Asks for batches from partitions, or for what changed since the session's last fetch.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 1, versions = 4..=18, flexible = 12..)]
pub struct FetchRequest {
    #[field(versions = 12.., nullable = 12.., default = None, tag = 0, ignorable)]
    pub cluster_id: Option<ByteString>,
    #[field(versions = ..=14, default = -1)]
    pub replica_id: i32,
    #[field(versions = 15.., tag = 1)]
    pub replica_state: ReplicaState,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    #[field(versions = 3.., default = 0x7fff_ffff, ignorable)]
    pub max_bytes: i32,
    #[field(versions = 4.., default = 0, ignorable)]
    pub isolation_level: i8,
    #[field(versions = 7.., default = 0, ignorable)]
    pub session_id: i32,
    #[field(versions = 7.., default = -1, ignorable)]
    pub session_epoch: i32,
    pub topics: Vec<FetchTopic>,
    #[field(versions = 7..)]
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    #[field(versions = 11.., ignorable)]
    pub rack_id: ByteString,
}

/// The follower that asks.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ReplicaState {
    #[field(versions = 15.., default = -1)]
    pub replica_id: i32,
    #[field(versions = 15.., default = -1)]
    pub replica_epoch: i64,
}

/// Partitions of one topic to be read.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct FetchTopic {
    #[field(versions = ..=12, ignorable)]
    pub topic: ByteString,
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

/// From where one partition is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct FetchPartition {
    pub partition: i32,
    #[field(versions = 9.., default = -1, ignorable)]
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    #[field(versions = 12.., default = -1)]
    pub last_fetched_epoch: i32,
    #[field(versions = 5.., default = -1, ignorable)]
    pub log_start_offset: i64,
    pub partition_max_bytes: i32,
    #[field(versions = 17.., tag = 0, ignorable)]
    pub replica_directory_id: Uuid,
    #[field(versions = 18.., default = i64::MAX, tag = 1, ignorable)]
    pub high_watermark: i64,
}

/// Partitions that leave the session.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ForgottenTopic {
    #[field(versions = 7..=12, ignorable)]
    pub topic: ByteString,
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    #[field(versions = 7..)]
    pub partitions: Vec<i32>,
}

/// Batches of the partitions that have some, or all partitions without a session.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 1, versions = 4..=18, flexible = 12..)]
pub struct FetchResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = 7.., ignorable)]
    pub error_code: i16,
    #[field(versions = 7.., default = 0)]
    pub session_id: i32,
    pub responses: Vec<FetchableTopicResponse>,
    #[field(versions = 16.., tag = 0)]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Batches of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct FetchableTopicResponse {
    #[field(versions = ..=12, ignorable)]
    pub topic: ByteString,
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

/// Batches of one partition, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    pub high_watermark: i64,
    #[field(versions = 4.., default = -1, ignorable)]
    pub last_stable_offset: i64,
    #[field(versions = 5.., default = -1, ignorable)]
    pub log_start_offset: i64,
    #[field(versions = 12.., tag = 0)]
    pub diverging_epoch: EpochEndOffset,
    #[field(versions = 12.., tag = 1)]
    pub current_leader: LeaderIdAndEpoch,
    #[field(versions = 12.., tag = 2)]
    pub snapshot_id: SnapshotId,
    #[field(versions = 4.., nullable = 4.., ignorable)]
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    #[field(versions = 11.., default = -1)]
    pub preferred_read_replica: i32,
    #[field(nullable = 0.., default = None)]
    pub records: Option<Records>,
}

/// The end of the last epoch on which leader and follower can agree.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct EpochEndOffset {
    #[field(versions = 12.., default = -1)]
    pub epoch: i32,
    #[field(versions = 12.., default = -1)]
    pub end_offset: i64,
}

/// The leader to turn to instead.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct LeaderIdAndEpoch {
    #[field(versions = 12.., default = -1)]
    pub leader_id: i32,
    #[field(versions = 12.., default = -1)]
    pub leader_epoch: i32,
}

/// The snapshot to be fetched, since the log begins after the offset asked for.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct SnapshotId {
    #[field(default = -1)]
    pub end_offset: i64,
    #[field(default = -1)]
    pub epoch: i32,
}

/// A transaction whose records are to be left out.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct AbortedTransaction {
    #[field(versions = 4..)]
    pub producer_id: i64,
    #[field(versions = 4..)]
    pub first_offset: i64,
}

/// Where a leader that is to be turned to instead is reached.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct NodeEndpoint {
    #[field(versions = 16..)]
    pub node_id: i32,
    #[field(versions = 16..)]
    pub host: ByteString,
    #[field(versions = 16..)]
    pub port: i32,
    #[field(versions = 16.., nullable = 16.., default = None)]
    pub rack: Option<ByteString>,
}

impl Request for FetchRequest {
    const KEY: ApiKey = ApiKey::Fetch;
    type Response = FetchResponse;
}
