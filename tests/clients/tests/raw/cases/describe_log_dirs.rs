//! DescribeLogDirs.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::describe_log_dirs::{DescribableLogDirTopic, DescribeLogDirsRequest};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("no topic", |_| DescribeLogDirsRequest { topics: Some(Vec::new()) }),
        Case::one("a topic", |_| of(TOPIC, &[0, 1])),
        Case::one("an unknown topic", |talk| of(&talk.name("none"), &[0])),
        Case::one("an unknown partition", |_| of(TOPIC, &[7])),
        Case::one("a negative partition", |_| of(TOPIC, &[-1])),
    ]
}

fn of(topic: &str, partitions: &[i32]) -> DescribeLogDirsRequest {
    let topic = DescribableLogDirTopic { topic: topic.into(), partitions: partitions.to_vec() };
    DescribeLogDirsRequest { topics: Some(vec![topic]) }
}
