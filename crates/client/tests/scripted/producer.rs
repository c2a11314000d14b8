//! A producer against brokers that refuse, forget and fall silent.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use client::{
    Client, Delivery, DeliveryError, ErrorCode, NewRecord, Producer, ProducerConfig,
    records::BatchView,
};
use protocol::{
    ApiKey, Records,
    messages::{
        InitProducerIdRequest, InitProducerIdResponse, ProduceRequest, ProduceResponse,
        produce::{BatchIndexAndErrorMessage, PartitionProduceResponse, TopicProduceResponse},
    },
};
use tokio::sync::mpsc;
use types::{Offset, Timestamp};

use crate::{
    broker::{self, Answer, Received, ScriptedBroker, answer},
    config, topic,
};

/// A batch as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Batch {
    producer: i64,
    sequence: i32,
    values: Vec<String>,
}

/// What is answered to a batch that is the n-th to arrive.
type Script = fn(usize, &Batch) -> PartitionProduceResponse;

/// A broker that gives out the ids 100, 101, … and the batches that it gets.
async fn start(script: Script) -> (ScriptedBroker, Arc<Mutex<Vec<Batch>>>) {
    let batches = Arc::<Mutex<Vec<Batch>>>::default();
    let seen = Arc::clone(&batches);
    let ids = Mutex::new(99);
    let broker = ScriptedBroker::start(move |request| match request.key {
        ApiKey::InitProducerId => {
            let mut id = ids.lock().unwrap();
            *id += 1;
            let response = InitProducerIdResponse { producer_id: *id, ..Default::default() };
            answer::<InitProducerIdRequest>(&response, request.version, request)
        }
        ApiKey::Produce => {
            let batch = arrived(request);
            let mut seen = seen.lock().unwrap();
            seen.push(batch.clone());
            answered(script(seen.len(), &batch), request)
        }
        _ => broker::usual(request),
    });
    (broker.await, batches)
}

fn arrived(request: &Received) -> Batch {
    let asked: ProduceRequest = request.body();
    let records = asked.topic_data[0].partition_data[0].records.clone();
    let Some(Records::Bytes(bytes)) = records else { panic!("there are records") };
    let batch = BatchView::parse(&bytes).unwrap();
    let payload = batch.payload(1 << 20).unwrap();
    let values = payload
        .records()
        .map(|record| String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap());
    Batch {
        producer: batch.producer_id().0,
        sequence: batch.base_sequence().0,
        values: values.collect(),
    }
}

fn answered(partition: PartitionProduceResponse, request: &Received) -> Answer {
    let asked: ProduceRequest = request.body();
    let topic = TopicProduceResponse {
        topic_id: asked.topic_data[0].topic_id,
        partition_responses: vec![partition],
        ..Default::default()
    };
    let response = ProduceResponse { responses: vec![topic], ..Default::default() };
    answer::<ProduceRequest>(&response, request.version, request)
}

fn code(error: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse { error_code: error.code(), base_offset: 7, ..Default::default() }
}

/// Sends these values; answers with what became of each, in their order.
async fn send(
    broker: &ScriptedBroker,
    values: &[&str],
    is_idempotent: bool,
) -> Vec<Result<Option<Offset>, String>> {
    let client = Arc::new(Client::connect(config(&broker.address)).await.unwrap());
    let config = ProducerConfig {
        idempotent: is_idempotent,
        linger: Duration::from_millis(50),
        delivery_deadline: Duration::from_secs(1),
        ..ProducerConfig::default()
    };
    let producer = Producer::new(client, topic(), config).await.unwrap();
    let (sender, records) = mpsc::channel(values.len());
    for (ticket, value) in (0..).zip(values) {
        let record = NewRecord {
            partition: None,
            timestamp: Timestamp(5),
            key: None,
            value: Some(Bytes::copy_from_slice(value.as_bytes())),
            headers: Vec::new(),
        };
        sender.send((ticket, record)).await.unwrap();
    }
    drop(sender);
    let mut deliveries: Vec<Delivery> = Vec::new();
    producer.run(records, std::future::pending(), |delivery| deliveries.push(delivery)).await;
    deliveries.sort_by_key(|delivery| delivery.ticket);
    let outcome = |delivery: Delivery| match delivery.outcome {
        Ok(delivered) => Ok(delivered.offset),
        Err(error @ DeliveryError::Unknown(_)) => Err(format!("unknown: {error}")),
        Err(error) => Err(error.to_string()),
    };
    deliveries.into_iter().map(outcome).collect()
}

