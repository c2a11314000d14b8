//! Produce: batches in, acknowledgements out.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bytes::Bytes;
use bytestring::ByteString;
use node::{
    Node,
    answer::{Leader, ProduceError, Produced},
    request::{Acks, Produce, ProducePartition, TopicRef},
};
use protocol::{
    ApiKey, ErrorCode, Records,
    messages::{
        ProduceRequest, ProduceResponse,
        produce::{
            BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
            TopicProduceResponse,
        },
    },
    records::{BatchView, InvalidBatch, batches},
};
use types::{BrokerId, PartitionIndex, TopicId, TopicName, Uuid};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
    find_coordinator::NoCoordinator,
    leaders,
    view::Reached,
};
use crate::{network::Order, shell::Shell};

/// The first version that names topics by id.
const BY_ID: i16 = 13;
/// The first version whose errors name the leader.
const NAMES_LEADERS: i16 = 10;
/// The first version that may carry zstd.
const ZSTD: i16 = 7;

type ProduceResult = Result<Produced, ProduceError>;

/// What the answer has to repeat of the request.
pub(super) struct Shape {
    acks: Acks,
    topics: Vec<TopicShape>,
}

struct TopicShape {
    name: ByteString,
    id: Uuid,
    partitions: Vec<PartitionShape>,
}

struct PartitionShape {
    index: i32,
    /// How many records and bytes there are, for the metrics.
    records: u64,
    bytes: u64,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: ProduceRequest) -> Order {
    shell.desk.telemetry.requests.topics.produce_requests.inc();
    let acks = match request.acks {
        0 => Acks::None,
        1 => Acks::Leader,
        -1 => Acks::All,
        _ => {
            let error = ErrorCode::InvalidRequiredAcks;
            return refuse(shell, call, &request, error, "acks can be 0, 1 or -1");
        }
    };
    if request.transactional_id.is_some() {
        let error = ErrorCode::TransactionalIdAuthorizationFailed;
        return refuse(shell, call, &request, error, &NoCoordinator::Transaction.to_string());
    }
    let (version, now) = (call.version, call.now);
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let (shape, partitions) = take_apart(request, version, acks);
    let (zstd_allowed, internal_allowed) = (version >= ZSTD, call.is_administrator);
    let ticket = shell.desk.park(call, Then::Produce(shape));
    let mut effects = Vec::new();
    let produce = Produce { acks, timeout, zstd_allowed, internal_allowed, partitions };
    shell.node.produce(now, ticket, produce, &mut effects);
    shell.perform(effects);
    // The batches are appended by now, in the order of the requests; only acknowledgements wait.
    Order::Pipelined
}

/// Separates what the node gets from what the answer repeats.
fn take_apart(request: ProduceRequest, version: i16, acks: Acks) -> (Shape, Vec<ProducePartition>) {
    let mut partitions = Vec::with_capacity(request.topic_data.len());
    let mut topics = Vec::with_capacity(request.topic_data.len());
    for data in request.topic_data {
        let topic = if version >= BY_ID {
            TopicRef::Id(TopicId(data.topic_id))
        } else {
            TopicName::parse(&data.name).map_or(TopicRef::InvalidName, TopicRef::Name)
        };
        let mut shapes = Vec::with_capacity(data.partition_data.len());
        for one in data.partition_data {
            let records = match one.records {
                Some(Records::Bytes(bytes)) => bytes,
                Some(Records::Slot { .. }) | None => Bytes::new(),
            };
            shapes.push(PartitionShape::of(one.index, &records));
            let partition = PartitionIndex(one.index);
            partitions.push(ProducePartition { topic: topic.clone(), partition, records });
        }
        // Copied, so that a parked answer does not hold the frame with its records.
        let name = ByteString::from(data.name.to_string());
        topics.push(TopicShape { name, id: data.topic_id, partitions: shapes });
    }
    (Shape { acks, topics }, partitions)
}

impl PartitionShape {
    fn of(index: i32, records: &Bytes) -> PartitionShape {
        let count = |batch: &BatchView<'_>| u64::try_from(batch.count()).unwrap_or(0);
        let first = batches(records).next().and_then(Result::ok);
        let count = first.as_ref().map_or(0, count);
        PartitionShape { index, records: count, bytes: records.len() as u64 }
    }
}

