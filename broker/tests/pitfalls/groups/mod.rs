//! Pitfalls 28 to 30: groups, static members, committed offsets. Each member has a connection of its
//! own, as real ones have, and speaks one version of every request.

mod committed;
mod members;
mod static_members;

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use protocol::{
    ErrorCode,
    messages::{
        FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
        LeaveGroupRequest, LeaveGroupResponse, OffsetCommitRequest, OffsetFetchRequest,
        SyncGroupRequest, SyncGroupResponse,
        join_group::JoinGroupRequestProtocol,
        leave_group::MemberIdentity,
        offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_fetch::{
            OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
        },
        sync_group::SyncGroupRequestAssignment,
    },
};
use types::Uuid;

use crate::{code, support::*};

/// No waiting for more members, and sessions as short as a test wants them.
const QUICK: &str = "group.initial.rebalance.delay.ms=0\ngroup.min.session.timeout.ms=1\n";
const GROUP: &str = "readers";

/// The versions that a client speaks.
#[derive(Debug, Clone, Copy)]
struct Versions {
    join: i16,
    sync: i16,
    heartbeat: i16,
    leave: i16,
    commit: i16,
}

const OLDEST: Versions = Versions { join: 0, sync: 0, heartbeat: 0, leave: 0, commit: 2 };
const NEWEST: Versions = Versions { join: 9, sync: 5, heartbeat: 4, leave: 5, commit: 10 };

/// A client of a group.
struct Member {
    peer: Peer,
    versions: Versions,
    id: ByteString,
    instance: Option<ByteString>,
    generation: i32,
    session: Duration,
    rebalance: Duration,
    protocols: Vec<(&'static str, &'static [u8])>,
}

/// A broker whose coordinators are there.
async fn start_quick() -> Running {
    ready(start_with(QUICK).await).await
}

