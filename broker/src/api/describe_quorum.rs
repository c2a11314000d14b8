//! DescribeQuorum: the replicas of the metadata log, as its leader sees them.

use std::sync::Arc;

use bytestring::ByteString;
use node::{
    QuorumDescription,
    answer::PartitionError,
    control::{Outcome, Refusal, Request},
};
use protocol::{
    ErrorCode,
    messages::{
        DescribeQuorumRequest, DescribeQuorumResponse,
        describe_quorum::{Listener, Node, PartitionData, ReplicaState, TopicData},
    },
};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

/// The topic and the partition that the quorum replicates.
const METADATA_TOPIC: &str = "__cluster_metadata";
const METADATA_PARTITION: i32 = 0;
/// The first version that tells where voters are reached.
const NODES: i16 = 2;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DescribeQuorumRequest) -> Order {
    if !asks_for_metadata(&request) {
        call.answer::<DescribeQuorumRequest>(&shell.desk, &unknown(&request));
        return Order::Alone;
    }
    let now = call.now;
    let ticket = shell.desk.park(call, Then::DescribeQuorum);
    shell.ask_controller(now, ticket, None, Request::DescribeQuorum);
    Order::Alone
}

fn asks_for_metadata(request: &DescribeQuorumRequest) -> bool {
    let [topic] = &request.topics[..] else { return false };
    let [partition] = &topic.partitions[..] else { return false };
    topic.topic_name == METADATA_TOPIC && partition.partition_index == METADATA_PARTITION
}

fn unknown(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let error = PartitionError::UnknownPartition;
    let unknown = |index| failed(index, error.code(), error.to_string());
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic.partitions.iter().map(|one| unknown(one.partition_index)).collect(),
    });
    DescribeQuorumResponse { topics: topics.collect(), ..no_error() }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, call: Call, outcome: &Outcome) {
    let response = match outcome {
        Outcome::DescribeQuorum(quorum) => describe(&call, quorum),
        Outcome::Refused(refusal) => {
            let error = match refusal {
                Refusal::NotController => ErrorCode::NotLeaderOrFollower,
                Refusal::TimedOut | Refusal::TooManyRecords | Refusal::DiskFull => refusal.code(),
            };
            of_metadata(failed(METADATA_PARTITION, error, refusal.to_string()))
        }
        other => unreachable!("the controller answered another question: {other:?}"),
    };
    call.answer::<DescribeQuorumRequest>(desk, &response);
}

fn describe(call: &Call, quorum: &QuorumDescription) -> DescribeQuorumResponse {
    let voters = quorum.voters.iter().map(|(voter, log_end)| ReplicaState {
        replica_id: voter.key.id.0,
        replica_directory_id: if call.version >= NODES {
            voter.key.directory.0
        } else {
            types::Uuid::ZERO
        },
        log_end_offset: log_end.0,
        // The leader is the only voter, and has always just fetched from itself.
        last_fetch_timestamp: call.now.wall.0,
        last_caught_up_timestamp: call.now.wall.0,
    });
    let mut response = of_metadata(PartitionData {
        partition_index: METADATA_PARTITION,
        error_message: Some(ByteString::new()),
        leader_id: quorum.leader.0,
        leader_epoch: quorum.epoch.0,
        high_watermark: quorum.high_watermark.map_or(-1, |offset| offset.0),
        current_voters: voters.collect(),
        ..PartitionData::default()
    });
    if call.version >= NODES {
        response.nodes = nodes(quorum);
    }
    response
}

fn nodes(quorum: &QuorumDescription) -> Vec<Node> {
    let voters = quorum.voters.iter();
    let nodes = voters.map(|(voter, _)| Node {
        node_id: voter.key.id.0,
        listeners: voter
            .endpoints
            .iter()
            .map(|endpoint| Listener {
                name: endpoint.name.as_str().into(),
                host: endpoint.host.as_str().into(),
                port: endpoint.port,
            })
            .collect(),
    });
    nodes.collect()
}

fn of_metadata(partition: PartitionData) -> DescribeQuorumResponse {
    let topic = TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] };
    DescribeQuorumResponse { topics: vec![topic], ..no_error() }
}

fn no_error() -> DescribeQuorumResponse {
    DescribeQuorumResponse {
        error_message: Some(ByteString::new()),
        ..DescribeQuorumResponse::default()
    }
}

fn failed(partition_index: i32, error: ErrorCode, message: String) -> PartitionData {
    PartitionData {
        partition_index,
        error_code: error as i16,
        error_message: Some(message.into()),
        ..PartitionData::default()
    }
}
