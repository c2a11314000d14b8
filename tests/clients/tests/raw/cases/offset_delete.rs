//! OffsetDelete.

use crate::case::Case;
use crate::fixture::{GROUP, TOPIC, commit};
use protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an unknown group", |talk| of(&talk.name("none"), TOPIC, 0)),
        Case::one("an empty group", |_| of("", TOPIC, 0)),
        Case::one("an unknown topic", |talk| of(GROUP, &talk.name("none"), 0)),
        Case::one("an unknown partition", |_| of(GROUP, TOPIC, 7)),
        Case::one("an offset that is not committed", |_| of(GROUP, TOPIC, 1)),
        Case::one("nothing", |_| OffsetDeleteRequest {
            group_id: GROUP.into(),
            ..Default::default()
        }),
        Case::story::<OffsetDeleteRequest>("an offset", |talk| {
            let group = talk.name("group");
            talk.prepare(&commit(&group, talk.fixture.topic_id, 1))?;
            talk.ask(&of(&group, TOPIC, 0)).map(drop)
        }),
    ]
}

fn of(group: &str, topic: &str, partition_index: i32) -> OffsetDeleteRequest {
    let partitions = vec![OffsetDeleteRequestPartition { partition_index }];
    let topics = vec![OffsetDeleteRequestTopic { name: topic.into(), partitions }];
    OffsetDeleteRequest { group_id: group.into(), topics }
}
