//! Admin clients on consumer groups: what Apache Kafka tells them, line for line.
//!
//! `administration.txt` is what Apache Kafka 4.3.1 said, which the tests hold it to as well.

use client_tests::administration;
use client_tests::client::librdkafka::Librdkafka;
use client_tests::group::PATIENCE;
use client_tests::server::{Config, Server};
use client_tests::wait;

const CONFIG: Config<'_> = &[("group.initial.rebalance.delay.ms", "0")];
const TEXT: &str = include_str!("administration.txt");

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn kafkas_admin_client_is_told_of_groups_what_apache_kafka_tells() {
    let server = Server::configured(CONFIG).unwrap();
    is_told_the_same(&administration::of_groups_in_java(&server).unwrap());
}

#[test]
#[ignore = "needs a built broker and Python"]
fn admin_clients_for_python_are_told_of_groups_what_apache_kafka_tells() {
    let server = Server::configured(CONFIG).unwrap();
    // confluent-kafka crashes where the first coordinator of a cluster is not there yet.
    let client = Librdkafka::start(server.bootstrap()).unwrap();
    wait::until(PATIENCE, "there is a coordinator", || {
        Ok(client.committed("nobody", "nothing", 1).ok())
    })
    .unwrap();
    is_told_the_same(&administration::of_groups_in_python(&server).unwrap());
}

/// Compares all sections that were told with those of the text.
fn is_told_the_same(told: &str) {
    let expected = administration::sections(TEXT);
    let told = administration::sections(told);
    assert!(told.len() > 1, "{told:?}");
    for (section, told) in told {
        let expected = &expected[&section];
        let differing =
            expected.lines().zip(told.lines()).find(|(expected, told)| expected != told);
        if let Some((expected, told)) = differing {
            panic!("{section}:\n  expected {expected}\n  told     {told}");
        }
        assert_eq!(&told, expected, "{section}");
    }
}
