//! Fetches of which the broker remembers what was asked: in full, by what changed, and wrongly.

use crate::case::Case;
use crate::fixture::{batch, create, request_for};
use crate::talk::Talk;
use anyhow::{Context, Result};
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic};
use protocol::{Request, Versions};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    let since = Versions::between(7, FetchRequest::ADVERTISED.last());
    vec![
        Case::story::<FetchRequest>("what changed since", what_changed).in_versions(since),
        Case::story::<FetchRequest>("what is forgotten", what_is_forgotten).in_versions(since),
        Case::story::<FetchRequest>("epochs of a session", epochs).in_versions(since),
    ]
}

/// A topic of three partitions and the session that reads it.
struct Reader {
    topic: String,
    topic_id: Uuid,
    id: i32,
}

fn open(talk: &mut Talk, partitions: &[i32]) -> Result<Reader> {
    let topic = talk.name("topic");
    let topic_id = create(talk, &topic, 3)?;
    let reader = Reader { topic, topic_id, id: 0 };
    let request = FetchRequest { session_epoch: 0, ..wanted(&reader, partitions, 0) };
    let answer = talk.ask(&request)?.context("a session is opened")?;
    Ok(Reader { id: answer.session_id, ..reader })
}

fn what_changed(talk: &mut Talk) -> Result<()> {
    let reader = open(talk, &[0, 1])?;
    go_on(talk, &reader, 1, nothing())?;
    write(talk, &reader)?;
    go_on(talk, &reader, 2, nothing())?;
    // Read on behind the record: it changes nothing that is told, until there is more.
    go_on(talk, &reader, 3, wanted(&reader, &[0], 1))?;
    go_on(talk, &reader, 4, nothing())?;
    write(talk, &reader)?;
    go_on(talk, &reader, 5, nothing())?;
    // One more partition, one that does not exist, and an offset that is too far.
    go_on(talk, &reader, 6, wanted(&reader, &[2], 0))?;
    go_on(talk, &reader, 7, wanted(&reader, &[9], 0))?;
    go_on(talk, &reader, 8, wanted(&reader, &[1], 5))?;
    go_on(talk, &reader, 9, nothing())
}

fn what_is_forgotten(talk: &mut Talk) -> Result<()> {
    let reader = open(talk, &[0, 1, 2])?;
    write(talk, &reader)?;
    go_on(talk, &reader, 1, forgotten(&reader, &[0]))?;
    go_on(talk, &reader, 2, nothing())?;
    go_on(talk, &reader, 3, forgotten(&reader, &[7]))?;
    let both = FetchRequest { topics: wanted(&reader, &[0], 0).topics, ..forgotten(&reader, &[0]) };
    go_on(talk, &reader, 4, both)?;
    go_on(talk, &reader, 5, forgotten(&reader, &[0, 1, 2]))?;
    go_on(talk, &reader, 6, nothing())
}

fn epochs(talk: &mut Talk) -> Result<()> {
    let reader = open(talk, &[0])?;
    go_on(talk, &reader, 2, nothing())?;
    go_on(talk, &reader, 1, nothing())?;
    go_on(talk, &reader, 1, nothing())?;
    let unknown = FetchRequest { session_id: reader.id.wrapping_add(1), ..nothing() };
    talk.ask(&FetchRequest { session_epoch: 1, ..unknown })?;
    go_on(talk, &reader, i32::MAX, nothing())?;
    // Another session in its place, and the end of one.
    go_on(talk, &reader, 0, wanted(&reader, &[1], 0))?;
    go_on(talk, &reader, 2, nothing())?;
    go_on(talk, &reader, -1, wanted(&reader, &[0], 0))?;
    go_on(talk, &reader, 1, nothing())
}

fn go_on(talk: &mut Talk, reader: &Reader, epoch: i32, request: FetchRequest) -> Result<()> {
    let request = FetchRequest { session_id: reader.id, session_epoch: epoch, ..request };
    talk.ask(&request).map(drop)
}

fn nothing() -> FetchRequest {
    FetchRequest { max_wait_ms: 1, ..FetchRequest::default() }
}

fn wanted(reader: &Reader, partitions: &[i32], fetch_offset: i64) -> FetchRequest {
    let of = |index: &i32| FetchPartition {
        partition: *index,
        fetch_offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let partitions = partitions.iter().map(of).collect();
    let (topic, topic_id) = (reader.topic.as_str().into(), reader.topic_id);
    FetchRequest { topics: vec![FetchTopic { topic, topic_id, partitions }], ..nothing() }
}

fn forgotten(reader: &Reader, partitions: &[i32]) -> FetchRequest {
    let forgotten = ForgottenTopic {
        topic: reader.topic.as_str().into(),
        topic_id: reader.topic_id,
        partitions: partitions.to_vec(),
    };
    FetchRequest { forgotten_topics_data: vec![forgotten], ..nothing() }
}

/// A record in partition 0.
fn write(talk: &mut Talk, reader: &Reader) -> Result<()> {
    let records = batch(talk.fixture.now, &["value"]);
    let answer = talk.prepare(&request_for(&reader.topic, reader.topic_id, records))?;
    let error = answer.responses[0].partition_responses[0].error_code;
    anyhow::ensure!(error == 0, "the record was refused: {error}");
    Ok(())
}
