//! What other brokers got wrong, one test for each: the numbers are those of a list of pitfalls that
//! was collected from issues of brokers and clients.
//!
//! Two of the numbers up to 16 have no test. 6 is about throttling and 8 about authentication: there
//! are no quotas and no authentication yet, and so nothing that could be got wrong; no answer says
//! that a client was throttled. Those from 17 to 19, 31 and 32 are about transactions and newer groups,
//! which do not exist yet either, and 39 and 40 about several brokers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod administration;
mod connection;
mod fetch;
mod formats;
mod groups;
mod idempotence;
mod metadata;
mod offsets;
mod produce;
mod records;
#[path = "../support/mod.rs"]
mod support;
mod transactions;

use bytes::Bytes;
use protocol::{
    ErrorCode, Records,
    messages::{
        CreateTopicsRequest, FetchResponse, ProduceRequest, ProduceResponse,
        create_topics::{CreatableTopic, CreatableTopicConfig},
        fetch::PartitionData,
        produce::PartitionProduceResponse,
    },
    records::{BatchBuilder, Compression},
};
use support::Peer;
use types::{ProducerEpoch, ProducerId, Sequence, Timestamp, Uuid};

fn code(error: ErrorCode) -> i16 {
    error as i16
}

/// A topic to be created with one partition and this configuration.
fn topic(name: &str, configs: &[(&str, &str)]) -> CreatableTopic {
    let config = |(key, value): &(&str, &str)| CreatableTopicConfig {
        name: (*key).into(),
        value: Some((*value).into()),
    };
    CreatableTopic {
        name: name.into(),
        num_partitions: 1,
        replication_factor: 1,
        configs: configs.iter().map(config).collect(),
        ..CreatableTopic::default()
    }
}

/// Creates a topic with a configuration.
async fn configured(peer: &mut Peer, name: &str, configs: &[(&str, &str)]) -> Uuid {
    let request = CreateTopicsRequest { topics: vec![topic(name, configs)], ..Default::default() };
    let answer = peer.ask(&request, 7).await;
    assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
    answer.topics[0].topic_id
}

/// What became of the one batch of a request.
async fn produced(peer: &mut Peer, request: &ProduceRequest) -> PartitionProduceResponse {
    only(peer.ask(request, 13).await)
}

fn only(answer: ProduceResponse) -> PartitionProduceResponse {
    let mut responses = answer.responses.into_iter();
    responses.next().unwrap().partition_responses.into_iter().next().unwrap()
}

/// The answer for the only partition.
fn data(answer: &FetchResponse) -> &PartitionData {
    &answer.responses[0].partitions[0]
}

/// The batches in an answer.
fn stored(answer: &FetchResponse) -> Bytes {
    let data = data(answer);
    assert_eq!(data.error_code, 0);
    let Some(Records::Bytes(bytes)) = &data.records else { panic!("records are never null") };
    bytes.clone()
}

/// A batch of an idempotent producer.
fn idempotent(id: i64, epoch: i16, sequence: i32, values: &[&str]) -> Bytes {
    let builder = BatchBuilder::new(Compression::NONE);
    let (id, epoch, sequence) = (ProducerId(id), ProducerEpoch(epoch), Sequence(sequence));
    let mut builder = builder.producer(id, epoch, sequence);
    for value in values {
        builder.push(Timestamp(1000), None, Some(value.as_bytes()), &[]);
    }
    builder.build()
}

/// A batch that somebody has changed, with a length and a checksum that fit.
fn forged(batch: &Bytes, change: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut bytes = batch.to_vec();
    change(&mut bytes);
    let length = i32::try_from(bytes.len() - 12).unwrap();
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    let crc = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}
