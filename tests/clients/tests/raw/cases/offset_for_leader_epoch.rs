//! OffsetForLeaderEpoch.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| OffsetForLeaderEpochRequest::default()),
        at("the first epoch", 0, -1, 0),
        at("an epoch to come", 0, -1, 9),
        at("a negative epoch", 0, -1, -1),
        at("a leader's epoch from the future", 0, 9, 0),
        at("an empty partition", 1, -1, 0),
        at("an unknown partition", 7, -1, 0),
        Case::one("an unknown topic", |talk| of(&talk.name("none"), 0, -1, 0)),
        Case::one("an empty name", |_| of("", 0, -1, 0)),
    ]
}

fn at(name: &'static str, partition: i32, current: i32, epoch: i32) -> Case {
    Case::one(name, move |_| of(TOPIC, partition, current, epoch))
}

fn of(name: &str, partition: i32, current: i32, epoch: i32) -> OffsetForLeaderEpochRequest {
    let partition =
        OffsetForLeaderPartition { partition, current_leader_epoch: current, leader_epoch: epoch };
    let topics = vec![OffsetForLeaderTopic { topic: name.into(), partitions: vec![partition] }];
    OffsetForLeaderEpochRequest { replica_id: -1, topics }
}
