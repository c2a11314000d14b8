//! Produce.

use crate::case::Case;
use crate::fixture::{batch, create};
use crate::talk::Talk;
use anyhow::Result;
use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::{Records, Versions};
use types::Uuid;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| request(-1, Vec::new())),
        Case::one("acknowledgements that do not exist", |talk| {
            let records = Some(batch(talk.fixture.now, &["a"]));
            request(2, vec![topic("raw-none", UNKNOWN, 0, records)])
        }),
        Case::one("an unknown topic", |talk| {
            let records = Some(batch(talk.fixture.now, &["a"]));
            request(-1, vec![topic(&talk.name("none"), UNKNOWN, 0, records)])
        }),
        Case::one("an empty name", |talk| {
            let records = Some(batch(talk.fixture.now, &["a"]));
            request(-1, vec![topic("", Uuid::ZERO, 0, records)])
        }),
        sent("a batch", -1, 0, |now| Some(batch(now, &["a", "b"]))),
        sent("a batch for the leader alone", 1, 0, |now| Some(batch(now, &["a"]))),
        sent("an unknown partition", -1, 7, |now| Some(batch(now, &["a"]))),
        sent("a negative partition", -1, -1, |now| Some(batch(now, &["a"]))),
        sent("a batch from far ahead", -1, 0, |now| Some(batch(now + 86_400_000, &["a"]))),
        sent("no bytes", -1, 0, |_| Some(Records::Bytes(Vec::new().into()))),
        // Kafka lets one wait for the answer: once is enough.
        sent("null", -1, 0, |_| None).in_versions(Versions::between(12, 12)),
        sent("half a batch", -1, 0, |now| changed(now, |bytes| bytes.truncate(40))),
        sent("a wrong checksum", -1, 0, |now| changed(now, |bytes| bytes[17] ^= 1)),
        sent("an old format", -1, 0, |now| changed(now, |bytes| bytes[16] = 1)),
        sent("a format to come", -1, 0, |now| changed(now, |bytes| bytes[16] = 3)),
        sent("a codec that does not exist", -1, 0, |now| with_attributes(now, 6)),
        sent("gzip that is none", -1, 0, |now| with_attributes(now, 1)),
        sent("a control batch", -1, 0, |now| with_attributes(now, 1 << 5)),
        sent("two batches", -1, 0, |now| {
            let one = bytes(now);
            Some(Records::Bytes([one.clone(), one].concat().into()))
        }),
        Case::story::<ProduceRequest>("unacknowledged", |talk| {
            let request = fresh(talk, 0, 0, Some(batch(talk.fixture.now, &["a"])))?;
            talk.tell(&request)?;
            talk.ask_newest(&ApiVersionsRequest::default()).map(drop)
        }),
    ]
}

const UNKNOWN: Uuid = Uuid::from_u128(0x4711 << 64);

/// Records for a partition of a new topic.
fn sent(
    name: &'static str,
    acks: i16,
    partition: i32,
    records: impl Fn(i64) -> Option<Records> + 'static,
) -> Case {
    Case::story::<ProduceRequest>(name, move |talk| {
        let request = fresh(talk, acks, partition, records(talk.fixture.now))?;
        talk.ask(&request).map(drop)
    })
}

fn fresh(
    talk: &mut Talk,
    acks: i16,
    partition: i32,
    records: Option<Records>,
) -> Result<ProduceRequest> {
    let name = talk.name("topic");
    let id = create(talk, &name, 1)?;
    Ok(request(acks, vec![topic(&name, id, partition, records)]))
}

fn request(acks: i16, topic_data: Vec<TopicProduceData>) -> ProduceRequest {
    ProduceRequest { acks, timeout_ms: 10_000, topic_data, ..ProduceRequest::default() }
}

fn topic(name: &str, topic_id: Uuid, index: i32, records: Option<Records>) -> TopicProduceData {
    let partition_data = vec![PartitionProduceData { index, records }];
    TopicProduceData { name: name.into(), topic_id, partition_data }
}

fn bytes(now: i64) -> Vec<u8> {
    match batch(now, &["value"]) {
        Records::Bytes(bytes) => bytes.to_vec(),
        Records::Slot { .. } => Vec::new(),
    }
}

fn changed(now: i64, change: impl Fn(&mut Vec<u8>)) -> Option<Records> {
    let mut bytes = bytes(now);
    change(&mut bytes);
    Some(Records::Bytes(bytes.into()))
}

/// A batch with other attributes and the right checksum.
fn with_attributes(now: i64, attributes: u8) -> Option<Records> {
    changed(now, |bytes| {
        bytes[22] = attributes;
        let checksum = crc32c::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
    })
}
