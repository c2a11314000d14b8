//! ListOffsets.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| ListOffsetsRequest { replica_id: -1, ..Default::default() }),
        at("the end", 0, -1),
        at("the beginning", 0, -2),
        at("the latest time", 0, -3),
        at("the local beginning", 0, -4),
        at("the tiered end", 0, -5),
        at("a time that does not exist", 0, -9),
        at("the oldest time", 0, 0),
        at("a time in the future", 0, i64::MAX),
        at("the end of an empty partition", 1, -1),
        at("the latest time of an empty partition", 1, -3),
        at("an unknown partition", 7, -1),
        at("a negative partition", -1, -1),
        Case::one("a time between two records", |talk| of(TOPIC, 0, talk.fixture.now - 2500)),
        Case::one("an unknown topic", |talk| of(&talk.name("none"), 0, -1)),
        Case::one("an empty name", |_| of("", 0, -1)),
        Case::one("only what is committed", |_| ListOffsetsRequest {
            isolation_level: 1,
            ..of(TOPIC, 0, -1)
        }),
        Case::one("an epoch from the future", |_| {
            let mut request = of(TOPIC, 0, -1);
            request.topics[0].partitions[0].current_leader_epoch = 9;
            request
        }),
        Case::one("a partition twice", |_| {
            let mut request = of(TOPIC, 0, -1);
            let again = request.topics[0].partitions[0].clone();
            request.topics[0].partitions.push(again);
            request
        }),
    ]
}

fn at(name: &'static str, partition: i32, timestamp: i64) -> Case {
    Case::one(name, move |_| of(TOPIC, partition, timestamp))
}

fn of(name: &str, partition_index: i32, timestamp: i64) -> ListOffsetsRequest {
    let partition = ListOffsetsPartition { partition_index, timestamp, ..Default::default() };
    let topics = vec![ListOffsetsTopic { name: name.into(), partitions: vec![partition] }];
    ListOffsetsRequest { replica_id: -1, topics, ..Default::default() }
}
