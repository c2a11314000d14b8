//! DescribeTopicPartitions.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("a topic", |_| of(&[TOPIC])),
        Case::one("an unknown topic", |talk| of(&[&talk.name("none")])),
        Case::one("an empty name", |_| of(&[""])),
        Case::one("a name with a blank", |_| of(&["a b"])),
        Case::one("a topic twice", |_| of(&[TOPIC, TOPIC])),
        Case::one("a page of one", |_| page(1, None)),
        Case::one("the page after it", |_| page(1, Some((TOPIC, 1)))),
        Case::one("no page at all", |_| page(0, None)),
        Case::one("a cursor behind all partitions", |_| page(5, Some((TOPIC, 9)))),
        Case::one("a cursor before all partitions", |_| page(5, Some((TOPIC, -1)))),
        Case::one("a cursor to another topic", |_| page(5, Some(("raw-zzz", 0)))),
    ]
}

fn of(names: &[&str]) -> DescribeTopicPartitionsRequest {
    let topics = names.iter().map(|name| TopicRequest { name: (*name).into() }).collect();
    DescribeTopicPartitionsRequest { topics, ..Default::default() }
}

fn page(limit: i32, cursor: Option<(&str, i32)>) -> DescribeTopicPartitionsRequest {
    let cursor =
        cursor.map(|(name, partition_index)| Cursor { topic_name: name.into(), partition_index });
    DescribeTopicPartitionsRequest { response_partition_limit: limit, cursor, ..of(&[TOPIC]) }
}
