//! A log full of transactions that Kafka wrote: we know of them what Kafka knows.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use storage::{AbortedTransaction, Log, LogConfig, Opening};
use support::{clean, open};
use types::Offset;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/java/Transactions.java");

#[test]
fn pitfall_16_kafkas_transactions_are_read_from_its_index_and_from_its_log_alike() {
    let kafka = tempfile::tempdir().unwrap();
    let said = fill(kafka.path());
    let folder = kafka.path().join("data/transactions-0");
    let indexes = transaction_indexes(&folder);
    assert!(indexes.len() > 2, "several segments have an index: {indexes:?}");

    // As it lies there, and then again without any index: after a crash nothing is believed.
    let (stable, found) = opened(&folder, clean(Offset(said["end"])));
    assert_eq!(stable, said["stable"]);
    let sizes: usize = indexes.values().map(Vec::len).sum();
    assert_eq!(found.len() * 34, sizes);
    let (recovered_stable, recovered) = opened(&folder, Opening::default());
    assert_eq!(recovered_stable, said["stable"]);
    assert_eq!(recovered, found);
    assert!(transaction_indexes(&folder) == indexes, "byte for byte what Kafka wrote");
}

/// Lets a real broker fill the topic, and ends it as a power cut would.
fn fill(folder: &Path) -> BTreeMap<String, i64> {
    let broker = kafka_jars::Broker::start(folder);
    let output = kafka_jars::tool(PROGRAM, [&broker.address.to_string(), "transactions"]);
    let text = kafka_jars::text(&output);
    assert!(output.status.success(), "{text}");
    let numbers = text.lines().filter_map(|line| line.split_once(' '));
    numbers.filter_map(|(name, number)| Some((name.to_owned(), number.parse().ok()?))).collect()
}

fn opened(folder: &Path, opening: Opening) -> (i64, Vec<AbortedTransaction>) {
    let mut log: Log = open(folder, LogConfig::default(), opening).0;
    let end = log.end_offset();
    let found = log.aborted_transactions(Offset(0), end).unwrap();
    (log.last_stable_offset(end).0, found)
}

fn transaction_indexes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let indexes = paths.filter(|path| path.extension().is_some_and(|end| end == "txnindex"));
    indexes.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}
