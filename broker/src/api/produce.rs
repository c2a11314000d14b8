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
    records::{BatchError, BatchView, InvalidBatch, batches},
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
        // Kafka looks for the partition first.
        _ => {
            return refuse(shell, call, &request, |topic, partition| {
                match shell.node.log_start(topic, partition) {
                    Ok(_) => (ErrorCode::InvalidRequiredAcks, "acks can be 0, 1 or -1".to_owned()),
                    Err(error) => (error.code(), error.to_string()),
                }
            });
        }
    };
    if request.transactional_id.is_some() {
        let error = ErrorCode::TransactionalIdAuthorizationFailed;
        let message = NoCoordinator::Transaction.to_string();
        return refuse(shell, call, &request, |_, _| (error, message.clone()));
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
        let topic = named(version, &data.name, data.topic_id);
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

fn named(version: i16, name: &str, id: Uuid) -> TopicRef {
    if version >= BY_ID {
        TopicRef::Id(TopicId(id))
    } else {
        TopicName::parse(name).map_or(TopicRef::InvalidName, TopicRef::Name)
    }
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
            .map(|(one, result)| {
                let tells = result.as_ref().is_err_and(tells_where_the_log_starts);
                let mut described = describe(one.index, call.version, result, &mut leading);
                let named = || named(call.version, &topic.name, topic.id);
                if tells && let Ok(start) = node.log_start(&named(), PartitionIndex(one.index)) {
                    described.log_start_offset = start.0;
                }
                described
            })
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

/// Whether a refusal tells where the log starts: Kafka's do that come from the log itself, and not
/// from a look at the request before, nor mean that another broker or a smaller batch would do.
fn tells_where_the_log_starts(error: &ProduceError) -> bool {
    match error {
        ProduceError::Invalid(invalid) => is_found_by_the_log(invalid),
        ProduceError::OutOfOrderSequence(_)
        | ProduceError::InvalidProducerEpoch(_)
        | ProduceError::OutsideTransaction(_) => true,
        ProduceError::Partition(_)
        | ProduceError::ExceedsSegment(_)
        | ProduceError::InternalTopic(_)
        | ProduceError::Disk(_)
        | ProduceError::TimedOut => false,
    }
}

fn is_found_by_the_log(invalid: &InvalidBatch) -> bool {
    match invalid {
        InvalidBatch::NotOneBatch
        | InvalidBatch::TooLarge { .. }
        | InvalidBatch::Checksum
        | InvalidBatch::UnsupportedCodec(_)
        | InvalidBatch::Batch(
            BatchError::Torn { .. } | BatchError::Length(_) | BatchError::Magic(_),
        ) => false,
        InvalidBatch::Batch(
            BatchError::Codec(_) | BatchError::Offsets { .. } | BatchError::Count { .. },
        )
        | InvalidBatch::BaseOffset(_)
        | InvalidBatch::Count { .. }
        | InvalidBatch::Control
        | InvalidBatch::Producer { .. }
        | InvalidBatch::Transactional
        | InvalidBatch::TimestampType
        | InvalidBatch::Decompress(_)
        | InvalidBatch::Record { .. }
        | InvalidBatch::Faults(_) => true,
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

/// Refuses all partitions of a request, each with its error and what is to be said of it.
fn refuse(
    shell: &Shell,
    call: Call,
    request: &ProduceRequest,
    refused: impl Fn(&TopicRef, PartitionIndex) -> (ErrorCode, String),
) -> Order {
    if request.acks == 0 {
        call.close(&shell.desk, "a produce with acks=0 was refused".to_owned());
        return Order::Alone;
    }
    let responses = request.topic_data.iter().map(|topic| {
        let named = named(call.version, &topic.name, topic.topic_id);
        let partitions = topic.partition_data.iter().map(|one| {
            let (error, message) = refused(&named, PartitionIndex(one.index));
            PartitionProduceResponse {
                error_message: Some(message.into()),
                ..refusal(one.index, error)
            }
        });
        TopicProduceResponse {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partition_responses: partitions.collect(),
        }
    });
    let response = ProduceResponse { responses: responses.collect(), ..Default::default() };
    call.answer::<ProduceRequest>(&shell.desk, &response);
    Order::Alone
}
