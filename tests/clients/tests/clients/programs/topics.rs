//! Topics come, change and go.

use super::{Case, Talk, numbered, reading};
use crate::checks::{self, in_partitions};
use anyhow::Result;
use client_tests::client::{Acks, Client, Codec, Offset, outcome};
use client_tests::wait;
use std::time::Duration;

pub(crate) const CASES: &[(&str, Case)] = &[
    ("topics created, grown and deleted", |talk| {
        checks::topics_are_created_grown_and_deleted(&mut talk.client);
        Ok(())
    }),
    ("topics that cannot be", cannot_be),
    ("a topic made again", made_again),
    ("a topic's configuration", configuration),
    ("a configuration that cannot be", configuration_refused),
    ("records deleted", records_deleted),
    ("an offset that is gone", gone),
];

const KEY: &str = "retention.ms";

fn cannot_be(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    assert_eq!(client.create("no/slash", 1)?, "INVALID_TOPIC_EXCEPTION");
    assert_eq!(client.create(&"x".repeat(250), 1)?, "INVALID_TOPIC_EXCEPTION");
    assert_eq!(client.create("of-nothing", 0)?, "INVALID_PARTITIONS");
    Ok(())
}

/// What was in the first one is not in the second one, which counts from 0.
fn made_again(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    for count in [5, 3] {
        checks::create(client, "again-and-again", 1);
        let sent = numbered(0, count);
        client.produce("again-and-again", Codec::None, Acks::All, &sent)?;
        checks::finds(client, "again-and-again", &in_partitions(&sent));
        assert_eq!(client.delete("again-and-again")?, "NONE");
        checks::wait_for_partitions(client, "again-and-again", 0);
    }
    Ok(())
}

fn configuration(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    checks::create(client, "configured", 1);
    assert_eq!(client.config("configured", KEY)?, "604800000");
    assert_eq!(client.set_config("configured", KEY, "1000000")?, "NONE");
    wait::until(Duration::from_secs(30), "the key has its new value", || {
        Ok((client.config("configured", KEY)? == "1000000").then_some(()))
    })?;
    Ok(())
}

fn configuration_refused(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    checks::create(client, "misconfigured", 1);
    assert_eq!(client.set_config("misconfigured", KEY, "soon")?, "INVALID_CONFIG");
    assert_eq!(client.set_config("nowhere", KEY, "1")?, "UNKNOWN_TOPIC_OR_PARTITION");
    Ok(())
}

fn records_deleted(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    checks::create(client, "cut", 1);
    let sent = numbered(0, 10);
    client.produce("cut", Codec::None, Acks::All, &sent)?;
    assert_eq!(client.truncate("cut", 0, 4)?, 4);
    let left = &in_partitions(&sent)[4..];
    checks::finds(client, "cut", left);
    assert_eq!(client.offsets("cut", 0)?[0].start, 4);
    let refused = outcome(client.truncate("cut", 0, 11))?;
    assert_eq!(refused, "OFFSET_OUT_OF_RANGE");
    Ok(())
}

/// Who wants one that is gone reads on from the first that is left.
fn gone(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    reading::fill(client, "gone", 1, 10)?;
    client.open(None, "gone", &[0])?;
    client.read(10)?;
    client.truncate("gone", 0, 7)?;
    client.seek(0, Offset::At(1))?;
    assert_eq!(reading::places(&client.read(3)?), [(0, 7), (0, 8), (0, 9)]);
    client.close()
}
