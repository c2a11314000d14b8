//! What clients read, and where they go on.

use super::{Case, Talk, numbered, record};
use crate::checks;
use anyhow::Result;
use client_tests::client::{Acks, Client, Codec, Consumed, Offset, Program};
use client_tests::record::Record;
use std::time::Duration;

pub(crate) const CASES: &[(&str, Case)] = &[
    ("manual assignment", manual_assignment),
    ("seek to both ends", seek),
    ("pause and resume", pause),
];

/// Long enough for a record that is there.
const WHILE: Duration = Duration::from_millis(700);

fn manual_assignment(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    fill(client, "by-hand", 3, 5)?;
    client.open(None, "by-hand", &[0, 2])?;
    let found = client.read(10)?;
    let partitions: Vec<_> = found.iter().map(|one| one.record.partition).collect();
    assert_eq!(partitions, [0, 0, 0, 0, 0, 2, 2, 2, 2, 2]);
    client.close()
}

fn seek(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    fill(client, "sought", 2, 5)?;
    client.open(None, "sought", &[0, 1])?;
    client.read(10)?;
    client.seek(1, Offset::Beginning)?;
    assert_eq!(places(&client.read(5)?), [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
    client.seek(0, Offset::At(3))?;
    assert_eq!(places(&client.read(2)?), [(0, 3), (0, 4)]);
    client.seek(0, Offset::At(1))?;
    client.seek(0, Offset::End)?;
    send(client, "sought", &[record(0, None, Some("last"))])?;
    assert_eq!(places(&client.read(1)?), [(0, 5)]);
    client.close()
}

fn pause(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    fill(client, "paused", 2, 5)?;
    client.open(None, "paused", &[0, 1])?;
    client.read(10)?;
    client.pause(0)?;
    send(client, "paused", &[record(0, None, Some("held")), record(1, None, Some("not held"))])?;
    assert_eq!(places(&client.read(1)?), [(1, 5)]);
    assert_eq!(places(&client.read_for(WHILE)?), []);
    client.resume(0)?;
    assert_eq!(places(&client.read(1)?), [(0, 5)]);
    client.close()
}

/// Creates a topic with so many records in each partition.
pub(crate) fn fill(client: &mut Program, topic: &str, partitions: i32, each: usize) -> Result<()> {
    checks::create(client, topic, partitions);
    let records: Vec<_> = (0..partitions).flat_map(|at| numbered(at, each)).collect();
    send(client, topic, &records)
}

fn send(client: &mut Program, topic: &str, records: &[Record]) -> Result<()> {
    client.produce(topic, Codec::None, Acks::All, records).map(drop)
}

pub(crate) fn places(found: &[Consumed]) -> Vec<(i32, i64)> {
    found.iter().map(|one| (one.record.partition, one.offset)).collect()
}
