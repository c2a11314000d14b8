//! One day of a consumer group, for each client library: three share the work, one leaves, one is
//! killed, the broker is restarted and killed, and nothing is missed or done twice.

use client_tests::client::librdkafka::Librdkafka;
use client_tests::group::{Group, Library, PATIENCE, Settings, assert_consumed, create_topic};
use client_tests::load::{Load, Pace};
use client_tests::matrix::Cell;
use client_tests::server::{Config, Server};
use client_tests::wait;
use std::time::Duration;

const TOPIC: &str = "orders";
const PARTITIONS: i32 = 6;
const SESSION: Duration = Duration::from_secs(6);
const PACE: Pace = Pace { partitions: PARTITIONS, burst: 1, rest: Duration::from_millis(20) };
const CONFIG: Config<'_> =
    &[("group.initial.rebalance.delay.ms", "300"), ("offsets.topic.num.partitions", "4")];

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn a_group_over_java_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::Java);
}

#[test]
#[ignore = "needs a built broker and Python"]
fn a_group_over_confluent_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::Confluent);
}

#[test]
#[ignore = "needs a built broker and Python"]
fn a_group_over_kafka_python_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::KafkaPython);
}

#[test]
#[ignore = "needs a built broker and Python"]
fn a_group_over_aiokafka_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::Aiokafka);
}

#[test]
#[ignore = "needs a built broker and Node.js"]
fn a_group_over_kafkajs_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::Kafkajs);
}

#[test]
#[ignore = "needs a built broker and Go"]
fn a_group_over_sarama_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::Sarama);
}

#[test]
#[ignore = "needs a built broker and Go"]
fn a_group_over_franz_go_shares_the_work_and_never_loses_its_place() {
    a_group_shares_the_work_and_never_loses_its_place(Library::Franz);
}

fn a_group_shares_the_work_and_never_loses_its_place(library: Library) {
    let _cell = Cell::open(library.name(), "a group of three: one leaves, one is killed");
    let mut server = Server::configured(CONFIG).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    create_topic(&mut client, TOPIC, PARTITIONS).unwrap();
    let load = Load::at(PACE, server.bootstrap(), TOPIC).unwrap();
    let mut group = Group::new(server.bootstrap(), "shop", TOPIC, PARTITIONS, SESSION);
    for name in ["ada", "bob", "eve"] {
        group.join(library, name, Settings::default()).unwrap();
    }
    group.wait_until_shared_by(&["ada", "bob", "eve"], PATIENCE).unwrap();
    group.wait_until_it_moves_on().unwrap();

    let start = wait::now();
    group.member_mut("eve").leave().unwrap();
    group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();
    let took = start.elapsed();
    eprintln!("{library:?}: shared anew {} ms after one left", took.as_millis());
    assert!(took < SESSION, "who leaves is not waited for, but it took {took:?}");

    server.restart().unwrap();
    server.wait_until_it_serves().unwrap();
    group.wait_until_it_moves_on().unwrap();
    group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();

    let start = wait::now();
    group.member("bob").kill().unwrap();
    group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
    let took = start.elapsed();
    eprintln!("{library:?}: taken over {} ms after one was killed", took.as_millis());

    // kafka-python 3.0.12 waits for ever, also for Apache Kafka, when the broker goes before it was
    // told where to go on.
    group.wait_until_it_moves_on().unwrap();
    server.crash().unwrap();
    server.wait_until_it_serves().unwrap();
    group.wait_until_it_moves_on().unwrap();
    let account = load.finish().unwrap();
    let ends: Vec<_> =
        account.iter().map(|offsets| i64::try_from(offsets.len()).unwrap()).collect();
    group.wait_until_committed(&ends).unwrap();
    group.member_mut("ada").leave().unwrap();
    assert_consumed(&group, &account);
    assert_eq!(client.committed("shop", TOPIC, PARTITIONS).unwrap(), ends);
    eprintln!("{library:?}: {} records", ends.iter().sum::<i64>());
}
