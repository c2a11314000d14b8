//! DeleteRecords: the beginning of partitions goes, for good.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytestring::ByteString;
use node::{
    answer::DeleteRecordsError,
    request::{DeleteRecords, DeleteRecordsPartition, TopicRef},
};
use protocol::messages::{
    DeleteRecordsRequest, DeleteRecordsResponse,
    delete_records::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
};
use types::{Offset, PartitionIndex, TopicName};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

/// The partitions in the order in which the node was asked for them.
pub(super) struct Shape(Vec<(ByteString, i32)>);

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DeleteRecordsRequest) -> Order {
    let now = call.now;
    let wanted = wanted(&request);
    let partitions = wanted.iter().map(|((topic, index), offset)| DeleteRecordsPartition {
        topic: TopicName::parse(topic).map_or(TopicRef::InvalidName, TopicRef::Name),
        partition: PartitionIndex(*index),
        before: *offset,
    });
    let request = DeleteRecords {
        timeout: Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0)),
        partitions: partitions.collect(),
    };
    let shape = Shape(wanted.into_keys().collect());
    let ticket = shell.desk.park(call, Then::DeleteRecords(shape));
    let mut effects = Vec::new();
    shell.node.delete_records(now, ticket, &request, &mut effects);
    shell.perform(effects);
    Order::Alone
}

/// The offsets by partition; of a partition that is named twice the last one counts, as in Kafka.
fn wanted(request: &DeleteRecordsRequest) -> BTreeMap<(ByteString, i32), Offset> {
    let topics = request.topics.iter();
    let partitions = topics.flat_map(|topic| {
        let named = |index| (topic.name.clone(), index);
        topic.partitions.iter().map(move |one| (named(one.partition_index), Offset(one.offset)))
    });
    partitions.collect()
}

pub(super) fn answer(
    desk: &Desk,
    call: Call,
    shape: Shape,
    outcomes: Vec<Result<Offset, DeleteRecordsError>>,
) {
    let mut topics: Vec<DeleteRecordsTopicResult> = Vec::new();
    for ((name, index), outcome) in shape.0.into_iter().zip(outcomes) {
        let partition = describe(index, &outcome);
        match topics.last_mut() {
            Some(last) if last.name == name => last.partitions.push(partition),
            Some(_) | None => {
                topics.push(DeleteRecordsTopicResult { name, partitions: vec![partition] });
            }
        }
    }
    let response = DeleteRecordsResponse { topics, ..DeleteRecordsResponse::default() };
    call.answer::<DeleteRecordsRequest>(desk, &response);
}

fn describe(
    partition_index: i32,
    outcome: &Result<Offset, DeleteRecordsError>,
) -> DeleteRecordsPartitionResult {
    let low_watermark = match outcome {
        Ok(low_watermark) | Err(DeleteRecordsError::TimedOut { low_watermark }) => *low_watermark,
        Err(
            DeleteRecordsError::Partition(_)
            | DeleteRecordsError::InternalTopic
            | DeleteRecordsError::Policy
            | DeleteRecordsError::Disk(_),
        ) => Offset::NONE,
    };
    DeleteRecordsPartitionResult {
        partition_index,
        low_watermark: low_watermark.0,
        error_code: outcome.as_ref().err().map_or(0, Coded::number),
    }
}
