//! What every client must see.

use anyhow::Result;
use client_tests::client::{Acks, Client, Codec, Consumed, Offsets, Place, Unsupported};
use client_tests::record::Record;
use client_tests::wait;
use client_tests::workload::{self, PARTITIONS};
use std::time::Duration;

/// Old enough not to be refused as from the future, young enough not to be deleted.
pub(crate) const HOUR_MS: i64 = 3_600_000;

/// Topics come, grow, go, and come again empty; what cannot be is refused with Kafka's own error.
pub(crate) fn topics_are_created_grown_and_deleted(client: &mut dyn Client) {
    create(client, "short-lived", 1);
    assert_eq!(client.create("short-lived", 1).unwrap(), "TOPIC_ALREADY_EXISTS");
    let record = &workload::plain_records(wait::wall_clock() - HOUR_MS)[..1];
    client.produce("short-lived", Codec::None, Acks::All, record).unwrap();

    assert_eq!(client.grow("short-lived", 4).unwrap(), "NONE");
    wait_for_partitions(client, "short-lived", 4);
    assert_eq!(client.grow("short-lived", 2).unwrap(), "INVALID_PARTITIONS");
    assert_eq!(client.grow("short-lived", 4).unwrap(), "INVALID_PARTITIONS");
    assert_eq!(client.grow("never-created", 2).unwrap(), "UNKNOWN_TOPIC_OR_PARTITION");

    assert_eq!(client.delete("short-lived").unwrap(), "NONE");
    wait_for_partitions(client, "short-lived", 0);
    assert_eq!(client.delete("short-lived").unwrap(), "UNKNOWN_TOPIC_OR_PARTITION");

    create(client, "short-lived", 2);
    assert_eq!(client.consume("short-lived").unwrap(), []);
}

/// Creates a topic and waits until its leaders answer: a producer that does not ask for answers
/// would lose what it sends before.
pub(crate) fn create(client: &mut dyn Client, topic: &str, partitions: i32) {
    assert_eq!(client.create(topic, partitions).unwrap(), "NONE", "{topic}");
    wait_for_partitions(client, topic, usize::try_from(partitions).unwrap());
    wait::until(Duration::from_secs(30), "the leaders answer", || {
        Ok(client.offsets(topic, 0).is_ok().then_some(()))
    })
    .unwrap();
}

/// Produces a workload to a new topic; answers with what every consumer must find there.
pub(crate) fn fill(
    client: &mut dyn Client,
    topic: &str,
    codec: Codec,
    acks: Acks,
) -> Vec<Consumed> {
    try_fill(client, topic, codec, acks).unwrap()
}

/// The same with what this client can express, for one that may not know the codec.
pub(crate) fn try_fill(
    client: &mut dyn Client,
    topic: &str,
    codec: Codec,
    acks: Acks,
) -> Result<Vec<Consumed>> {
    create(client, topic, PARTITIONS);
    let start = wait::wall_clock() - HOUR_MS;
    let mut records = workload::records(start);
    let mut produced = client.produce(topic, codec, acks, &records);
    if produced.as_ref().is_err_and(|error| error.is::<Unsupported>()) {
        records = workload::plain_records(start);
        produced = client.produce(topic, codec, acks, &records);
    }
    let (mut places, expected) = (produced?, in_partitions(&records));
    places.sort_by_key(|place| place.partition);
    if acks != Acks::None {
        let wanted: Vec<_> = expected.iter().map(place).collect();
        assert_eq!(places, wanted, "{topic}");
    }
    Ok(expected)
}

/// Reads a topic with a client and compares it with what must be there.
pub(crate) fn finds(client: &mut dyn Client, topic: &str, expected: &[Consumed]) {
    let mut found = client.consume(topic).unwrap();
    found.sort_by_key(|consumed| consumed.record.partition);
    assert_eq!(found.len(), expected.len(), "{topic}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{topic}");
    }
}

/// What a client sends comes back to it byte for byte.
pub(crate) fn round_trip(
    client: &mut dyn Client,
    topic: &str,
    codec: Codec,
    acks: Acks,
) -> Result<()> {
    let expected = try_fill(client, topic, codec, acks)?;
    if acks == Acks::None {
        wait_for_end(client, topic, expected.len());
    }
    finds(client, topic, &expected);
    bounds_are_told(client, topic, &expected);
    Ok(())
}

/// Looks each partition's bounds up, and the offset of a record by its timestamp.
fn bounds_are_told(client: &mut dyn Client, topic: &str, expected: &[Consumed]) {
    let timestamp = expected[expected.len() / 2].record.timestamp;
    let wanted: Vec<_> = (0..PARTITIONS)
        .map(|partition| {
            let own = expected.iter().filter(|one| one.record.partition == partition);
            let at = own.clone().find(|one| one.record.timestamp >= timestamp);
            let end = i64::try_from(own.count()).unwrap();
            Offsets { partition, start: 0, end, at: at.map_or(-1, |one| one.offset) }
        })
        .collect();
    assert_eq!(client.offsets(topic, timestamp).unwrap(), wanted, "{topic}");
    let later = client.offsets(topic, timestamp + 2 * HOUR_MS).unwrap();
    assert!(later.iter().all(|offsets| offsets.at == -1), "{topic}: {later:?}");
}

/// The records as partitions hold them, by partition and offset.
pub(crate) fn in_partitions(records: &[Record]) -> Vec<Consumed> {
    let mut expected = Vec::new();
    for partition in 0..PARTITIONS {
        let own = records.iter().filter(|record| record.partition == partition);
        expected.extend(
            (0..).zip(own).map(|(offset, record)| Consumed { offset, record: record.clone() }),
        );
    }
    expected
}

fn place(consumed: &Consumed) -> Place {
    Place { partition: consumed.record.partition, offset: consumed.offset }
}

pub(crate) fn wait_for_partitions(client: &mut dyn Client, topic: &str, partitions: usize) {
    wait::until(Duration::from_secs(30), "the metadata is up to date", || {
        Ok((client.partitions(topic)? == partitions).then_some(()))
    })
    .unwrap();
}

/// Where nothing is answered, the records are on their way for a while.
fn wait_for_end(client: &mut dyn Client, topic: &str, count: usize) {
    let count = i64::try_from(count).unwrap();
    wait::until(Duration::from_secs(30), "all records have arrived", || {
        let ends = client.offsets(topic, 0)?.iter().map(|offsets| offsets.end).sum::<i64>();
        Ok((ends == count).then_some(()))
    })
    .unwrap();
}
