//! What is produced in each codec comes back as it was sent, byte for byte.

use crate::case::Case;
use crate::fixture::{create, request_for};
use crate::talk::Talk;
use anyhow::Result;
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use protocol::messages::produce::ProduceRequest;
use protocol::records::{BatchBuilder, Codec, Compression};
use types::{Timestamp, Uuid};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("produced and fetched as it is", Codec::None),
        case("produced and fetched in gzip", Codec::Gzip),
        case("produced and fetched in snappy", Codec::Snappy),
        case("produced and fetched in lz4", Codec::Lz4),
        case("produced and fetched in zstd", Codec::Zstd),
    ]
}

fn case(name: &'static str, codec: Codec) -> Case {
    Case::story::<ProduceRequest>(name, move |talk| {
        let topic = talk.name("topic");
        let id = create(talk, &topic, 1)?;
        for first in [0, 10] {
            let records = batch(talk, codec, first).build().into();
            talk.ask(&request_for(&topic, id, records))?;
        }
        // The second batch, and what is in its middle.
        for offset in [0, 3, 4, 5] {
            fetch(talk, &topic, id, offset)?;
        }
        Ok(())
    })
}

fn batch(talk: &Talk, codec: Codec, first: i64) -> BatchBuilder {
    let mut builder = BatchBuilder::new(Compression::new(codec));
    for number in first..first + 4 {
        let value = format!("number {number} ").repeat(50);
        let time = Timestamp(talk.fixture.now + number);
        builder.push(time, Some(b"key"), Some(value.as_bytes()), &[]);
    }
    builder
}

fn fetch(talk: &mut Talk, topic: &str, topic_id: Uuid, fetch_offset: i64) -> Result<()> {
    let partition =
        FetchPartition { fetch_offset, partition_max_bytes: 1 << 20, ..Default::default() };
    let topic = FetchTopic { topic: topic.into(), topic_id, partitions: vec![partition] };
    let request = FetchRequest { max_wait_ms: 1, topics: vec![topic], ..Default::default() };
    talk.ask_near(&request).map(drop)
}
