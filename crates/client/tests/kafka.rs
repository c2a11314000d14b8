//! The client against a real Kafka broker.

#![expect(clippy::unwrap_used, reason = "the steps of the one test are functions of their own")]

use std::{collections::BTreeMap, time::Duration};

use client::{
    Address, Client, Config, ConfigChanges, ConfigResource, ConfigSource, ConfigValue, ErrorCode,
    Moment, NewTopic, Wanted,
    records::{BatchBuilder, Codec, Compression, batches},
};
use kafka_jars::Broker;
use types::{BrokerId, Offset, PartitionIndex, Timestamp, TopicName};

const FIRST: PartitionIndex = PartitionIndex(0);

fn topic(name: &TopicName) -> NewTopic {
    NewTopic {
        name: name.clone(),
        partitions: Some(2),
        replicas: Some(1),
        assignment: BTreeMap::new(),
        config: BTreeMap::from([("retention.ms".into(), "604800000".into())]),
    }
}

async fn connect(broker: &Broker) -> Client {
    let bootstrap = Address { host: broker.address.ip().to_string(), port: broker.address.port() };
    Client::connect(Config::new(vec![bootstrap])).await.expect("a real broker answers")
}

/// One start of Kafka for all: it costs seconds.
#[tokio::test]
async fn a_real_broker_is_spoken_to() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path());
    let client = connect(&broker).await;
    let name = TopicName::parse("messages").unwrap();

    topics_are_created_and_described(&client, &name).await;
    batches_are_produced_and_fetched(&client, &name).await;
    moments_are_found(&client, &name).await;
    configs_are_read_and_changed(&client, &name).await;
    topics_grow_and_go(&client, &name).await;
}

async fn configs_are_read_and_changed(client: &Client, name: &TopicName) {
    let topic = ConfigResource::Topic(name.clone());
    let value = |text: &str, source| ConfigValue { value: Some(text.into()), source };
    let described = client.describe_configs(&topic).await.unwrap();
    assert_eq!(described["retention.ms"], value("604800000", ConfigSource::Topic));
    assert_eq!(described["flush.messages"].source, ConfigSource::Default);

    let changes = ConfigChanges::from([
        ("cleanup.policy".into(), Some("compact".into())),
        ("retention.ms".into(), None),
    ]);
    client.alter_configs(&topic, &changes).await.unwrap();
    let described = described_with(client, &topic, "cleanup.policy", "compact").await;
    assert_eq!(described["cleanup.policy"].source, ConfigSource::Topic);
    assert_eq!(described["retention.ms"], value("604800000", ConfigSource::Default));

    let nonsense = ConfigChanges::from([("retention.ms".into(), Some("soon".into()))]);
    let error = client.alter_configs(&topic, &nonsense).await.unwrap_err();
    assert!(error.to_string().contains("retention.ms"), "{error}");

    let all = ConfigResource::AllBrokers;
    assert!(!client.describe_configs(&all).await.unwrap().contains_key("log.retention.ms"));
    let changes = ConfigChanges::from([("log.retention.ms".into(), Some("1000".into()))]);
    client.alter_configs(&all, &changes).await.unwrap();
    let described = described_with(client, &all, "log.retention.ms", "1000").await;
    assert_eq!(described["log.retention.ms"].source, ConfigSource::AllBrokers);
    assert!(!described.contains_key("log.retention.bytes"), "nobody has set it");
}

async fn topics_are_created_and_described(client: &Client, name: &TopicName) {
    let validated = client.validate_topics(&[topic(name)]).await.unwrap();
    assert!(validated[name].is_ok(), "{validated:?}");
    let created = client.create_topics(&[topic(name)]).await.unwrap();
    let created = created[name].clone().unwrap();
    assert_eq!((created.partitions, created.replicas), (Some(2), Some(1)));
    let again = client.create_topics(&[topic(name)]).await.unwrap();
    assert_eq!(again[name].clone().unwrap_err().code, ErrorCode::TopicAlreadyExists);

    let cluster = client.cluster(Wanted::AllTopics).await.unwrap();
    assert_eq!(cluster.id.as_deref(), Some("AAAAAAAAAAAAAAAAAAAAAQ"));
    assert_eq!(cluster.brokers.len(), 1);
    let described = cluster.topics[name].clone().unwrap();
    assert_eq!(described.id, created.id);
    assert_eq!(described.partitions[&FIRST].replicas, [BrokerId(1)]);
    let unknown = TopicName::parse("unknown").unwrap();
    let cluster = client.cluster(Wanted::Topics(std::slice::from_ref(&unknown))).await.unwrap();
    let refusal = cluster.topics[&unknown].clone().unwrap_err();
    assert_eq!(refusal.code, ErrorCode::UnknownTopicOrPartition);
}

/// The configuration once a key has this value: a broker learns a moment later what the controller
/// has done.
async fn described_with(
    client: &Client,
    resource: &ConfigResource,
    key: &str,
    value: &str,
) -> BTreeMap<String, ConfigValue> {
    for _ in 0..100 {
        let described = client.describe_configs(resource).await.unwrap();
        if described.get(key).is_some_and(|found| found.value.as_deref() == Some(value)) {
            return described;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{key} never became {value}");
}

async fn batches_are_produced_and_fetched(client: &Client, name: &TopicName) {
    let batch = |text: &str| {
        let mut builder = BatchBuilder::new(Compression::new(Codec::Lz4));
        builder.push(Timestamp(1_700_000_000_000), Some(b"key"), Some(text.as_bytes()), &[]);
        builder.build()
    };
    for (count, text) in ["zero", "one", "two"].into_iter().enumerate() {
        let produced = client.produce(name, FIRST, batch(text)).await.unwrap();
        assert_eq!(produced.base_offset, Offset(i64::try_from(count).unwrap()));
    }
    let wait = Duration::from_millis(500);
    let fetched = client.fetch(name, FIRST, Offset(1), 1 << 20, wait).await.unwrap();
    assert_eq!(fetched.high_watermark, Offset(3));
    let last = batches(&fetched.batches).last().unwrap().unwrap();
    assert_eq!(last.last_offset(), Offset(2));
    let error = client.fetch(name, FIRST, Offset(99), 1 << 20, wait).await.unwrap_err();
    assert!(error.to_string().ends_with("OFFSET_OUT_OF_RANGE"), "{error}");
}

async fn moments_are_found(client: &Client, name: &TopicName) {
    for (moment, offset) in [
        (Moment::Earliest, Some(0)),
        (Moment::Latest, Some(3)),
        (Moment::At(Timestamp(0)), Some(0)),
        (Moment::At(Timestamp(i64::MAX)), None),
    ] {
        let found = client.list_offset(name, FIRST, moment).await.unwrap();
        assert_eq!(found.map(|it| it.offset.0), offset, "{moment:?}");
    }
}

async fn topics_grow_and_go(client: &Client, name: &TopicName) {
    let shrunk = client.create_partitions(name, 1, &[]).await.unwrap();
    assert_eq!(shrunk[name].clone().unwrap_err().code, ErrorCode::InvalidPartitions);
    let grown = client.create_partitions(name, 4, &[vec![BrokerId(1)], vec![BrokerId(1)]]).await;
    assert_eq!(grown.unwrap()[name], Ok(()));
    let deleted = client.delete_topics(std::slice::from_ref(name)).await.unwrap();
    assert_eq!(deleted[name], Ok(()));
    let error = client.produce(name, PartitionIndex(3), "".into()).await.unwrap_err();
    assert!(error.to_string().contains("messages-3"), "{error}");
}
