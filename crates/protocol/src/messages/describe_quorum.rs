//! DescribeQuorum: the replicas of the metadata log, and how far each has come.

use bytestring::ByteString;
use types::Uuid;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for a replicated log; there is one, partition 0 of `__cluster_metadata`.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 55, versions = 0..=2, flexible = 0..)]
pub struct DescribeQuorumRequest {
    pub topics: Vec<RequestedTopic>,
}

/// Partitions of one topic that are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
#[named("TopicData")]
pub struct RequestedTopic {
    pub topic_name: ByteString,
    pub partitions: Vec<RequestedPartition>,
}

/// A partition that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
#[named("PartitionData")]
pub struct RequestedPartition {
    pub partition_index: i32,
}

/// The replicas, and where those that vote are reached.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 55, versions = 0..=2, flexible = 0..)]
pub struct DescribeQuorumResponse {
    pub error_code: i16,
    #[field(versions = 2.., nullable = 2.., ignorable)]
    pub error_message: Option<ByteString>,
    pub topics: Vec<TopicData>,
    #[field(versions = 2..)]
    pub nodes: Vec<Node>,
}

/// Partitions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct TopicData {
    pub topic_name: ByteString,
    pub partitions: Vec<PartitionData>,
}

/// The replicas of one partition, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    #[field(versions = 2.., nullable = 2.., ignorable)]
    pub error_message: Option<ByteString>,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub high_watermark: i64,
    pub current_voters: Vec<ReplicaState>,
    pub observers: Vec<ReplicaState>,
}

/// A replica, and how far it has come; times are the leader's, -1 when they are not known.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ReplicaState {
    pub replica_id: i32,
    #[field(versions = 2..)]
    pub replica_directory_id: Uuid,
    pub log_end_offset: i64,
    #[field(versions = 1.., default = -1, ignorable)]
    pub last_fetch_timestamp: i64,
    #[field(versions = 1.., default = -1, ignorable)]
    pub last_caught_up_timestamp: i64,
}

/// A node that votes.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Node {
    #[field(versions = 2..)]
    pub node_id: i32,
    #[field(versions = 2..)]
    pub listeners: Vec<Listener>,
}

/// Where a node that votes is reached.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Listener {
    #[field(versions = 2..)]
    pub name: ByteString,
    #[field(versions = 2..)]
    pub host: ByteString,
    #[field(versions = 2..)]
    pub port: u16,
}

impl Request for DescribeQuorumRequest {
    const KEY: ApiKey = ApiKey::DescribeQuorum;
    type Response = DescribeQuorumResponse;
}
