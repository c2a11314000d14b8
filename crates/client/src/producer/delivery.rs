//! One batch on its way to whoever leads its partition.

use std::time::Duration;

use bytes::Bytes;
use protocol::{
    ErrorCode, Records,
    messages::produce::{
        PartitionProduceData, PartitionProduceResponse, ProduceRequest, TopicProduceData,
    },
    records::{BatchBuilder, Compression, Header},
};
use tokio::time::sleep;
use types::Offset;

use super::{Acks, Stamp, lanes::Batch};
use crate::{
    CallError, PartitionError,
    client::milliseconds,
    place::{Place, RETRY_PAUSE},
};

/// What came of a batch.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is in the log; from where on, unless the broker does not remember.
    Appended(Option<Offset>),
    /// It is not in the log.
    Refused(PartitionError),
    /// It is not in the log: it is too large, as the error says.
    TooLarge(PartitionError),
    /// It is not in the log because of these records, by their place in it.
    Faulty(PartitionError, Vec<(usize, String)>),
    /// It is not in the log: the broker does not know its producer, or expects another sequence.
    OutOfSequence(PartitionError),
    /// It may be in the log or not.
    Unknown(PartitionError),
}

/// What one attempt means.
enum Attempt {
    Done(Outcome),
    /// It was not appended by this attempt.
    Again(PartitionError),
    /// It may have been appended.
    Unsure(PartitionError),
}

/// The batch as it is sent.
pub(crate) fn encode(batch: &Batch, stamp: Option<Stamp>, compression: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(compression);
    if let Some(stamp) = stamp {
        builder = builder.producer(stamp.id, stamp.epoch, stamp.sequence);
    }
    for ticketed in &batch.records {
        let record = &ticketed.record;
        let headers = record.headers.iter();
        let headers: Vec<_> =
            headers.map(|(key, value)| Header { key, value: value.as_deref() }).collect();
        builder.push(record.timestamp, record.key.as_deref(), record.value.as_deref(), &headers);
    }
    builder.build()
}

/// Sends a batch until it is known what came of it, or the deadline has passed. A batch that may
/// have been appended is only sent again when the broker can tell that it has it.
pub(crate) async fn deliver(
    place: &Place<'_>,
    batch: &Bytes,
    acks: Acks,
    is_stamped: bool,
) -> Outcome {
    let mut may_be_there = false;
    loop {
        let error = match attempt(place, batch, acks, may_be_there).await {
            Attempt::Done(outcome) => return outcome,
            Attempt::Unsure(error) if !is_stamped => return Outcome::Unknown(error),
            Attempt::Unsure(error) => {
                may_be_there = true;
                error
            }
            Attempt::Again(error) => error,
        };
        if place.remaining() < RETRY_PAUSE * 2 {
            return if may_be_there { Outcome::Unknown(error) } else { Outcome::Refused(error) };
        }
        sleep(RETRY_PAUSE).await;
        // What this says of leaders is found out by the next attempt.
        drop(tokio::time::timeout(REFRESH_WAIT_MAX, place.refresh()).await);
    }
}

const REFRESH_WAIT_MAX: Duration = Duration::from_secs(5);

async fn attempt(place: &Place<'_>, batch: &Bytes, acks: Acks, may_be_there: bool) -> Attempt {
    let (id, leader) = match place.leader().await {
        Ok(leader) => leader,
        Err(error) => return not_sent(error),
    };
    let records = Some(Records::Bytes(batch.clone()));
    let data = PartitionProduceData { index: place.partition.0, records };
    let topic = TopicProduceData {
        name: place.topic.as_str().into(),
        topic_id: id.0,
        partition_data: vec![data],
    };
    let request = ProduceRequest {
        transactional_id: None,
        acks: acks.number(),
        timeout_ms: milliseconds(place.remaining()),
        topic_data: vec![topic],
    };
    let response = match place.ask_leader(leader, &request).await {
        Ok(response) => response,
        Err(error) => return not_answered(error),
    };
    let partitions = response.responses.iter().flat_map(|it| &it.partition_responses);
    match place.only(partitions) {
        Ok(answer) => answered(place, answer, may_be_there),
        Err(error) => Attempt::Unsure(error),
    }
}

/// There was nobody to send it to.
fn not_sent(error: PartitionError) -> Attempt {
    let is_final = matches!(&error, PartitionError::Refused { .. }) && !error.is_retriable();
    if is_final { Attempt::Done(Outcome::Refused(error)) } else { Attempt::Again(error) }
}

fn not_answered(error: PartitionError) -> Attempt {
    let PartitionError::Call(call) = &error else { return Attempt::Unsure(error) };
    match call {
        CallError::Connect(_) | CallError::NoAddress | CallError::UnknownBroker(_) => {
            Attempt::Again(error)
        }
        CallError::Unsupported { .. } | CallError::Encode { .. } => {
            Attempt::Done(Outcome::Refused(error))
        }
        CallError::TimedOut { .. }
        | CallError::Broken { .. }
        | CallError::Decode { .. }
        | CallError::Refused { .. } => Attempt::Unsure(error),
    }
}

fn answered(place: &Place<'_>, answer: &PartitionProduceResponse, may_be_there: bool) -> Attempt {
    let Err(error) = place.check(answer.error_code, answer.error_message.as_deref()) else {
        let offset = (answer.base_offset >= 0).then_some(Offset(answer.base_offset));
        return Attempt::Done(Outcome::Appended(offset));
    };
    let PartitionError::Refused { refusal, .. } = &error else { return Attempt::Unsure(error) };
    let code = refusal.code;
    if code == ErrorCode::DuplicateSequenceNumber {
        return Attempt::Done(Outcome::Appended(None));
    }
    if TOO_LARGE.contains(&code) {
        return Attempt::Done(Outcome::TooLarge(error));
    }
    if OUT_OF_SEQUENCE.contains(&code) {
        let outcome = if may_be_there { Outcome::Unknown } else { Outcome::OutOfSequence };
        return Attempt::Done(outcome(error));
    }
    if MAY_BE_THERE.contains(&code) {
        return Attempt::Unsure(error);
    }
    if error.is_retriable() {
        return Attempt::Again(error);
    }
    Attempt::Done(Outcome::Faulty(error, faults(answer)))
}

const TOO_LARGE: [ErrorCode; 2] = [ErrorCode::MessageTooLarge, ErrorCode::RecordListTooLarge];

/// After these the batch may be in some replica's log.
const MAY_BE_THERE: [ErrorCode; 4] = [
    ErrorCode::RequestTimedOut,
    ErrorCode::NetworkException,
    ErrorCode::NotEnoughReplicasAfterAppend,
    ErrorCode::KafkaStorageError,
];

const OUT_OF_SEQUENCE: [ErrorCode; 4] = [
    ErrorCode::OutOfOrderSequenceNumber,
    ErrorCode::UnknownProducerId,
    ErrorCode::InvalidProducerEpoch,
    ErrorCode::InvalidProducerIdMapping,
];

fn faults(answer: &PartitionProduceResponse) -> Vec<(usize, String)> {
    let code = ErrorCode::from_code(answer.error_code);
    let code = code.map_or_else(|| answer.error_code.to_string(), |code| code.to_string());
    let faults = answer.record_errors.iter().filter_map(|fault| {
        let sentence = match &fault.batch_index_error_message {
            Some(message) => format!("{code}: {message}"),
            None => code.clone(),
        };
        Some((usize::try_from(fault.batch_index).ok()?, sentence))
    });
    faults.collect()
}
