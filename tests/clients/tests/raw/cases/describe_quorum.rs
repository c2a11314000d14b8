//! DescribeQuorum.

use crate::case::Case;
use protocol::messages::describe_quorum::{
    DescribeQuorumRequest, RequestedPartition, RequestedTopic,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| DescribeQuorumRequest::default()),
        Case::one("another topic", |_| of("other", &[0])),
        Case::one("another partition", |_| of("__cluster_metadata", &[1])),
        Case::one("two partitions", |_| of("__cluster_metadata", &[0, 1])),
    ]
}

fn of(name: &str, partitions: &[i32]) -> DescribeQuorumRequest {
    let partition = |index: &i32| RequestedPartition { partition_index: *index };
    let partitions = partitions.iter().map(partition).collect();
    DescribeQuorumRequest { topics: vec![RequestedTopic { topic_name: name.into(), partitions }] }
}
