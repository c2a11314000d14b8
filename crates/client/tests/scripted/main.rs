//! The client against brokers that do what a script says: old ones, slow ones, broken ones.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a script says what is unusual; all other requests get the usual answer"
)]

mod broker;
mod fetcher;
mod member;
mod producer;

use std::{sync::Arc, time::Duration};

use broker::{Answer, ScriptedBroker, answer};
use client::{
    Address, CallError, Client, Config, ConnectFailure, ErrorCode, PartitionError, Wanted,
};
use protocol::{
    ApiKey,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, FetchRequest, InitProducerIdRequest,
        InitProducerIdResponse, MetadataRequest, ProduceRequest, ProduceResponse,
        api_versions::ApiVersion,
        produce::{PartitionProduceResponse, TopicProduceResponse},
    },
};
use types::{Offset, PartitionIndex, TopicName};

const FIRST: PartitionIndex = PartitionIndex(0);

fn config(address: &Address) -> Config {
    Config {
        connect_deadline: Duration::from_millis(500),
        request_deadline: Duration::from_millis(500),
        response_bytes_max: 10_000,
        ..Config::new(vec![address.clone()])
    }
}

async fn connect(broker: &ScriptedBroker) -> Client {
    Client::connect(config(&broker.address)).await.expect("the script answers")
}

fn topic() -> TopicName {
    TopicName::parse("messages").expect("a legal name")
}

#[tokio::test]
async fn a_broker_that_knows_only_old_versions_is_asked_in_those() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::ApiVersions if request.version > 1 => {
            let own = ApiVersion { api_key: 18, min_version: 0, max_version: 1 };
            let response =
                ApiVersionsResponse { error_code: 35, api_keys: vec![own], ..Default::default() };
            answer::<ApiVersionsRequest>(&response, 0, request)
        }
        ApiKey::ApiVersions => {
            let old = |api_key, max_version| ApiVersion { api_key, min_version: 0, max_version };
            let api_keys = vec![old(18, 1), old(3, 5)];
            let response = ApiVersionsResponse { api_keys, ..Default::default() };
            answer::<ApiVersionsRequest>(&response, request.version, request)
        }
        _ => broker::metadata(request),
    })
    .await;
    let client = connect(&broker).await;
    assert_eq!(client.version_of::<MetadataRequest>().await.unwrap(), Some(5));
    let error = client.call(&FetchRequest::default()).await.unwrap_err();
    let sentence = format!("Fetch is known here in versions 4-18, at {} in none", broker.address);
    assert_eq!(error.to_string(), sentence);
}

#[tokio::test]
async fn requests_of_many_tasks_share_one_connection_and_get_their_own_answers() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::InitProducerId => {
            let asked: InitProducerIdRequest = request.body();
            let id = i64::from(asked.transaction_timeout_ms);
            let response = InitProducerIdResponse { producer_id: id, ..Default::default() };
            answer::<InitProducerIdRequest>(&response, request.version, request)
        }
        _ => broker::usual(request),
    })
    .await;
    let client = Arc::new(connect(&broker).await);
    let tasks: Vec<_> = (0..100).map(|number| tokio::spawn(ask(client.clone(), number))).collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), i64::try_from(number).unwrap());
    }
    assert_eq!(broker.connections(), 1);
}

async fn ask(client: Arc<Client>, number: i32) -> i64 {
    let request = InitProducerIdRequest { transaction_timeout_ms: number, ..Default::default() };
    client.call(&request).await.expect("the script answers").producer_id
}

#[tokio::test]
async fn a_request_that_is_not_answered_ends_with_its_deadline() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::Metadata if request.correlation_id > 1 => Answer::Nothing,
        _ => broker::usual(request),
    })
    .await;
    let client = connect(&broker).await;
    let error = client.cluster(Wanted::Brokers).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { api: ApiKey::Metadata, .. }), "{error}");
    assert!(client.cluster(Wanted::Brokers).await.is_ok(), "a new connection is made");
    assert_eq!(broker.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_the_broker_closes_is_made_anew() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::Metadata => Answer::ThenClose(Box::new(broker::metadata(request))),
        _ => broker::usual(request),
    })
    .await;
    let client = connect(&broker).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.cluster(Wanted::Brokers).await.unwrap();
    }
    assert_eq!(broker.connections(), 4);
}

