//! The client against a real Kafka broker.

#![expect(clippy::unwrap_used, reason = "the steps of the one test are functions of their own")]

use std::{collections::BTreeMap, time::Duration};

use client::{
    Address, Client, Config, ErrorCode, Moment, NewTopic, Wanted,
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
    topics_grow_and_go(&client, &name).await;
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
