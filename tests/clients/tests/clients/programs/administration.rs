//! What else admin clients are told.

use super::reading::fill;
use super::{Case, Talk};
use anyhow::Result;
use client_tests::client::Unsupported;
use client_tests::server::Server;
use client_tests::wait;
use std::time::Duration;

pub(crate) const CASES: &[(&str, Case)] = &[
    ("the cluster described", |talk| {
        assert_eq!(talk.client.cluster()?, (1, 0));
        Ok(())
    }),
    ("log folders described", |talk| {
        fill(&mut talk.client, "sized", 1, 5)?;
        assert!(talk.client.log_size("sized")? > 5 * 10);
        Ok(())
    }),
    ("producers described", |talk| {
        fill(&mut talk.client, "written", 1, 5)?;
        assert_eq!(talk.client.producers("written")?, 1);
        Ok(())
    }),
    ("the quorum described", |talk| {
        assert_eq!(talk.client.quorum()?, 1);
        Ok(())
    }),
    ("a transaction (Klamm refuses it)", transaction),
];

/// Klamm has none yet: who wants one is told so soon.
fn transaction(talk: &mut Talk) -> Result<()> {
    const SOON: Duration = Duration::from_secs(30);
    fill(&mut talk.client, "in-one-go", 1, 1)?;
    let start = wait::now();
    let outcome = talk.client.transact("mine", "in-one-go");
    if Server::is_kafka() {
        return outcome;
    }
    let error = outcome.expect_err("there are no transactions");
    if error.is::<Unsupported>() {
        return Err(error);
    }
    assert!(start.elapsed() < SOON, "told after {:?}: {error:#}", start.elapsed());
    Ok(())
}
