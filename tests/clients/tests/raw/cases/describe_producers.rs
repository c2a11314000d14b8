//! DescribeProducers.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::describe_producers::{DescribeProducersRequest, TopicRequest};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| DescribeProducersRequest::default()),
        Case::one("a topic without producers", |_| of(TOPIC, &[0, 1])),
        Case::one("an unknown topic", |talk| of(&talk.name("none"), &[0])),
        Case::one("an unknown partition", |_| of(TOPIC, &[7])),
        Case::one("a negative partition", |_| of(TOPIC, &[-1])),
        Case::one("an empty name", |_| of("", &[0])),
        Case::one("a name with a blank", |_| of("a b", &[0])),
    ]
}

fn of(name: &str, partitions: &[i32]) -> DescribeProducersRequest {
    let topic = TopicRequest { name: name.into(), partition_indexes: partitions.to_vec() };
    DescribeProducersRequest { topics: vec![topic] }
}
