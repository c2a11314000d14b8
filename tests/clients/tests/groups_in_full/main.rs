//! Consumer groups over real client libraries: what takes too long for every run.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

mod cooperative;
mod frozen;
mod grown;
mod mixed;
mod reset;
mod static_members;

use client_tests::client::librdkafka::Librdkafka;
use client_tests::group::{Group, Library, create_topic};
use client_tests::load::{Load, Pace};
use client_tests::server::{Config, Server};
use std::thread;
use std::time::Duration;

const PARTITIONS: i32 = 6;
const SESSION: Duration = Duration::from_secs(8);
const PACE: Pace = Pace { partitions: PARTITIONS, burst: 1, rest: Duration::from_millis(50) };
const CONFIG: Config<'_> =
    &[("group.initial.rebalance.delay.ms", "300"), ("offsets.topic.num.partitions", "4")];

/// A group over one library, and what it has to do.
struct Story {
    library: Library,
    topic: String,
    group: Group,
    load: Load,
}

/// Tells a story of each library, all at the same time on one broker.
fn tell(libraries: &[Library], session: Duration, story: fn(Story)) {
    let server = Server::configured(CONFIG).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    thread::scope(|scope| {
        for library in libraries {
            let topic = format!("{library:?}").to_lowercase();
            create_topic(&mut client, &topic, PARTITIONS).unwrap();
            let load = Load::at(PACE, server.bootstrap(), &topic).unwrap();
            let group = Group::new(server.bootstrap(), &topic, &topic, PARTITIONS, session);
            let told = Story { library: *library, topic, group, load };
            scope.spawn(move || story(told));
        }
    });
}

/// How many records each partition got.
fn ends(account: &[Vec<i64>]) -> Vec<i64> {
    account.iter().map(|offsets| i64::try_from(offsets.len()).unwrap()).collect()
}
