//! DeleteTopics.

use crate::case::Case;
use crate::fixture::create;
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| DeleteTopicsRequest::default()),
        Case::one("an unknown topic", |talk| by_name(talk.version, &[&talk.name("none")])),
        Case::one("an empty name", |talk| by_name(talk.version, &[""])),
        Case::one("an unknown topic twice", |talk| {
            by_name(talk.version, &[&talk.name("none"), &talk.name("none")])
        }),
        Case::one("an unknown id", |_| by_id(Uuid::from_u128(0x4711 << 64), None)),
        Case::one("neither name nor id", |_| by_id(Uuid::ZERO, None)),
        Case::one("name and id", |talk| by_id(talk.fixture.topic_id, Some("both"))),
        Case::story::<DeleteTopicsRequest>("a topic", |talk| {
            let topic = talk.name("topic");
            create(talk, &topic, 1)?;
            talk.ask(&by_name(talk.version, &[&topic]))?;
            talk.ask(&by_name(talk.version, &[&topic])).map(drop)
        }),
    ]
}

fn by_name(version: i16, names: &[&str]) -> DeleteTopicsRequest {
    let mut request = DeleteTopicsRequest { timeout_ms: 10_000, ..Default::default() };
    if version < 6 {
        request.topic_names = names.iter().map(|name| (*name).into()).collect();
    } else {
        let topic =
            |name: &&str| DeleteTopicState { name: Some((*name).into()), ..Default::default() };
        request.topics = names.iter().map(topic).collect();
    }
    request
}

fn by_id(topic_id: Uuid, name: Option<&str>) -> DeleteTopicsRequest {
    let topics = vec![DeleteTopicState { name: name.map(Into::into), topic_id }];
    DeleteTopicsRequest { topics, timeout_ms: 10_000, ..Default::default() }
}
