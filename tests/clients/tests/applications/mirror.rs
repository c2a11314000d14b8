//! MirrorMaker: a cluster of Apache Kafka moves to Klamm with its topics, records and groups.

use crate::wait_for;
use client_tests::application::Application;
use client_tests::client::{Acks, Client, Codec, Consumed, librdkafka::Librdkafka};
use client_tests::server::{Folder, Server};
use client_tests::{tools, wait, workload};

const MIRROR_MAKER: &str = "org.apache.kafka.connect.mirror.MirrorMaker";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const CONFIGS: &str = "kafka.admin.ConfigCommand";
const HOUR_MS: i64 = 3_600_000;

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn topics_records_and_groups_move_from_apache_kafka_to_klamm() {
    let (old, new) = (Server::kafka().unwrap(), Server::klamm().unwrap());
    let mut from = Librdkafka::start(old.bootstrap()).unwrap();
    let mut to = Librdkafka::start(new.bootstrap()).unwrap();
    assert_eq!(from.create("orders", workload::PARTITIONS).unwrap(), "NONE");
    let retention = ["--alter", "--topic", "orders", "--add-config", "retention.ms=86400000"];
    tools::run(&old, CONFIGS, &retention).unwrap();
    let records = workload::records(wait::wall_clock() - HOUR_MS);
    for some in records.chunks(100) {
        from.produce("orders", Codec::None, Acks::All, some).unwrap();
    }
    let read = ["--topic", "orders", "--group", "billing", "--from-beginning", "--timeout-ms"];
    tools::run(&old, CONSUMER, &[&read[..], &["8000"]].concat()).unwrap();

    let folder = Folder::temporary().unwrap();
    let settings = settings(old.bootstrap(), new.bootstrap());
    let mut mirror = Application::start(folder.path(), MIRROR_MAKER, &settings).unwrap();
    let expected = sorted(from.consume("orders").unwrap());
    wait_for(&mut mirror, "the records have arrived", || {
        to.partitions("orders").is_ok_and(|count| count > 0)
            && to.consume("orders").is_ok_and(|found| sorted(found) == expected)
    });
    let describe = ["--describe", "--topic", "orders"];
    assert!(tools::run(&new, CONFIGS, &describe).unwrap().contains("retention.ms=86400000"));
    wait_for(&mut mirror, "the group's offsets have arrived", || {
        let printed = tools::run(&new, GROUPS, &["--describe", "--group", "billing"]).unwrap();
        printed.lines().any(|line| line.starts_with("billing"))
    });
}

fn sorted(mut found: Vec<Consumed>) -> Vec<Consumed> {
    found.sort_by_key(|one| (one.record.partition, one.offset));
    found
}

fn settings(old: &str, new: &str) -> String {
    let mut settings = format!(
        "clusters=old,new
old.bootstrap.servers={old}
new.bootstrap.servers={new}
old->new.enabled=true
old->new.topics=orders
old->new.groups=billing
old->new.sync.group.offsets.enabled=true
replication.policy.class=org.apache.kafka.connect.mirror.IdentityReplicationPolicy
replication.factor=1
"
    );
    for interval in ["sync.group.offsets", "emit.checkpoints", "refresh.groups", "refresh.topics"] {
        settings.push_str(&format!("old->new.{interval}.interval.seconds=1\n"));
    }
    for topic in ["checkpoints", "heartbeats", "offset-syncs"] {
        settings.push_str(&format!("{topic}.topic.replication.factor=1\n"));
    }
    for topic in ["offset", "status", "config"] {
        settings.push_str(&format!("{topic}.storage.replication.factor=1\n"));
    }
    settings
}
