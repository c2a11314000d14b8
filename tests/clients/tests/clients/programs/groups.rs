//! What groups have committed.

use super::reading::{fill, places};
use super::{Case, Talk};
use anyhow::Result;
use client_tests::client::Program;
use client_tests::wait;
use std::time::Duration;

pub(crate) const CASES: &[(&str, Case)] = &[
    ("commits with metadata", commits),
    ("lag", lag),
    ("groups listed, described and deleted", groups),
    ("offsets altered", altered),
    ("offsets deleted", deleted),
    ("offsets kept over a restart", kept),
];

fn commits(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    commit(client, "noted", "notes", 3, "until here")?;
    assert_eq!(client.committed("noted", "notes", 0)?, (3, "until here".to_owned()));
    client.open(Some("noted"), "notes", &[0])?;
    assert_eq!(places(&client.read(2)?), [(0, 3), (0, 4)]);
    assert_eq!(client.commit(0, 5, &"x".repeat(5_000))?, "OFFSET_METADATA_TOO_LARGE");
    assert_eq!(client.commit(0, 5, "")?, "NONE");
    client.close()?;
    assert_eq!(client.committed("noted", "notes", 0)?, (5, String::new()));
    Ok(())
}

fn lag(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    fill(client, "behind", 2, 5)?;
    client.open(Some("late"), "behind", &[0, 1])?;
    client.read(10)?;
    assert_eq!(client.commit(0, 5, "")?, "NONE");
    assert_eq!(client.commit(1, 2, "")?, "NONE");
    client.close()?;
    assert_eq!(client.lag("late", "behind")?, [0, 3]);
    Ok(())
}

fn groups(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    commit(client, "shortly", "held", 1, "")?;
    assert!(client.groups()?.contains(&"shortly".to_owned()));
    assert_eq!(client.group("shortly")?, "Empty");
    assert_eq!(client.delete_group("shortly")?, "NONE");
    assert!(!client.groups()?.contains(&"shortly".to_owned()));
    assert_eq!(client.delete_group("shortly")?, "GROUP_ID_NOT_FOUND");
    Ok(())
}

fn altered(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    commit(client, "moved", "moving", 4, "")?;
    assert_eq!(client.alter_offset("moved", "moving", 0, 2)?, "NONE");
    assert_eq!(client.committed("moved", "moving", 0)?.0, 2);
    Ok(())
}

fn deleted(talk: &mut Talk) -> Result<()> {
    let client = &mut talk.client;
    commit(client, "forgetful", "forgotten", 4, "")?;
    assert_eq!(client.forget("forgetful", "forgotten")?, "NONE");
    assert_eq!(client.committed("forgetful", "forgotten", 0)?.0, -1);
    assert_eq!(client.forget("nobody", "forgotten")?, "GROUP_ID_NOT_FOUND");
    Ok(())
}

fn kept(talk: &mut Talk) -> Result<()> {
    commit(&mut talk.client, "keeper", "kept", 3, "kept")?;
    talk.server.restart()?;
    talk.server.wait_until_it_serves()?;
    let client = &mut talk.client;
    wait::until(Duration::from_secs(60), "the offset is told", || {
        Ok(client.committed("keeper", "kept", 0).is_ok_and(|at| at == told()).then_some(()))
    })?;
    client.open(Some("keeper"), "kept", &[0])?;
    assert_eq!(places(&client.read(2)?), [(0, 3), (0, 4)]);
    client.close()
}

fn told() -> (i64, String) {
    (3, "kept".to_owned())
}

/// Commits an offset of a new topic with five records, for a group that is empty then.
fn commit(
    client: &mut Program,
    group: &str,
    topic: &str,
    offset: i64,
    metadata: &str,
) -> Result<()> {
    fill(client, topic, 1, 5)?;
    client.open(Some(group), topic, &[0])?;
    client.read(5)?;
    assert_eq!(client.commit(0, offset, metadata)?, "NONE");
    client.close()
}
