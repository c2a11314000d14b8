//! Frames that no client sends, one by one: each is answered as by Kafka or its connection is closed
//! with a line in the log, memory stays bounded, and other clients do not notice.
//!
//! With `KLAMM_TEST_TARGET=kafka` the same list goes to Apache Kafka, so that the fates are Kafka's and
//! not ours; where ours is another one, `docs/compatibility.md` says why.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

mod bad_frame;
mod batch;
mod broker;
mod connection;
mod list;
mod pulse;

use bad_frame::{BadFrame, End};
use broker::Broker;
use client_tests::account::assert_kept;
use client_tests::client::{Client as _, librdkafka::Librdkafka};
use client_tests::hostile;
use client_tests::load::{Load, Pace};
use client_tests::server::Server;
use connection::Seen;
use pulse::Pulse;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::Duration;

/// The topic that the well-behaved client uses.
const SERVED: &str = "served";

/// By how much all bad frames together may make the broker grow.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// How long a well-behaved client may ever wait for a small answer.
const WAIT_MAX: Duration = Duration::from_secs(5);

const IDLE_CONNECTIONS: usize = 5_000;

/// A few hundred records a second.
const PACE: Pace = Pace { partitions: 3, burst: 1, rest: Duration::from_millis(10) };

#[test]
#[ignore = "needs a built broker"]
fn every_bad_frame_meets_its_fate_and_others_do_not_notice() {
    let bystanders = Bystanders::start();
    let mut held = Vec::new();
    let mut wrong = Vec::new();
    for bad in list::all() {
        match fate_of(&bystanders.broker, &bad) {
            Ok(seen) => held.push(seen),
            Err(error) => wrong.push(format!("{}: {error:#}", bad.name)),
        }
    }
    eprintln!("{} bad frames", held.len() + wrong.len());
    bystanders.noticed_nothing();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
#[ignore = "needs a built broker"]
fn five_thousand_connections_that_say_nothing_cost_little() {
    let needed = IDLE_CONNECTIONS as u64 + 200;
    let limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.is_none_or(|most| most >= needed);
    assert!(allowed, "{needed} descriptors are needed; raise the hard limit of {limit:?}");
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
    let bystanders = Bystanders::start();
    let bootstrap = bystanders.broker.bootstrap();
    let half = hostile::request(18, 0, false, &[])[..9].to_vec();
    // Every other one has begun a request.
    let open =
        |index: usize| hostile::open(&bootstrap, if index.is_multiple_of(2) { &[] } else { &half });
    let held: Vec<TcpStream> = (0..IDLE_CONNECTIONS).map(|index| open(index).unwrap()).collect();
    bystanders.noticed_nothing();
    drop(held);
}

#[test]
fn list_is_long_and_its_names_are_told_apart() {
    let all = list::all();
    let names: BTreeSet<_> = all.iter().map(|bad| &bad.name).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 60, "{} bad frames", all.len());
}

#[test]
fn document_has_the_fates_that_are_others_than_kafkas() {
    let page = include_str!("../../../../docs/compatibility.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| bad frame |")).skip(2);
    let rows: Vec<_> = rows.take_while(|line| line.starts_with('|')).map(str::to_owned).collect();
    assert_eq!(rows, list::all().iter().filter_map(BadFrame::row).collect::<Vec<_>>());
}

/// Sends a frame; an error when it meets another fate than the one in the list.
fn fate_of(broker: &Broker, bad: &BadFrame) -> anyhow::Result<Seen> {
    let expected = match &bad.kafkas {
        Some((kafkas, _)) if Server::is_kafka() => kafkas,
        _ => &bad.fate,
    };
    let seen = connection::send(&broker.bootstrap(), bad, expected)?;
    anyhow::ensure!(seen.fate.looks_like(expected), "{}, not {expected}", seen.fate);
    if let End::Closed(words) = bad.fate.end {
        broker.has_said(seen.address, words)?;
    }
    Ok(seen)
}

/// Clients that behave well beside those that do not.
struct Bystanders {
    broker: Broker,
    resident_bytes_before: u64,
    load: Load,
    pulse: Pulse,
}

impl Bystanders {
    fn start() -> Bystanders {
        let broker = Broker::start().unwrap();
        let load = Load::at(PACE, &broker.bootstrap(), SERVED).unwrap();
        let pulse = Pulse::start(&broker.bootstrap());
        let resident_bytes_before = broker.resident_bytes_max().unwrap();
        Bystanders { broker, resident_bytes_before, load, pulse }
    }

    /// Everything was acknowledged and is there, nobody waited long, and the broker did not grow
    /// much. Of Kafka only that it serves is asked.
    fn noticed_nothing(self) {
        let account = self.load.finish().unwrap();
        let mut client = Librdkafka::start(&self.broker.bootstrap()).unwrap();
        let found = client.consume(SERVED).unwrap();
        assert_kept(&found, &account);
        let waited = self.pulse.finish().unwrap();
        let growth = self.broker.resident_bytes_max().unwrap() - self.resident_bytes_before;
        eprintln!(
            "{} records were acknowledged and are there; the longest wait was {waited:?}; it grew by {} MiB",
            found.len(),
            growth >> 20,
        );
        if !Server::is_kafka() {
            assert!(waited <= WAIT_MAX, "a small answer took {waited:?}");
            assert!(growth <= GROWTH_BYTES_MAX, "the broker grew by {growth} bytes");
        }
    }
}