fn sequences(batches: &Mutex<Vec<Batch>>) -> Vec<(i64, i32, usize)> {
    let batches = batches.lock().unwrap();
    batches.iter().map(|batch| (batch.producer, batch.sequence, batch.values.len())).collect()
}

#[tokio::test]
async fn a_batch_whose_fate_is_not_known_is_sent_again_as_the_same_one() {
    let (broker, batches) = start(|count, _| match count {
        1 => code(ErrorCode::RequestTimedOut),
        2 => code(ErrorCode::NotLeaderOrFollower),
        _ => code(ErrorCode::DuplicateSequenceNumber),
    })
    .await;
    let told = send(&broker, &["a", "b"], true).await;
    assert_eq!(told, [Ok(None), Ok(None)]);
    assert_eq!(sequences(&batches), [(100, 0, 2); 3]);
}

#[tokio::test]
async fn without_idempotence_nobody_sends_twice_what_may_be_there() {
    let (broker, batches) = start(|_, _| code(ErrorCode::RequestTimedOut)).await;
    let told = send(&broker, &["a"], false).await;
    let sentence = "unknown: not acknowledged, and it may be in the log or not: messages-0: \
                    REQUEST_TIMED_OUT";
    assert_eq!(told, [Err(sentence.to_owned())]);
    assert_eq!(sequences(&batches), [(-1, -1, 1)]);
}

#[tokio::test]
async fn a_record_that_is_refused_is_left_out_and_the_others_arrive() {
    let (broker, batches) = start(|count, _| match count {
        1 => PartitionProduceResponse {
            record_errors: vec![BatchIndexAndErrorMessage {
                batch_index: 1,
                batch_index_error_message: Some("it has no key".into()),
            }],
            ..code(ErrorCode::InvalidRecord)
        },
        _ => code(ErrorCode::None),
    })
    .await;
    let told = send(&broker, &["a", "b", "c"], true).await;
    let sentence = "INVALID_RECORD: it has no key".to_owned();
    assert_eq!(told, [Ok(Some(Offset(7))), Err(sentence), Ok(Some(Offset(8)))]);
    assert_eq!(sequences(&batches), [(100, 0, 3), (100, 0, 2)]);
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_split_until_only_the_large_record_is_refused() {
    let (broker, batches) = start(|_, batch| {
        let is_large = batch.values.iter().map(String::len).sum::<usize>() > 3;
        code(if is_large { ErrorCode::MessageTooLarge } else { ErrorCode::None })
    })
    .await;
    let told = send(&broker, &["a", "b", "large", "c"], true).await;
    assert_eq!(told[0], Ok(Some(Offset(7))));
    assert_eq!(told[2], Err("messages-0: MESSAGE_TOO_LARGE".to_owned()));
    assert_eq!(told[3], Ok(Some(Offset(7))));
    assert_eq!(
        sequences(&batches),
        [(100, 0, 4), (100, 0, 2), (100, 2, 2), (100, 2, 1), (100, 2, 1)]
    );
}

#[tokio::test]
async fn a_producer_that_the_broker_has_forgotten_goes_on_as_another() {
    let (broker, batches) = start(|count, _| match count {
        1 => code(ErrorCode::UnknownProducerId),
        _ => code(ErrorCode::None),
    })
    .await;
    assert_eq!(send(&broker, &["a"], true).await, [Ok(Some(Offset(7)))]);
    assert_eq!(sequences(&batches), [(100, 0, 1), (101, 0, 1)]);
}

#[tokio::test]
async fn a_broker_that_never_takes_a_batch_is_not_asked_for_ever() {
    let (broker, batches) = start(|_, _| code(ErrorCode::NotLeaderOrFollower)).await;
    let told = send(&broker, &["a"], true).await;
    assert_eq!(told, [Err("messages-0: NOT_LEADER_OR_FOLLOWER".to_owned())]);
    assert!(batches.lock().unwrap().len() > 1);

    let (broker, batches) = start(|_, _| code(ErrorCode::OutOfOrderSequenceNumber)).await;
    let told = send(&broker, &["a"], true).await;
    assert_eq!(told, [Err("messages-0: OUT_OF_ORDER_SEQUENCE_NUMBER".to_owned())]);
    assert_eq!(sequences(&batches), [(100, 0, 1), (101, 0, 1)]);
}
