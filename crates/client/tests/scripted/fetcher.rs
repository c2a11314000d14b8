//! A fetcher against brokers that move, close connections and have nothing at an offset.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use std::{ops::ControlFlow, sync::Arc, sync::atomic::AtomicUsize, sync::atomic::Ordering};

use client::{
    Client, ErrorCode, Fetch, Fetcher, FetcherConfig, Isolation,
    records::{BatchBuilder, Compression},
};
use protocol::{
    ApiKey, Records,
    messages::{
        FetchRequest, FetchResponse,
        fetch::{FetchableTopicResponse, PartitionData},
    },
};
use types::{Offset, Timestamp, TopicName, TopicPartition};

use crate::{
    FIRST,
    broker::{self, Answer, Received, ScriptedBroker, answer},
    config, topic,
};

fn place() -> TopicPartition {
    TopicPartition { topic: topic(), partition: FIRST }
}

/// Each record's value is its offset; there are 10.
fn fetched(error: ErrorCode, request: &Received) -> Answer {
    let asked: FetchRequest = request.body();
    let offset = asked.topics[0].partitions[0].fetch_offset;
    let records = (error == ErrorCode::None && offset < 10).then(|| {
        let mut builder = BatchBuilder::new(Compression::NONE).base_offset(Offset(offset));
        builder.push(Timestamp(5), None, Some(offset.to_string().as_bytes()), &[]);
        Records::Bytes(builder.build())
    });
    let data = PartitionData { error_code: error.code(), records, ..Default::default() };
    let topic = FetchableTopicResponse {
        topic_id: asked.topics[0].topic_id,
        partitions: vec![data],
        ..Default::default()
    };
    let response = FetchResponse { responses: vec![topic], ..Default::default() };
    answer::<FetchRequest>(&response, request.version, request)
}

/// A broker that answers the n-th fetch as the script says.
async fn start(script: fn(usize, &Received) -> Answer) -> ScriptedBroker {
    let count = AtomicUsize::new(0);
    ScriptedBroker::start(move |request| match request.key {
        ApiKey::Fetch => script(count.fetch_add(1, Ordering::SeqCst) + 1, request),
        _ => broker::usual(request),
    })
    .await
}

async fn fetcher(broker: &ScriptedBroker, patience_ms: u64) -> Fetcher {
    let client = Arc::new(Client::connect(config(&broker.address)).await.unwrap());
    let patience = std::time::Duration::from_millis(patience_ms);
    let config = FetcherConfig { patience, ..FetcherConfig::new(Isolation::ReadUncommitted) };
    let mut fetcher = Fetcher::new(client, config);
    fetcher.seek(place(), Offset(0));
    fetcher
}

/// The values of so many records.
async fn read(fetcher: &mut Fetcher, count: usize) -> Vec<String> {
    let mut values = Vec::new();
    while values.len() < count {
        for fetch in fetcher.next().await.unwrap() {
            let Fetch::Batches(batches) = fetch else { panic!("{fetch:?}") };
            let visited = batches.visit(|record, _| {
                values.push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
                ControlFlow::Continue(())
            });
            visited.unwrap();
        }
    }
    values
}

#[tokio::test]
async fn a_leader_that_moves_and_a_connection_that_closes_lose_and_repeat_nothing() {
    let broker = start(|count, request| match count {
        2 => fetched(ErrorCode::NotLeaderOrFollower, request),
        4 => Answer::ThenClose(Box::new(fetched(ErrorCode::None, request))),
        6 => Answer::ThenClose(Box::new(Answer::Bytes(Vec::new()))),
        _ => fetched(ErrorCode::None, request),
    })
    .await;
    let mut fetcher = fetcher(&broker, 10_000).await;
    let wanted: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    assert_eq!(read(&mut fetcher, 10).await, wanted);
    assert_eq!(fetcher.positions()[&place()], Offset(10));
}

#[tokio::test]
async fn nothing_is_lost_when_nobody_waits_for_a_while() {
    let broker = start(|_, request| fetched(ErrorCode::None, request)).await;
    let mut fetcher = fetcher(&broker, 10_000).await;
    let mut values = Vec::new();
    while values.len() < 10 {
        // Dropped at any moment of its wait.
        let wait = std::time::Duration::from_micros(200);
        let Ok(found) = tokio::time::timeout(wait, fetcher.next()).await else { continue };
        for fetch in found.unwrap() {
            let Fetch::Batches(batches) = fetch else { panic!("{fetch:?}") };
            values.push(batches.next_offset().0);
        }
    }
    assert_eq!(values, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_offset_at_which_nothing_is_is_told_and_not_asked_for_again() {
    let broker = start(|count, request| match count {
        1 => fetched(ErrorCode::OffsetOutOfRange, request),
        _ => fetched(ErrorCode::None, request),
    })
    .await;
    let mut fetcher = fetcher(&broker, 10_000).await;
    let found = fetcher.next().await.unwrap();
    assert!(matches!(&found[..], [Fetch::OutOfRange(it, Offset(0))] if *it == place()));
    assert!(fetcher.positions().is_empty());
    fetcher.seek(place(), Offset(3));
    assert_eq!(read(&mut fetcher, 1).await, ["3"]);
}

#[tokio::test]
async fn a_partition_that_cannot_be_read_ends_it_when_patience_does() {
    let broker = start(|_, request| fetched(ErrorCode::NotLeaderOrFollower, request)).await;
    let error = fetcher(&broker, 300).await.next().await.unwrap_err();
    assert_eq!(error.to_string(), "messages-0: NOT_LEADER_OR_FOLLOWER");
    let broker = start(|_, request| fetched(ErrorCode::TopicAuthorizationFailed, request)).await;
    let error = fetcher(&broker, 10_000).await.next().await.unwrap_err();
    assert_eq!(error.to_string(), "messages-0: TOPIC_AUTHORIZATION_FAILED");
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_waited_for_only_as_long_as_patience_lasts() {
    let broker = start(|_, request| fetched(ErrorCode::None, request)).await;
    let mut fetcher = fetcher(&broker, 300).await;
    fetcher.forget(&place());
    let gone = TopicName::parse("gone").unwrap();
    fetcher.seek(TopicPartition { topic: gone, partition: FIRST }, Offset(0));
    let error = fetcher.next().await.unwrap_err();
    assert_eq!(error.to_string(), "gone-0 has no leader");
}
