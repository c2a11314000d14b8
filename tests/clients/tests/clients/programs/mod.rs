//! The same cases for the programs over every client library.
//!
//! A case is written once; a library that cannot do something says so, and docs/clients.md says it
//! too: the tests hold that table to what the programs say.

mod administration;
mod by_itself;
mod groups;
mod producing;
mod reading;
mod topics;
mod unsupported;

use anyhow::Result;
use client_tests::client::{Library, Program, Unsupported};
use client_tests::matrix::Cell;
use client_tests::record::Record;
use client_tests::server::{Config, Server};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const CONFIG: Config<'_> =
    &[("group.initial.rebalance.delay.ms", "0"), ("auto.create.topics.enable", "false")];

/// A client and its server.
struct Talk {
    server: Server,
    client: Program,
}

/// What a client does, and what it must see.
type Case = fn(&mut Talk) -> Result<()>;

/// All cases of one server, in the order in which they are told.
const CASES: &[&[(&str, Case)]] =
    &[producing::CASES, topics::CASES, reading::CASES, groups::CASES, administration::CASES];

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn every_case_over_kafka_clients() {
    every_case_over(Library::Java);
}

#[test]
#[ignore = "needs a built broker and Python"]
fn every_case_over_confluent_kafka() {
    every_case_over(Library::Confluent);
}

#[test]
#[ignore = "needs a built broker and Python"]
fn every_case_over_kafka_python() {
    every_case_over(Library::KafkaPython);
}

#[test]
#[ignore = "needs a built broker and Python"]
fn every_case_over_aiokafka() {
    every_case_over(Library::Aiokafka);
}

#[test]
#[ignore = "needs a built broker and Node.js"]
fn every_case_over_kafkajs() {
    every_case_over(Library::Kafkajs);
}

#[test]
#[ignore = "needs a built broker and Go"]
fn every_case_over_sarama() {
    every_case_over(Library::Sarama);
}

#[test]
#[ignore = "needs a built broker and Go"]
fn every_case_over_franz_go() {
    every_case_over(Library::Franz);
}

#[test]
#[ignore = "needs a built broker"]
fn every_case_over_rdkafka() {
    every_case_over(Library::Rdkafka);
}

fn every_case_over(library: Library) {
    let server = Server::configured(CONFIG).unwrap();
    let client = library.client(server.bootstrap()).unwrap();
    let mut talk = Talk { server, client };
    let (mut failed, mut unsupported) = (Vec::new(), BTreeMap::new());
    for (name, case) in CASES.iter().copied().flatten() {
        match catch_unwind(AssertUnwindSafe(|| tell(library, name, *case, &mut talk))) {
            Ok(None) => {}
            Ok(Some(reason)) => drop(unsupported.insert((*name).to_owned(), reason)),
            Err(_) => failed.push(*name),
        }
    }
    assert_eq!(failed, [""; 0], "{}", library.name());
    let names: Vec<_> = CASES.iter().copied().flatten().map(|(name, _)| *name).collect();
    assert_eq!(unsupported, unsupported::by(library.name(), &names));
}

/// Tells one case; answers with the reason where the library cannot do it.
fn tell(library: Library, name: &str, case: Case, talk: &mut Talk) -> Option<String> {
    let cell = Cell::open(library.name(), name);
    let start = client_tests::wait::now();
    let outcome = case(talk);
    eprintln!("{}: {name}, {} ms", library.name(), start.elapsed().as_millis());
    match outcome.map_err(anyhow::Error::downcast::<Unsupported>) {
        Ok(()) => None,
        Err(Ok(Unsupported(reason))) => {
            cell.unsupported(&reason);
            Some(reason)
        }
        Err(Err(error)) => panic!("{}: {name}: {error:#}", library.name()),
    }
}

/// A record for a partition, of a minute ago.
fn record(partition: i32, key: Option<&str>, value: Option<&str>) -> Record {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Record {
        partition,
        timestamp: client_tests::wait::wall_clock() - 60_000,
        key: key.map(bytes),
        value: value.map(bytes),
        headers: Vec::new(),
    }
}

/// Numbered records for a partition.
fn numbered(partition: i32, count: usize) -> Vec<Record> {
    (0..count).map(|number| record(partition, Some("key"), Some(&number.to_string()))).collect()
}
