//! OffsetForLeaderEpoch: where epochs ended, for consumers that want to know whether their leader
//! still has what they have read (KIP-320).

use std::sync::Arc;

use node::{
    Node,
    request::{EndOfEpoch, TopicRef},
};
use protocol::{
    ErrorCode,
    messages::{
        OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
        offset_for_leader_epoch::{
            EpochEndOffset, OffsetForLeaderPartition, OffsetForLeaderTopicResult,
        },
    },
};
use types::{LeaderEpoch, PartitionIndex, TopicName};

use super::{call::Call, error_codes::Coded};
use crate::{network::Order, shell::Shell};

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: OffsetForLeaderEpochRequest) -> Order {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let named = TopicName::parse(&topic.topic).map_or(TopicRef::InvalidName, TopicRef::Name);
        let ends = topic.partitions.iter().map(|one| look_up(&shell.node, &named, one));
        topics.push(OffsetForLeaderTopicResult { partitions: ends.collect(), topic: topic.topic });
    }
    let response = OffsetForLeaderEpochResponse { topics, ..Default::default() };
    call.answer::<OffsetForLeaderEpochRequest>(&shell.desk, &response);
    Order::Alone
}

fn look_up(node: &Node, topic: &TopicRef, one: &OffsetForLeaderPartition) -> EpochEndOffset {
    let known = one.current_leader_epoch;
    let end = node.end_of_epoch(&EndOfEpoch {
        topic: topic.clone(),
        partition: PartitionIndex(one.partition),
        current_epoch: (known >= 0).then_some(LeaderEpoch(known)),
        epoch: LeaderEpoch(one.leader_epoch),
    });
    let mut answer = EpochEndOffset { partition: one.partition, ..EpochEndOffset::default() };
    match end {
        Ok(Some((epoch, end))) => {
            answer.leader_epoch = epoch.0;
            answer.end_offset = end.0;
        }
        Ok(None) => answer.error_code = ErrorCode::None as i16,
        Err(error) => answer.error_code = error.number(),
    }
    answer
}
