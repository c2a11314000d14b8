//! Metadata.

use super::too_long;
use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        named("a topic", &[TOPIC]),
        named("a topic twice", &[TOPIC, TOPIC]),
        named("an empty name", &[""]),
        named("a name with a blank", &["a b"]),
        named("a name of two dots", &[".."]),
        Case::one("an unknown topic", |talk| of(&[&talk.name("none")])),
        Case::one("a name that is too long", |_| of(&[&too_long()])),
        Case::one("no topics", |talk| MetadataRequest {
            topics: Some(if talk.version == 0 { topics(&[TOPIC]) } else { Vec::new() }),
            ..Default::default()
        }),
        Case::one("not to be created", |_| MetadataRequest {
            allow_auto_topic_creation: false,
            ..of(&[TOPIC])
        }),
        Case::one("with what one may do with it", |_| MetadataRequest {
            include_topic_authorized_operations: true,
            ..of(&[TOPIC])
        }),
        Case::one("with what one may do with the cluster", |_| MetadataRequest {
            include_cluster_authorized_operations: true,
            ..of(&[TOPIC])
        }),
        Case::one("an id", |talk| by_id(talk.fixture.topic_id, None)),
        Case::one("an unknown id", |_| by_id(Uuid::from_u128(0x4711 << 64), None)),
        Case::one("neither name nor id", |_| by_id(Uuid::ZERO, None)),
        Case::one("name and id", |talk| by_id(talk.fixture.topic_id, Some(TOPIC))),
    ]
}

fn named(name: &'static str, topics: &'static [&'static str]) -> Case {
    Case::one(name, move |_| of(topics))
}

fn of(names: &[&str]) -> MetadataRequest {
    MetadataRequest { topics: Some(topics(names)), ..Default::default() }
}

fn topics(names: &[&str]) -> Vec<MetadataRequestTopic> {
    let topic =
        |name: &&str| MetadataRequestTopic { name: Some((*name).into()), ..Default::default() };
    names.iter().map(topic).collect()
}

/// Sent also in versions that know no ids: they carry an empty name, or none.
fn by_id(topic_id: Uuid, name: Option<&str>) -> MetadataRequest {
    let topic = MetadataRequestTopic { topic_id, name: name.map(Into::into) };
    MetadataRequest { topics: Some(vec![topic]), ..Default::default() }
}
