//! A member of a group whose coordinator does what a script says.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use client::{Assignor, Commit, ErrorCode, GroupConfig, GroupConsumer, GroupEvent};
use protocol::{
    ApiKey,
    messages::{
        FindCoordinatorRequest, FindCoordinatorResponse, HeartbeatRequest, HeartbeatResponse,
        JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
        OffsetCommitRequest, OffsetCommitResponse, SyncGroupRequest, SyncGroupResponse,
        find_coordinator::Coordinator,
        join_group::JoinGroupResponseMember,
        offset_commit::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
    },
};
use tokio::time::timeout;
use types::{Offset, TopicPartition};

use crate::{
    FIRST,
    broker::{self, Answer, Received, ScriptedBroker, answer},
    config, topic,
};

/// What the coordinator says next; what is not said is that all is well.
#[derive(Debug, Default)]
struct Script {
    heartbeats: Vec<ErrorCode>,
    commits: Vec<ErrorCode>,
    joins: Vec<ErrorCode>,
    generation: i32,
    /// The ids and generations of those who joined.
    joined: Vec<String>,
}

type Shared = Arc<Mutex<Script>>;

/// A coordinator of a group of one, which leads it.
async fn start() -> (ScriptedBroker, Shared) {
    let script = Shared::default();
    let told = Arc::clone(&script);
    let broker = ScriptedBroker::start(move |request| {
        let mut script = told.lock().unwrap();
        match request.key {
            ApiKey::FindCoordinator => found(request),
            ApiKey::JoinGroup => joined(&mut script, request),
            ApiKey::SyncGroup => synced(request),
            ApiKey::Heartbeat => {
                let error = script.heartbeats.pop().unwrap_or(ErrorCode::None);
                let response = HeartbeatResponse { error_code: error.code(), ..Default::default() };
                answer::<HeartbeatRequest>(&response, request.version, request)
            }
            ApiKey::OffsetCommit => committed(&mut script, request),
            ApiKey::LeaveGroup => {
                script.joined.push("left".into());
                let response = LeaveGroupResponse::default();
                answer::<LeaveGroupRequest>(&response, request.version, request)
            }
            _ => broker::usual(request),
        }
    });
    (broker.await, script)
}

fn found(request: &Received) -> Answer {
    let coordinator = Coordinator { key: "g".into(), node_id: 1, ..Default::default() };
    let response =
        FindCoordinatorResponse { coordinators: vec![coordinator], ..Default::default() };
    answer::<FindCoordinatorRequest>(&response, request.version, request)
}

/// A member without an id is given one first.
fn joined(script: &mut Script, request: &Received) -> Answer {
    let asked: JoinGroupRequest = request.body();
    script.joined.push(asked.member_id.to_string());
    let error = match script.joins.pop() {
        Some(error) => error,
        None if asked.member_id.is_empty() => ErrorCode::MemberIdRequired,
        None => ErrorCode::None,
    };
    script.generation += 1;
    let member = JoinGroupResponseMember {
        member_id: "m".into(),
        metadata: asked.protocols[0].metadata.clone(),
        ..Default::default()
    };
    let response = JoinGroupResponse {
        error_code: error.code(),
        generation_id: script.generation,
        protocol_name: Some(asked.protocols[0].name.clone()),
        leader: "m".into(),
        member_id: "m".into(),
        members: vec![member],
        ..Default::default()
    };
    answer::<JoinGroupRequest>(&response, request.version, request)
}

/// Each gets what the leader says.
fn synced(request: &Received) -> Answer {
    let asked: SyncGroupRequest = request.body();
    let response = SyncGroupResponse {
        assignment: asked.assignments[0].assignment.clone(),
        ..Default::default()
    };
    answer::<SyncGroupRequest>(&response, request.version, request)
}

