//! A topic gets more partitions while a group consumes it, and its member takes those too.

use crate::{CONFIG, SESSION};
use client_tests::client::{Acks, Client as _, Codec, librdkafka::Librdkafka};
use client_tests::group::{Group, Library, PATIENCE, Settings, create_topic};
use client_tests::matrix::Cell;
use client_tests::record::Record;
use client_tests::server::Server;
use client_tests::wait;
use std::thread;
use std::time::Duration;

const BEFORE: i32 = 2;
const AFTER: i32 = 4;

const CURIOUS: Settings<'_> =
    Settings { assignor: None, instance: None, refresh: Some(Duration::from_secs(1)) };

#[test]
#[ignore = "needs a built broker, Java, Python, Node.js and Go"]
fn partitions_that_are_added_are_consumed_as_well() {
    let server = Server::configured(CONFIG).unwrap();
    thread::scope(|scope| {
        for library in Library::MEMBERS {
            let bootstrap = server.bootstrap();
            scope.spawn(move || partitions_are_added(bootstrap, library));
        }
    });
}

fn partitions_are_added(bootstrap: &str, library: Library) {
    let _cell = Cell::open(library.name(), "partitions added while consuming");
    let mut client = Librdkafka::start(bootstrap).unwrap();
    let topic = library.name();
    create_topic(&mut client, topic, BEFORE).unwrap();
    let mut group = Group::new(bootstrap, topic, topic, BEFORE, SESSION);
    group.join(library, "ada", CURIOUS).unwrap();
    group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
    send(&mut client, topic, BEFORE);
    group.wait_until_committed(&[1, 1]).unwrap();

    assert_eq!(client.grow(topic, AFTER).unwrap(), "NONE");
    group.is_to_share(AFTER);
    group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
    send(&mut client, topic, AFTER);
    group.wait_until_committed(&[2, 2, 1, 1]).unwrap();
    group.member_mut("ada").leave().unwrap();
}

/// Sends a record to each partition.
fn send(client: &mut Librdkafka, topic: &str, partitions: i32) {
    let record = |partition| Record {
        partition,
        timestamp: wait::wall_clock(),
        key: None,
        value: Some(b"value".to_vec()),
        headers: Vec::new(),
    };
    let records: Vec<_> = (0..partitions).map(record).collect();
    client.produce(topic, Codec::None, Acks::All, &records).unwrap();
}