/// Waits until a broker looks after groups.
async fn ready(running: Running) -> Running {
    let mut peer = running.connect().await;
    loop {
        let find = FindCoordinatorRequest { key: GROUP.into(), ..Default::default() };
        let is_found = peer.ask(&find, 2).await.error_code == 0;
        let offsets = all_offsets(&mut peer, GROUP, 5).await;
        if is_found && offsets.is_ok() {
            return running;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl Member {
    async fn of(running: &Running, versions: Versions) -> Member {
        Member {
            peer: running.connect().await,
            versions,
            id: ByteString::new(),
            instance: None,
            generation: -1,
            session: Duration::from_secs(30),
            rebalance: Duration::from_secs(30),
            protocols: vec![("range", b"")],
        }
    }

    async fn named(running: &Running, versions: Versions, instance: &str) -> Member {
        let instance = Some(instance.into());
        Member { instance, ..Member::of(running, versions).await }
    }

    /// The only member of its group, with its share.
    async fn alone(running: &Running, versions: Versions) -> Member {
        let mut member = Member::of(running, versions).await;
        member.come_in().await;
        member
    }

    /// Joins and, as the only member, assigns.
    async fn come_in(&mut self) {
        assert_eq!(self.join().await.error_code, 0);
        let own = self.id.clone();
        assert_eq!(self.sync(&[(&own, b"all")]).await.error_code, 0);
    }

    /// Joins, in two steps where the version wants that.
    async fn join(&mut self) -> JoinGroupResponse {
        self.send_join().await;
        let answer = self.joined().await;
        if answer.error_code != code(ErrorCode::MemberIdRequired) {
            return answer;
        }
        self.send_join().await;
        self.joined().await
    }

    /// Joins as one that has an id already where the version wants that, and waits.
    async fn wait_in_join(&mut self) {
        if self.versions.join >= 4 && self.instance.is_none() && self.id.is_empty() {
            self.send_join().await;
            assert_eq!(self.joined().await.error_code, code(ErrorCode::MemberIdRequired));
        }
        self.send_join().await;
    }

    async fn send_join(&mut self) {
        let milliseconds = |time: Duration| i32::try_from(time.as_millis()).unwrap();
        let protocol = |(name, metadata): &(&str, &'static [u8])| JoinGroupRequestProtocol {
            name: (*name).into(),
            metadata: Bytes::from_static(metadata),
        };
        let request = JoinGroupRequest {
            group_id: GROUP.into(),
            session_timeout_ms: milliseconds(self.session),
            rebalance_timeout_ms: milliseconds(self.rebalance),
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: "consumer".into(),
            protocols: self.protocols.iter().map(protocol).collect(),
            reason: None,
        };
        self.peer.send(&request, self.versions.join).await;
    }

    async fn joined(&mut self) -> JoinGroupResponse {
        let answer = self.peer.receive::<JoinGroupRequest>(self.versions.join).await;
        self.id = answer.member_id.clone();
        self.generation = answer.generation_id;
        answer
    }

    async fn sync(&mut self, shares: &[(&str, &'static [u8])]) -> SyncGroupResponse {
        self.send_sync(shares).await;
        self.synced().await
    }

    async fn send_sync(&mut self, shares: &[(&str, &'static [u8])]) {
        let share = |(member, share): &(&str, &'static [u8])| SyncGroupRequestAssignment {
            member_id: (*member).into(),
            assignment: Bytes::from_static(share),
        };
        let request = SyncGroupRequest {
            group_id: GROUP.into(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: Some("consumer".into()),
            protocol_name: Some(self.protocols[0].0.into()),
            assignments: shares.iter().map(share).collect(),
        };
        self.peer.send(&request, self.versions.sync).await;
    }

    async fn synced(&mut self) -> SyncGroupResponse {
        self.peer.receive::<SyncGroupRequest>(self.versions.sync).await
    }

    /// The error that a heartbeat is answered with.
    async fn heartbeat(&mut self) -> i16 {
        let request = HeartbeatRequest {
            group_id: GROUP.into(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
        };
        self.peer.ask(&request, self.versions.heartbeat).await.error_code
    }

    /// Waits until the member is to join again.
    async fn hears_of_a_rebalance(&mut self) {
        while self.heartbeat().await != code(ErrorCode::RebalanceInProgress) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Joins again as soon as it is to, and waits.
    async fn follow(&mut self) {
        self.hears_of_a_rebalance().await;
        self.send_join().await;
    }

    async fn leave(&mut self) -> LeaveGroupResponse {
        let identity = MemberIdentity { member_id: self.id.clone(), ..Default::default() };
        let request = match self.versions.leave {
            0..=2 => LeaveGroupRequest {
                group_id: GROUP.into(),
                member_id: self.id.clone(),
                ..Default::default()
            },
            _ => LeaveGroupRequest {
                group_id: GROUP.into(),
                members: vec![identity],
                ..Default::default()
            },
        };
        self.peer.ask(&request, self.versions.leave).await
    }

    /// The error that a commit of offset 7 in partition 0 of a topic is answered with.
    async fn commit(&mut self, topic: &str, id: Uuid) -> i16 {
        let request = OffsetCommitRequest {
            generation_id_or_member_epoch: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            ..commit(GROUP, (topic, id), 7, "")
        };
        let answer = self.peer.ask(&request, self.versions.commit).await;
        answer.topics[0].partitions[0].error_code
    }

    /// Whether nothing arrives for a while.
    async fn hears_nothing(&mut self) -> bool {
        let mut byte = [0];
        let peek = self.peer.stream.peek(&mut byte);
        tokio::time::timeout(Duration::from_millis(150), peek).await.is_err()
    }
}

/// Two members of a first generation, the leader first.
async fn two(running: &Running, versions: Versions) -> [Member; 2] {
    let mut first = Member::of(running, versions).await;
    assert_eq!(first.join().await.error_code, 0);
    let mut second = Member::of(running, versions).await;
    second.wait_in_join().await;
    first.follow().await;
    let (of_first, of_second) = (first.joined().await, second.joined().await);
    assert_eq!((of_first.error_code, of_second.error_code), (0, 0));
    assert_eq!(of_first.leader, first.id);
    [first, second]
}

/// A group of two in which each has its share.
async fn stable_two(running: &Running, versions: Versions) -> [Member; 2] {
    let [mut leader, mut other] = two(running, versions).await;
    let (one, two) = (leader.id.clone(), other.id.clone());
    other.send_sync(&[]).await;
    let share = leader.sync(&[(&one, b"one"), (&two, b"two")]).await;
    assert_eq!((share.error_code, &*share.assignment), (0, &b"one"[..]));
    assert_eq!(&*other.synced().await.assignment, b"two");
    [leader, other]
}

/// A commit for partition 0 of a topic from outside the group, which names the topic both ways.
fn commit(group: &str, topic: (&str, Uuid), offset: i64, metadata: &str) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        committed_leader_epoch: 0,
        committed_metadata: Some(metadata.into()),
    };
    let topic = OffsetCommitRequestTopic {
        name: topic.0.into(),
        topic_id: topic.1,
        partitions: vec![partition],
    };
    OffsetCommitRequest { group_id: group.into(), topics: vec![topic], ..Default::default() }
}

/// The offset and metadata of partition 0 of a topic.
async fn committed(
    peer: &mut Peer,
    group: &str,
    (name, topic_id): (&str, Uuid),
    version: i16,
) -> (i64, String) {
    let old = OffsetFetchRequestTopic { name: name.into(), partition_indexes: vec![0] };
    let new = OffsetFetchRequestTopics { name: name.into(), topic_id, partition_indexes: vec![0] };
    let request = fetch_request(group, Some((old, new)), version);
    let answer = peer.ask(&request, version).await;
    if version < 8 {
        assert_eq!(answer.error_code, 0);
        let found = &answer.topics[0].partitions[0];
        assert_eq!(found.error_code, 0);
        return (found.committed_offset, found.metadata.clone().unwrap().to_string());
    }
    assert_eq!(answer.groups[0].error_code, 0);
    let found = &answer.groups[0].topics[0].partitions[0];
    assert_eq!(found.error_code, 0);
    (found.committed_offset, found.metadata.clone().unwrap().to_string())
}

/// All offsets of a group by topic, or the error of the group.
async fn all_offsets(
    peer: &mut Peer,
    group: &str,
    version: i16,
) -> Result<Vec<(String, i64)>, i16> {
    let answer = peer.ask(&fetch_request(group, None, version), version).await;
    let (error, topics): (i16, Vec<(String, i64)>) = if version < 8 {
        let offset = |topic: &protocol::messages::offset_fetch::OffsetFetchResponseTopic| {
            (topic.name.to_string(), topic.partitions[0].committed_offset)
        };
        (answer.error_code, answer.topics.iter().map(offset).collect())
    } else {
        let offset = |topic: &protocol::messages::offset_fetch::OffsetFetchResponseTopics| {
            (topic.name.to_string(), topic.partitions[0].committed_offset)
        };
        let group = &answer.groups[0];
        (group.error_code, group.topics.iter().map(offset).collect())
    };
    if error == 0 { Ok(topics) } else { Err(error) }
}

fn fetch_request(
    group: &str,
    topic: Option<(OffsetFetchRequestTopic, OffsetFetchRequestTopics)>,
    version: i16,
) -> OffsetFetchRequest {
    let (old, new) = topic.map(|(old, new)| (vec![old], vec![new])).unzip();
    if version < 8 {
        return OffsetFetchRequest { group_id: group.into(), topics: old, ..Default::default() };
    }
    let group =
        OffsetFetchRequestGroup { group_id: group.into(), topics: new, ..Default::default() };
    OffsetFetchRequest { groups: vec![group], ..Default::default() }
}
