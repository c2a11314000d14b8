//! One group over many libraries: they agree on the one assignor that all of them have.

use crate::{CONFIG, PACE, PARTITIONS, SESSION, ends};
use client_tests::client::librdkafka::Librdkafka;
use client_tests::group::{Group, Library, PATIENCE, Settings, assert_consumed, create_topic};
use client_tests::load::Load;
use client_tests::server::Server;

const MEMBERS: [(&str, Library); 6] = [
    ("java", Library::Java),
    ("confluent", Library::Confluent),
    ("franz", Library::Franz),
    ("sarama", Library::Sarama),
    ("kafka-python", Library::KafkaPython),
    ("aiokafka", Library::Aiokafka),
];

const RANGE: Settings<'_> = Settings { assignor: Some("range"), instance: None, refresh: None };

#[test]
#[ignore = "needs a built broker, Java, Python and Go"]
fn members_over_six_libraries_share_the_partitions_of_one_group() {
    let server = Server::configured(CONFIG).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    create_topic(&mut client, "mixed", PARTITIONS).unwrap();
    let load = Load::at(PACE, server.bootstrap(), "mixed").unwrap();
    let mut group = Group::new(server.bootstrap(), "mixed", "mixed", PARTITIONS, SESSION);
    let mut names = Vec::new();
    // The one that has been there for longest leads and assigns; it is the one that leaves.
    for (name, library) in MEMBERS {
        group.join(library, name, RANGE).unwrap();
        names.push(name);
        group.wait_until_shared_by(&names, PATIENCE).unwrap();
    }
    group.wait_until_it_moves_on().unwrap();
    for _ in 0..5 {
        group.member_mut(names.remove(0)).leave().unwrap();
        group.wait_until_shared_by(&names, PATIENCE).unwrap();
    }
    group.wait_until_it_moves_on().unwrap();
    let account = load.finish().unwrap();
    group.wait_until_committed(&ends(&account)).unwrap();
    assert_consumed(&group, &account);
}
