//! DescribeCluster.

use crate::case::Case;
use protocol::messages::describe_cluster::DescribeClusterRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("the brokers", |_| DescribeClusterRequest::default()),
        Case::one("with what one may do", |_| DescribeClusterRequest {
            include_cluster_authorized_operations: true,
            ..Default::default()
        }),
        Case::one("the controllers", |_| endpoint(2)),
        Case::one("a type that does not exist", |_| endpoint(9)),
        Case::one("with fenced brokers", |_| DescribeClusterRequest {
            include_fenced_brokers: true,
            ..Default::default()
        }),
    ]
}

fn endpoint(endpoint_type: i8) -> DescribeClusterRequest {
    DescribeClusterRequest { endpoint_type, ..Default::default() }
}