pub(super) fn answer(
    desk: &Desk,
    node: &Node,
    call: Call,
    shape: Shape,
    results: Vec<ProduceResult>,
) {
    count(desk, &shape, &results);
    if shape.acks == Acks::None {
        return match results.iter().find_map(|result| result.as_ref().err()) {
            None => call.answer_nothing(desk),
            // Such a client hears of errors in no other way; it then asks for the metadata.
            Some(error) => call.close(desk, format!("a batch with acks=0 was refused: {error}")),
        };
    }
    let mut leading = BTreeSet::new();
    let mut results = results.into_iter();
    let mut responses = Vec::with_capacity(shape.topics.len());
    for topic in shape.topics {
        let partitions = topic.partitions.iter().zip(&mut results);
        let partition_responses = partitions
            .map(|(one, result)| describe(one.index, call.version, result, &mut leading))
            .collect();
        responses.push(TopicProduceResponse {
            name: topic.name,
            topic_id: topic.id,
            partition_responses,
        });
    }
    let node_endpoints = endpoints(desk, node, &call, &leading);
    let response = ProduceResponse { responses, node_endpoints, ..ProduceResponse::default() };
    call.answer::<ProduceRequest>(desk, &response);
}

fn count(desk: &Desk, shape: &Shape, results: &[ProduceResult]) {
    let metrics = &desk.telemetry.requests.topics;
    let partitions = shape.topics.iter().flat_map(|topic| &topic.partitions);
    for (partition, result) in partitions.zip(results) {
        match result {
            Ok(_) => {
                metrics.messages_in.inc_by(partition.records);
                metrics.bytes_in.inc_by(partition.bytes);
            }
            Err(error) => {
                metrics.failed_produce.inc();
                if shape.acks == Acks::None {
                    // There is no answer that it would be counted in.
                    desk.telemetry.requests.refused(ApiKey::Produce, error.number());
                }
            }
        }
    }
}

fn describe(
    index: i32,
    version: i16,
    result: ProduceResult,
    leading: &mut BTreeSet<BrokerId>,
) -> PartitionProduceResponse {
    match result {
        Ok(produced) => PartitionProduceResponse {
            index,
            base_offset: produced.base_offset.0,
            log_append_time_ms: produced.log_append_time.map_or(-1, |time| time.0),
            log_start_offset: produced.log_start.0,
            ..PartitionProduceResponse::default()
        },
        Err(error) => {
            let mut described = refusal(index, error.code());
            described.error_message = Some(error.to_string().into());
            described.record_errors = record_errors(&error);
            if version >= NAMES_LEADERS
                && let Some(leader) = named_leader(&error)
            {
                leading.insert(leader.broker);
                described.current_leader =
                    LeaderIdAndEpoch { leader_id: leader.broker.0, leader_epoch: leader.epoch.0 };
            }
            described
        }
    }
}

fn refusal(index: i32, error: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code: error as i16,
        base_offset: -1,
        ..PartitionProduceResponse::default()
    }
}

fn record_errors(error: &ProduceError) -> Vec<BatchIndexAndErrorMessage> {
    let ProduceError::Invalid(InvalidBatch::Faults(faults)) = error else { return Vec::new() };
    let of_record = |fault: &protocol::records::RecordFault| BatchIndexAndErrorMessage {
        batch_index: i32::try_from(fault.index).unwrap_or(i32::MAX),
        batch_index_error_message: Some(fault.to_string().into()),
    };
    faults.iter().map(of_record).collect()
}

fn named_leader(error: &ProduceError) -> Option<Leader> {
    match error {
        ProduceError::Partition(error) => leaders::named_by(error),
        ProduceError::Invalid(_)
        | ProduceError::ExceedsSegment(_)
        | ProduceError::InternalTopic(_)
        | ProduceError::OutOfOrderSequence(_)
        | ProduceError::InvalidProducerEpoch(_)
        | ProduceError::OutsideTransaction(_)
        | ProduceError::Disk(_)
        | ProduceError::TimedOut => None,
    }
}

fn endpoints(
    desk: &Desk,
    node: &Node,
    call: &Call,
    leading: &BTreeSet<BrokerId>,
) -> Vec<NodeEndpoint> {
    if leading.is_empty() {
        return Vec::new();
    }
    let reached = leaders::reached(&node.image(), desk.listener(call), leading);
    let endpoint = |one: Reached| NodeEndpoint {
        node_id: one.id,
        host: one.host,
        port: one.port,
        rack: one.rack,
    };
    reached.into_iter().map(endpoint).collect()
}

/// Refuses all partitions of a request.
fn refuse(
    shell: &Shell,
    call: Call,
    request: &ProduceRequest,
    error: ErrorCode,
    message: &str,
) -> Order {
    if request.acks == 0 {
        call.close(&shell.desk, format!("a produce with acks=0 was refused: {message}"));
        return Order::Alone;
    }
    let responses = request.topic_data.iter().map(|topic| TopicProduceResponse {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partition_responses: topic
            .partition_data
            .iter()
            .map(|one| PartitionProduceResponse {
                error_message: Some(message.into()),
                ..refusal(one.index, error)
            })
            .collect(),
    });
    let response = ProduceResponse { responses: responses.collect(), ..Default::default() };
    call.answer::<ProduceRequest>(&shell.desk, &response);
    Order::Alone
}
