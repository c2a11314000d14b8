//! Batches of idempotent producers: in order, again, with a gap, of old and new incarnations.

use crate::case::Case;
use crate::fixture::{create, request_for};
use crate::talk::Talk;
use anyhow::{Context, Result};
use protocol::messages::init_producer_id::InitProducerIdRequest;
use protocol::messages::produce::ProduceRequest;
use protocol::records::{BatchBuilder, Codec, Compression};
use protocol::{Request, Versions};
use types::{ProducerEpoch, ProducerId, Sequence, Timestamp, Uuid};

pub(crate) fn cases() -> Vec<Case> {
    let served = Versions::between(3, ProduceRequest::ADVERTISED.last());
    vec![
        Case::story::<ProduceRequest>("a producer's batches", batches).in_versions(served),
        Case::story::<ProduceRequest>("a producer that is not known", unknown).in_versions(served),
        Case::story::<ProduceRequest>("the last sequence there is", wraps).in_versions(served),
    ]
}

/// A topic of its own, and a producer that writes to it.
struct Writer {
    topic: String,
    id: Uuid,
    producer: i64,
    epoch: i16,
}

fn batches(talk: &mut Talk) -> Result<()> {
    let writer = writer(talk)?;
    for sequence in [0, 2, 4] {
        write(talk, &writer, sequence)?;
    }
    // The last one again, one before it, one that overlaps, and a gap.
    for sequence in [4, 0, 3, 5, 9] {
        write(talk, &writer, sequence)?;
    }
    for sequence in [6, 8, 10, 12, 14] {
        write(talk, &writer, sequence)?;
    }
    // Too long ago to be remembered.
    write(talk, &writer, 0)?;
    let next = Writer { epoch: writer.epoch + 1, ..writer };
    write(talk, &next, 3)?;
    write(talk, &next, 0)?;
    write(talk, &Writer { epoch: next.epoch - 1, ..next }, 16)
}

fn unknown(talk: &mut Talk) -> Result<()> {
    let known = writer(talk)?;
    let stranger = Writer { producer: 987_654, epoch: 4, ..known };
    write(talk, &stranger, 7)?;
    write(talk, &stranger, 9)?;
    write(talk, &Writer { producer: 987_655, epoch: 0, ..stranger }, 0)
}

fn wraps(talk: &mut Talk) -> Result<()> {
    let writer = writer(talk)?;
    write(talk, &writer, i32::MAX)?;
    // It held the last and the first.
    write(talk, &writer, 1)?;
    write(talk, &writer, i32::MAX)
}

fn writer(talk: &mut Talk) -> Result<Writer> {
    let topic = talk.name("topic");
    let id = create(talk, &topic, 1)?;
    let request = InitProducerIdRequest { transactional_id: None, ..Default::default() };
    let given = talk.prepare(&request)?;
    anyhow::ensure!(given.error_code == 0, "no producer id: {}", given.error_code);
    Ok(Writer { topic, id, producer: given.producer_id, epoch: given.producer_epoch })
}

/// Two records from this sequence on.
fn write(talk: &mut Talk, writer: &Writer, sequence: i32) -> Result<()> {
    let mut builder = BatchBuilder::new(Compression::new(Codec::None)).producer(
        ProducerId(writer.producer),
        ProducerEpoch(writer.epoch),
        Sequence(sequence),
    );
    for value in [b"a", b"b"] {
        builder.push(Timestamp(talk.fixture.now), None, Some(value), &[]);
    }
    let records = builder.build().into();
    let request = request_for(&writer.topic, writer.id, records);
    talk.ask(&request)?.context("a batch is answered").map(drop)
}
