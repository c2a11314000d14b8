//! OffsetCommit.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        on("by nobody in particular", 0, 1, Some("note")),
        on("without metadata", 0, 1, None),
        on("with much metadata", 0, 1, Some(MUCH)),
        on("a negative offset", 0, -1, Some("")),
        on("an unknown partition", 7, 1, Some("")),
        on("a negative partition", -1, 1, Some("")),
        Case::one("an unknown topic", |talk| {
            let id = Uuid::from_u128(0x4711 << 64);
            of(&talk.name("group"), topic(&talk.name("none"), id, 0, 1, Some("")))
        }),
        Case::one("an empty group", |talk| {
            of("", topic(TOPIC, talk.fixture.topic_id, 0, 1, Some("")))
        }),
        Case::one("an unknown member", |talk| OffsetCommitRequest {
            member_id: "x".into(),
            generation_id_or_member_epoch: 1,
            ..of(&talk.name("group"), topic(TOPIC, talk.fixture.topic_id, 0, 1, Some("")))
        }),
        Case::one("a generation of nobody", |talk| OffsetCommitRequest {
            generation_id_or_member_epoch: 4,
            ..of(&talk.name("group"), topic(TOPIC, talk.fixture.topic_id, 0, 1, Some("")))
        }),
        Case::one("nothing", |talk| OffsetCommitRequest {
            group_id: talk.name("group").into(),
            ..Default::default()
        }),
    ]
}

/// More than `offset.metadata.max.bytes`.
const MUCH: &str = match std::str::from_utf8(&[b'x'; 4097]) {
    Ok(text) => text,
    Err(_) => "",
};

fn on(name: &'static str, partition: i32, offset: i64, metadata: Option<&'static str>) -> Case {
    Case::one(name, move |talk| {
        let topic = topic(TOPIC, talk.fixture.topic_id, partition, offset, metadata);
        of(&talk.name("group"), topic)
    })
}

fn of(group: &str, topic: OffsetCommitRequestTopic) -> OffsetCommitRequest {
    OffsetCommitRequest { group_id: group.into(), topics: vec![topic], ..Default::default() }
}

fn topic(
    name: &str,
    topic_id: Uuid,
    partition_index: i32,
    committed_offset: i64,
    metadata: Option<&str>,
) -> OffsetCommitRequestTopic {
    let partition = OffsetCommitRequestPartition {
        partition_index,
        committed_offset,
        committed_metadata: metadata.map(Into::into),
        ..Default::default()
    };
    OffsetCommitRequestTopic { name: name.into(), topic_id, partitions: vec![partition] }
}
