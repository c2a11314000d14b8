//! What clients send.

use super::{Case, Talk, numbered, record};
use crate::checks::{self, in_partitions};
use anyhow::Result;
use client_tests::client::{Acks, Client, Codec, Library, Way, outcome};
use client_tests::record::Record;
use client_tests::wait;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) const CASES: &[(&str, Case)] = &[
    ("codec none", |talk| codec(talk, Codec::None)),
    ("codec gzip", |talk| codec(talk, Codec::Gzip)),
    ("codec snappy", |talk| codec(talk, Codec::Snappy)),
    ("codec lz4", |talk| codec(talk, Codec::Lz4)),
    ("codec zstd", |talk| codec(talk, Codec::Zstd)),
    ("acks 0", |talk| checks::round_trip(&mut talk.client, "unanswered", Codec::None, Acks::None)),
    ("acks 1", |talk| checks::round_trip(&mut talk.client, "leader", Codec::Gzip, Acks::Leader)),
    ("headers, some null, some twice", headers),
    ("null keys and values", nulls),
    ("empty and 1 MB records", sizes),
    ("batches of one", |talk| in_a_way(talk, "singly", Way::One, 20)),
    ("batches of thousands", |talk| in_a_way(talk, "together", Way::Many, 5_000)),
    ("idempotent retries", retries),
    ("a record too large", too_large),
    ("a record from the future", from_the_future),
    ("a record without its key", without_its_key),
];

fn codec(talk: &mut Talk, codec: Codec) -> Result<()> {
    checks::round_trip(&mut talk.client, &format!("all-{}", codec.name()), codec, Acks::All)
}

fn headers(talk: &mut Talk) -> Result<()> {
    let header = |name: &str, value: Option<&[u8]>| (name.to_owned(), value.map(<[u8]>::to_vec));
    let mut sent = record(0, Some("key"), Some("value"));
    sent.headers = vec![
        header("twice", Some(b"1")),
        header("null", None),
        header("twice", Some(b"")),
        header("twice", None),
    ];
    comes_back(talk, "headers", &[sent])
}

fn nulls(talk: &mut Talk) -> Result<()> {
    let mut sent = Vec::new();
    for key in [None, Some(""), Some("key")] {
        for value in [None, Some(""), Some("value")] {
            sent.push(record(0, key, value));
        }
    }
    comes_back(talk, "nulls", &sent)
}

fn sizes(talk: &mut Talk) -> Result<()> {
    let large = "x".repeat(1_000_000);
    let sent = [record(0, Some(""), Some("")), record(0, None, Some(&large))];
    comes_back(talk, "sizes", &sent)
}

fn in_a_way(talk: &mut Talk, topic: &str, way: Way, count: usize) -> Result<()> {
    checks::create(&mut talk.client, topic, 1);
    let sent = numbered(0, count);
    talk.client.produce_in(way, topic, Codec::None, Acks::All, &sent)?;
    checks::finds(&mut talk.client, topic, &in_partitions(&sent));
    Ok(())
}

/// The broker has records that it cannot answer for in time; the client sends them again, and they
/// are there once.
fn retries(talk: &mut Talk) -> Result<()> {
    const FROZEN: Duration = Duration::from_secs(5);
    checks::create(&mut talk.client, "again", 1);
    let sent = numbered(0, 100);
    let Talk { server, client } = talk;
    let has_ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut other = Library::Rdkafka.client(server.bootstrap()).unwrap();
            wait::until(Duration::from_secs(60), "the first record is there", || {
                let is_there = other.offsets("again", 0)?.iter().any(|at| at.end > 0);
                Ok((is_there || has_ended.load(Ordering::Relaxed)).then_some(()))
            })
            .unwrap();
            if !has_ended.load(Ordering::Relaxed) {
                server.freeze().unwrap();
                wait::pause(FROZEN);
                server.thaw().unwrap();
            }
        });
        let produced = client.produce_in(Way::Trickle, "again", Codec::None, Acks::All, &sent);
        has_ended.store(true, Ordering::Relaxed);
        produced
    })?;
    // A broker of Kafka that was silent for long has to be let in again before it can lead anything.
    wait::until(Duration::from_secs(60), "a topic can be created", || {
        let outcome = talk.client.create("after-the-frost", 1)?;
        Ok((outcome != "INVALID_REPLICATION_FACTOR").then_some(()))
    })?;
    checks::finds(&mut talk.client, "again", &in_partitions(&sent));
    Ok(())
}

fn too_large(talk: &mut Talk) -> Result<()> {
    let large = record(0, None, Some(&"x".repeat(2_000_000)));
    is_refused(talk, "too-large", large, "MESSAGE_TOO_LARGE")
}

fn from_the_future(talk: &mut Talk) -> Result<()> {
    let mut tomorrow = record(0, None, Some("value"));
    tomorrow.timestamp += 24 * checks::HOUR_MS;
    is_refused(talk, "tomorrow", tomorrow, "INVALID_TIMESTAMP")
}

fn without_its_key(talk: &mut Talk) -> Result<()> {
    checks::create(&mut talk.client, "compacted", 1);
    assert_eq!(talk.client.set_config("compacted", "cleanup.policy", "compact")?, "NONE");
    let keyless = [record(0, None, Some("value"))];
    wait::until(Duration::from_secs(10), "a record without its key is refused", || {
        let produced = talk.client.produce("compacted", Codec::None, Acks::All, &keyless);
        Ok((outcome(produced)? == "INVALID_RECORD").then_some(()))
    })
}

fn is_refused(talk: &mut Talk, topic: &str, record: Record, error: &str) -> Result<()> {
    checks::create(&mut talk.client, topic, 1);
    let produced = talk.client.produce(topic, Codec::None, Acks::All, &[record]);
    assert_eq!(outcome(produced)?, error);
    assert_eq!(talk.client.consume(topic)?, []);
    Ok(())
}

fn comes_back(talk: &mut Talk, topic: &str, sent: &[Record]) -> Result<()> {
    checks::create(&mut talk.client, topic, 1);
    talk.client.produce(topic, Codec::None, Acks::All, sent)?;
    checks::finds(&mut talk.client, topic, &in_partitions(sent));
    Ok(())
}
