//! DescribeCluster: the brokers or the controllers of a cluster.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for the brokers, or for the controllers when the endpoint type is 2.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 60, versions = 0..=2, flexible = 0..)]
pub struct DescribeClusterRequest {
    pub include_cluster_authorized_operations: bool,
    #[field(versions = 1.., default = 1)]
    pub endpoint_type: i8,
    #[field(versions = 2..)]
    pub include_fenced_brokers: bool,
}

/// The nodes of the cluster, as the answering one knows them.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 60, versions = 0..=2, flexible = 0..)]
pub struct DescribeClusterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[field(nullable = 0.., default = None)]
    pub error_message: Option<ByteString>,
    #[field(versions = 1.., default = 1)]
    pub endpoint_type: i8,
    pub cluster_id: ByteString,
    #[field(default = -1)]
    pub controller_id: i32,
    pub brokers: Vec<DescribeClusterBroker>,
    #[field(default = -0x8000_0000)]
    pub cluster_authorized_operations: i32,
}

/// A node, and where this listener's clients reach it.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeClusterBroker {
    pub broker_id: i32,
    pub host: ByteString,
    pub port: i32,
    #[field(nullable = 0.., default = None)]
    pub rack: Option<ByteString>,
    #[field(versions = 2..)]
    pub is_fenced: bool,
}

impl Request for DescribeClusterRequest {
    const KEY: ApiKey = ApiKey::DescribeCluster;
    type Response = DescribeClusterResponse;
}
