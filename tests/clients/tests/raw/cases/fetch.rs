//! Fetch.

use crate::case::Case;
use crate::fixture::TOPIC;
use crate::talk::Talk;
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| request(Vec::new())),
        at("the beginning", 0, 0),
        at("the last record", 0, 2),
        at("the end", 0, 3),
        at("behind the end", 0, 4),
        at("a negative offset", 0, -1),
        at("an empty partition", 1, 0),
        at("an unknown partition", 7, 0),
        at("a negative partition", -1, 0),
        Case::one("an unknown topic", |talk| {
            request(vec![topic(&talk.name("none"), Uuid::from_u128(0x4711 << 64), partition(0, 0))])
        }),
        Case::one("an empty name", |_| request(vec![topic("", Uuid::ZERO, partition(0, 0))])),
        Case::one("only what is committed", |talk| FetchRequest {
            isolation_level: 1,
            ..request(vec![shared(talk, partition(0, 0))])
        }),
        Case::one("an epoch from the future", |talk| {
            let partition = FetchPartition { current_leader_epoch: 9, ..partition(0, 0) };
            request(vec![shared(talk, partition)])
        }),
        Case::one("a few bytes", |talk| FetchRequest {
            max_bytes: 1,
            ..request(vec![shared(talk, partition(0, 0))])
        }),
        Case::one("a session that does not exist", |talk| FetchRequest {
            session_id: 4711,
            session_epoch: 1,
            ..request(vec![shared(talk, partition(0, 0))])
        }),
        session(),
    ]
}

fn session() -> Case {
    Case::story::<FetchRequest>("a session", |talk| {
        let first =
            FetchRequest { session_epoch: 0, ..request(vec![shared(talk, partition(0, 0))]) };
        let Some(opened) = talk.ask(&first)? else { return Ok(()) };
        let session_id = opened.session_id;
        for session_epoch in [1, 2, 7] {
            talk.ask(&FetchRequest { session_id, session_epoch, ..request(Vec::new()) })?;
        }
        talk.ask(&FetchRequest { session_id, session_epoch: -1, ..request(Vec::new()) })?;
        Ok(())
    })
}

fn at(name: &'static str, index: i32, offset: i64) -> Case {
    Case::one(name, move |talk| request(vec![shared(talk, partition(index, offset))]))
}

fn request(topics: Vec<FetchTopic>) -> FetchRequest {
    FetchRequest { max_wait_ms: 1, topics, ..FetchRequest::default() }
}

fn shared(talk: &Talk, partition: FetchPartition) -> FetchTopic {
    topic(TOPIC, talk.fixture.topic_id, partition)
}

fn topic(name: &str, topic_id: Uuid, partition: FetchPartition) -> FetchTopic {
    FetchTopic { topic: name.into(), topic_id, partitions: vec![partition] }
}

fn partition(partition: i32, fetch_offset: i64) -> FetchPartition {
    FetchPartition { partition, fetch_offset, partition_max_bytes: 1 << 20, ..Default::default() }
}