fn committed(script: &mut Script, request: &Received) -> Answer {
    let error = script.commits.pop().unwrap_or(ErrorCode::None);
    let partition = OffsetCommitResponsePartition { partition_index: 0, error_code: error.code() };
    let topic = OffsetCommitResponseTopic {
        name: topic().as_str().into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let response = OffsetCommitResponse { topics: vec![topic], ..Default::default() };
    answer::<OffsetCommitRequest>(&response, request.version, request)
}

async fn join(broker: &ScriptedBroker, assignor: Assignor) -> GroupConsumer {
    let group = GroupConfig {
        heartbeat_interval: Duration::from_millis(20),
        assignors: vec![assignor],
        ..GroupConfig::new("g".into(), BTreeSet::from([topic()]))
    };
    GroupConsumer::join(config(&broker.address), group).await.unwrap()
}

async fn event(consumer: &mut GroupConsumer) -> GroupEvent {
    let event = timeout(Duration::from_secs(10), consumer.event()).await;
    event.expect("something happens to a member")
}

fn share() -> BTreeSet<TopicPartition> {
    BTreeSet::from([TopicPartition { topic: topic(), partition: FIRST }])
}

async fn is_assigned(consumer: &mut GroupConsumer, wanted: &BTreeSet<TopicPartition>) {
    let event = event(consumer).await;
    assert!(matches!(&event, GroupEvent::Assign(it) if it == wanted), "{event:?}");
}

#[tokio::test]
async fn a_member_leaves_what_it_reads_before_it_joins_again() {
    let (broker, script) = start().await;
    let mut consumer = join(&broker, Assignor::Range).await;
    is_assigned(&mut consumer, &share()).await;
    script.lock().unwrap().heartbeats = vec![ErrorCode::RebalanceInProgress];
    let GroupEvent::Revoke(revoked, release) = event(&mut consumer).await else { panic!() };
    assert_eq!(revoked, share());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(script.lock().unwrap().joined, ["", "m"], "it waits for the release");
    drop(release);
    is_assigned(&mut consumer, &share()).await;
    assert_eq!(script.lock().unwrap().joined, ["", "m", "m"]);
    consumer.leave().await;
    assert_eq!(script.lock().unwrap().joined.last().unwrap(), "left");
}

#[tokio::test]
async fn a_cooperative_member_reads_on_while_it_joins_again() {
    let (broker, script) = start().await;
    let mut consumer = join(&broker, Assignor::CooperativeSticky).await;
    is_assigned(&mut consumer, &share()).await;
    script.lock().unwrap().heartbeats = vec![ErrorCode::RebalanceInProgress];
    is_assigned(&mut consumer, &BTreeSet::new()).await;
}

#[tokio::test]
async fn a_member_that_was_taken_for_dead_loses_all_and_comes_as_a_new_one() {
    let (broker, script) = start().await;
    let mut consumer = join(&broker, Assignor::Range).await;
    is_assigned(&mut consumer, &share()).await;
    script.lock().unwrap().heartbeats = vec![ErrorCode::UnknownMemberId];
    let lost = event(&mut consumer).await;
    assert!(matches!(&lost, GroupEvent::Lost(it) if *it == share()), "{lost:?}");
    is_assigned(&mut consumer, &share()).await;
    assert_eq!(script.lock().unwrap().joined, ["", "m", "", "m"]);
}

#[tokio::test]
async fn a_group_that_is_being_loaded_is_waited_for_and_one_that_refuses_is_not() {
    let (broker, script) = start().await;
    script.lock().unwrap().joins =
        vec![ErrorCode::NotCoordinator, ErrorCode::CoordinatorLoadInProgress];
    let mut consumer = join(&broker, Assignor::Range).await;
    is_assigned(&mut consumer, &share()).await;
    drop(consumer);

    script.lock().unwrap().joins = vec![ErrorCode::GroupMaxSizeReached];
    let mut consumer = join(&broker, Assignor::Range).await;
    let GroupEvent::Failed(error) = event(&mut consumer).await else { panic!() };
    assert_eq!(error.to_string(), "JoinGroup was refused: GROUP_MAX_SIZE_REACHED");
}

#[tokio::test]
async fn a_commit_is_done_or_tried_later_or_in_vain() {
    let (broker, script) = start().await;
    let mut consumer = join(&broker, Assignor::Range).await;
    is_assigned(&mut consumer, &share()).await;
    let offsets: BTreeMap<_, _> = share().into_iter().map(|it| (it, Offset(5))).collect();
    for (error, commit) in [
        (ErrorCode::None, Commit::Done),
        (ErrorCode::RebalanceInProgress, Commit::Later),
        (ErrorCode::NotCoordinator, Commit::Later),
        (ErrorCode::IllegalGeneration, Commit::Out),
    ] {
        script.lock().unwrap().commits = vec![error];
        assert_eq!(consumer.commit(&offsets).await.unwrap(), commit, "{error}");
    }
    script.lock().unwrap().commits = vec![ErrorCode::OffsetMetadataTooLarge];
    assert!(consumer.commit(&offsets).await.is_err());
}
