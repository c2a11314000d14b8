//! ListOffsets: where partitions begin, end or reach a time.
//!
//! The time limit that version 10 brought is for reads of tiered storage, of which there is none.

use std::{collections::BTreeSet, sync::Arc};

use node::{
    Node,
    answer::PartitionError,
    request::{ListOffsetsPartition, Position, TopicRef},
};
use protocol::{
    ErrorCode,
    messages::{
        ListOffsetsRequest, ListOffsetsResponse,
        list_offsets::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
    },
};
use types::{LeaderEpoch, PartitionIndex, Timestamp, TopicName};

use super::{call::Call, error_codes::Coded, fetch::isolation};
use crate::{network::Order, shell::Shell};

/// The first version that tells leader epochs.
const EPOCHS: i16 = 4;
/// The first version that can say that an offset is not available yet.
const UNAVAILABLE: i16 = 5;
/// Who asks is a client; any other number is that of a replica, which sees all.
const CLIENT: i32 = -1;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: ListOffsetsRequest) -> Order {
    if !may_search(&request) {
        let response = look_up(&shell.node, call.version, &request);
        call.answer::<ListOffsetsRequest>(&shell.desk, &response);
        return Order::Alone;
    }
    // A search by time reads batches, which may have to come from the disk.
    let shell = shell.clone();
    let pool = shell.lanes.data.clone();
    pool.submit(move || {
        let response = look_up(&shell.node, call.version, &request);
        call.answer::<ListOffsetsRequest>(&shell.desk, &response);
    });
    Order::Alone
}

/// Whether some offset can only be found by looking at records.
fn may_search(request: &ListOffsetsRequest) -> bool {
    const EARLIEST: i64 = -2;
    const LATEST: i64 = -1;
    let mut wanted = request.topics.iter().flat_map(|topic| &topic.partitions);
    wanted.any(|one| one.timestamp != EARLIEST && one.timestamp != LATEST)
}

fn look_up(node: &Node, version: i16, request: &ListOffsetsRequest) -> ListOffsetsResponse {
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    let mut refusals = BTreeSet::new();
    for topic in &request.topics {
        for one in &topic.partitions {
            if !seen.insert((&topic.name, one.partition_index)) {
                repeated.insert((&topic.name, one.partition_index));
            }
        }
    }
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let named = TopicName::parse(&topic.name).map_or(TopicRef::InvalidName, TopicRef::Name);
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for one in &topic.partitions {
            let index = one.partition_index;
            if repeated.contains(&(&topic.name, index)) {
                if !refusals.insert((&topic.name, index)) {
                    continue;
                }
                partitions.push(refused(index, ErrorCode::InvalidRequest as i16));
                continue;
            }
            let Some(position) = position(one.timestamp, version) else {
                partitions.push(refused(index, ErrorCode::UnsupportedVersion as i16));
                continue;
            };
            let epoch = one.current_leader_epoch;
            partitions.push(look_up_one(
                node,
                version,
                index,
                &ListOffsetsPartition {
                    topic: named.clone(),
                    partition: PartitionIndex(index),
                    current_epoch: (epoch >= 0).then_some(LeaderEpoch(epoch)),
                    isolation: (request.replica_id == CLIENT)
                        .then(|| isolation(request.isolation_level)),
                    position,
                },
            ));
        }
        topics.push(ListOffsetsTopicResponse { name: topic.name.clone(), partitions });
    }
    ListOffsetsResponse { topics, ..ListOffsetsResponse::default() }
}

fn look_up_one(
    node: &Node,
    version: i16,
    index: i32,
    wanted: &ListOffsetsPartition,
) -> ListOffsetsPartitionResponse {
    match node.list_offset(wanted) {
        Ok(found) => ListOffsetsPartitionResponse {
            partition_index: index,
            error_code: ErrorCode::None as i16,
            timestamp: found.timestamp.0,
            offset: found.offset.0,
            leader_epoch: if version >= EPOCHS { found.epoch } else { LeaderEpoch::NONE }.0,
        },
        // The error came with version 5.
        Err(PartitionError::OffsetNotAvailable) if version < UNAVAILABLE => {
            refused(index, ErrorCode::LeaderNotAvailable as i16)
        }
        Err(error) => refused(index, error.number()),
    }
}

fn refused(partition_index: i32, error_code: i16) -> ListOffsetsPartitionResponse {
    ListOffsetsPartitionResponse {
        partition_index,
        error_code,
        ..ListOffsetsPartitionResponse::default()
    }
}

/// What a timestamp asks for, if this version knows it.
fn position(timestamp: i64, version: i16) -> Option<Position> {
    match timestamp {
        0.. => Some(Position::At(Timestamp(timestamp))),
        -1 => Some(Position::Latest),
        -2 => Some(Position::Earliest),
        -3 if version >= 7 => Some(Position::MaxTimestamp),
        -4 if version >= 8 => Some(Position::Earliest),
        -5 if version >= 9 => Some(Position::LatestTiered),
        -6 if version >= 11 => Some(Position::EarliestPendingUpload),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_timestamps_mean_positions_from_the_version_that_knows_them() {
        assert_eq!(position(-1, 1), Some(Position::Latest));
        assert_eq!(position(-3, 6), None);
        assert_eq!(position(-3, 7), Some(Position::MaxTimestamp));
        assert_eq!(position(-4, 8), Some(Position::Earliest));
        assert_eq!(position(-6, 10), None);
        assert_eq!(position(-7, 11), None);
        assert_eq!(position(5, 1), Some(Position::At(Timestamp(5))));
    }
}
