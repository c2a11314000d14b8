//! OffsetFetch.

use crate::case::Case;
use crate::fixture::{GROUP, TOPIC};
use crate::talk::Talk;
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an offset", |talk| shared(talk, GROUP, &[0])),
        Case::one("an offset that is not committed", |talk| shared(talk, GROUP, &[1])),
        Case::one("an unknown partition", |talk| shared(talk, GROUP, &[7])),
        Case::one("a negative partition", |talk| shared(talk, GROUP, &[-1])),
        Case::one("an unknown group", |talk| shared(talk, &talk.name("none"), &[0])),
        Case::one("an empty group", |talk| shared(talk, "", &[0])),
        Case::one("an unknown topic", |talk| {
            let id = Uuid::from_u128(0x4711 << 64);
            of(talk.version, GROUP, Some((&talk.name("none"), id, &[0])))
        }),
        Case::one("all offsets", |talk| of(talk.version, GROUP, None)),
        Case::one("only stable offsets", |talk| OffsetFetchRequest {
            require_stable: true,
            ..shared(talk, GROUP, &[0])
        }),
        Case::one("an unknown member", |talk| {
            let mut request = shared(talk, GROUP, &[0]);
            for group in &mut request.groups {
                group.member_id = Some("x".into());
                group.member_epoch = 1;
            }
            request
        }),
    ]
}

fn shared(talk: &Talk, group: &str, partitions: &[i32]) -> OffsetFetchRequest {
    of(talk.version, group, Some((TOPIC, talk.fixture.topic_id, partitions)))
}

fn of(version: i16, group: &str, topic: Option<(&str, Uuid, &[i32])>) -> OffsetFetchRequest {
    let mut request = OffsetFetchRequest::default();
    if version < 8 {
        request.group_id = group.into();
        request.topics = topic.map(|(name, _, partitions)| {
            let partition_indexes = partitions.to_vec();
            vec![OffsetFetchRequestTopic { name: name.into(), partition_indexes }]
        });
        return request;
    }
    let topics = topic.map(|(name, topic_id, partitions)| {
        let partition_indexes = partitions.to_vec();
        vec![OffsetFetchRequestTopics { name: name.into(), topic_id, partition_indexes }]
    });
    let group_id = group.into();
    request.groups = vec![OffsetFetchRequestGroup { group_id, topics, ..Default::default() }];
    request
}