#[tokio::test]
async fn a_response_that_claims_two_gigabytes_is_not_read() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::Metadata => Answer::Bytes(vec![0x7f, 0xff, 0xff, 0xff]),
        _ => broker::usual(request),
    })
    .await;
    let error = Client::connect(config(&broker.address)).await.unwrap_err();
    let sentence = "the frame of 2147483647 bytes exceeds the limit of 10000";
    assert!(error.to_string().ends_with(sentence), "{error}");
}

#[tokio::test]
async fn an_answer_to_another_request_breaks_the_connection() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::Metadata => Answer::Bytes(vec![0, 0, 0, 8, 0, 0, 0, 99, 0, 0, 0, 0]),
        _ => broker::usual(request),
    })
    .await;
    let error = Client::connect(config(&broker.address)).await.unwrap_err();
    assert!(error.to_string().ends_with("response 99 came where 1 was due"), "{error}");
}

#[tokio::test]
async fn whoever_does_not_speak_kafkas_language_is_recognised() {
    let broker =
        ScriptedBroker::start(|_| Answer::Bytes(b"HTTP/1.1 400 Bad Request\r\n".into())).await;
    let error = Client::connect(config(&broker.address)).await.unwrap_err();
    assert!(error.to_string().starts_with("failed to connect to 127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn nobody_at_the_address_is_said_at_once() {
    let gone = ScriptedBroker::start(broker::usual).await.address.clone();
    let error = Client::connect(config(&gone)).await.unwrap_err();
    let CallError::Connect(error) = error else { panic!("{error}") };
    assert!(matches!(error.failure, ConnectFailure::Io(_)), "{error}");
}

#[tokio::test]
async fn the_next_bootstrap_address_is_tried() {
    let gone = ScriptedBroker::start(broker::usual).await.address.clone();
    let broker = ScriptedBroker::start(broker::usual).await;
    let bootstrap = vec![gone, broker.address.clone()];
    let client = Client::connect(Config { bootstrap, ..config(&broker.address) }).await;
    assert!(client.is_ok());
}

#[tokio::test]
async fn a_batch_goes_to_the_new_leader_when_the_old_one_refuses() {
    let broker = ScriptedBroker::start(|request| match request.key {
        // The first attempt: two metadata requests went before it.
        ApiKey::Produce if request.correlation_id < 4 => {
            produced(ErrorCode::NotLeaderOrFollower, request)
        }
        ApiKey::Produce => produced(ErrorCode::None, request),
        _ => broker::usual(request),
    })
    .await;
    let client = connect(&broker).await;
    let produced = client.produce(&topic(), FIRST, "batch".into()).await.unwrap();
    assert_eq!(produced.base_offset, Offset(7));
}

#[tokio::test]
async fn a_batch_that_may_be_in_the_log_is_not_sent_again() {
    let broker = ScriptedBroker::start(|request| match request.key {
        ApiKey::Produce => produced(ErrorCode::RequestTimedOut, request),
        _ => broker::usual(request),
    })
    .await;
    let client = connect(&broker).await;
    let error = client.produce(&topic(), FIRST, "batch".into()).await.unwrap_err();
    let PartitionError::Refused { refusal, .. } = error else { panic!("{error}") };
    assert_eq!(refusal.code, ErrorCode::RequestTimedOut);
    assert_eq!(broker.requests_of(ApiKey::Produce), 1);
}

fn produced(error: ErrorCode, request: &broker::Received) -> Answer {
    let asked: ProduceRequest = request.body();
    let partition =
        PartitionProduceResponse { error_code: error.code(), base_offset: 7, ..Default::default() };
    let topic = TopicProduceResponse {
        topic_id: asked.topic_data[0].topic_id,
        partition_responses: vec![partition],
        ..Default::default()
    };
    let response = ProduceResponse { responses: vec![topic], ..Default::default() };
    answer::<ProduceRequest>(&response, request.version, request)
}
