//! Whole lives of groups: what is answered at each step from the first member to the end.

use super::join_group;
use crate::case::Case;
use crate::fixture::TOPIC;
use crate::talk::Talk;
use anyhow::{Context, Result};
use client_tests::wait;
use protocol::messages::delete_groups::DeleteGroupsRequest;
use protocol::messages::describe_groups::DescribeGroupsRequest;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use protocol::{Request, Versions};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
const REBALANCE_IN_PROGRESS: i16 = 27;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::story::<JoinGroupRequest>("a life alone", alone),
        Case::story::<JoinGroupRequest>("a life of two", of_two),
        Case::story::<JoinGroupRequest>("a static life", of_a_static_member)
            .in_versions(Versions::between(5, JoinGroupRequest::ADVERTISED.last())),
    ]
}

/// A member at some moment of its life.
#[derive(Clone)]
struct Member {
    group: String,
    id: String,
    instance: Option<&'static str>,
    generation: i32,
}

fn alone(talk: &mut Talk) -> Result<()> {
    let group = talk.name("group");
    let member = join(talk, &group)?;
    heartbeat(talk, &member)?;
    commit(talk, &member)?;
    sync(talk, &Member { generation: member.generation + 1, ..member.clone() }, &[])?;
    sync(talk, &Member { id: "x".to_owned(), ..member.clone() }, &[])?;
    talk.ask_near(&SyncGroupRequest { protocol_name: Some("other".into()), ..synced(&member) })?;
    talk.ask_near(&SyncGroupRequest { protocol_type: Some("other".into()), ..synced(&member) })?;
    sync(talk, &member, &[(&member, b"all")])?;
    sync(talk, &member, &[])?;
    for wrong in wrong_forms(&member) {
        heartbeat(talk, &wrong)?;
        commit(talk, &wrong)?;
    }
    let other = JoinGroupRequest { protocol_type: "other".into(), ..join_group::of(&group) };
    talk.ask(&other)?;
    end(talk, &member)
}

/// The member itself, and others that it might be taken for.
fn wrong_forms(member: &Member) -> [Member; 5] {
    [
        member.clone(),
        Member { generation: member.generation - 1, ..member.clone() },
        Member { generation: -1, ..member.clone() },
        Member { id: "x".to_owned(), ..member.clone() },
        Member { id: String::new(), generation: -1, ..member.clone() },
    ]
}

/// A group that is left, and what is left of it.
fn end(talk: &mut Talk, member: &Member) -> Result<()> {
    describe(talk, &member.group)?;
    delete(talk, &member.group)?;
    leave(talk, member)?;
    leave(talk, member)?;
    heartbeat(talk, member)?;
    sync(talk, member, &[])?;
    describe(talk, &member.group)?;
    commit(talk, &Member { id: String::new(), generation: -1, ..member.clone() })?;
    delete(talk, &member.group)?;
    describe(talk, &member.group)
}

fn of_two(talk: &mut Talk) -> Result<()> {
    let group = talk.name("group");
    let first = join(talk, &group)?;
    sync(talk, &first, &[(&first, b"all")])?;
    let request = named(talk, &group)?;
    let joining = talk.begin(&request)?;
    until_a_rebalance(talk, &first)?;
    heartbeat(talk, &first)?;
    commit(talk, &first)?;
    let first = again(talk, &first)?;
    let second = answered(&group, None, talk.end::<JoinGroupRequest>(joining)?);
    describe(talk, &group)?;
    let waiting = talk.begin_near(&synced(&second))?;
    sync(talk, &first, &[(&first, b"one half"), (&second, b"the other")])?;
    talk.end::<SyncGroupRequest>(waiting)?;
    heartbeat(talk, &second)?;
    describe(talk, &group)?;
    leave(talk, &second)?;
    heartbeat(talk, &second)?;
    heartbeat(talk, &first)?;
    let first = again(talk, &first)?;
    sync(talk, &first, &[(&first, b"all again")])?;
    end(talk, &first)
}

fn of_a_static_member(talk: &mut Talk) -> Result<()> {
    let group = talk.name("group");
    let instance = Some("instance");
    let request =
        JoinGroupRequest { group_instance_id: instance.map(Into::into), ..join_group::of(&group) };
    let answer = talk.ask(&request)?.context("a static member joins at once")?;
    let before = answered(&group, instance, answer);
    sync(talk, &before, &[(&before, b"all")])?;
    let answer = talk.ask(&request)?.context("a static member joins again")?;
    let member = answered(&group, instance, answer);
    for one in [&before, &member] {
        heartbeat(talk, one)?;
        commit(talk, one)?;
        sync(talk, one, &[])?;
        talk.ask(&JoinGroupRequest { member_id: one.id.as_str().into(), ..request.clone() })?;
    }
    leave(talk, &before)?;
    end(talk, &member)
}

/// The first member of a group, by whatever number of requests the version needs.
fn join(talk: &mut Talk, group: &str) -> Result<Member> {
    let answer = talk.ask(&join_group::of(group))?.context("the member is answered")?;
    if answer.error_code == 0 {
        return Ok(answered(group, None, answer));
    }
    let request = JoinGroupRequest { member_id: answer.member_id, ..join_group::of(group) };
    Ok(answered(group, None, talk.ask(&request)?.context("the member is answered")?))
}

/// The request of another member, which has a name already where the version wants one.
fn named(talk: &mut Talk, group: &str) -> Result<JoinGroupRequest> {
    let request = join_group::of(group);
    if talk.version < 4 {
        return Ok(request);
    }
    let answer = talk.ask(&request)?.context("the member is answered")?;
    Ok(JoinGroupRequest { member_id: answer.member_id, ..request })
}

fn again(talk: &mut Talk, member: &Member) -> Result<Member> {
    let member_id = member.id.as_str().into();
    let request = JoinGroupRequest { member_id, ..join_group::of(&member.group) };
    let answer = talk.ask(&request)?.context("the member is answered")?;
    Ok(answered(&member.group, member.instance, answer))
}

fn answered(group: &str, instance: Option<&'static str>, answer: JoinGroupResponse) -> Member {
    let (id, generation) = (answer.member_id.to_string(), answer.generation_id);
    Member { group: group.to_owned(), id, instance, generation }
}

/// Waits, without comparing how often it asked, until a member hears that others want to join.
fn until_a_rebalance(talk: &mut Talk, member: &Member) -> Result<()> {
    wait::until(PATIENCE, "the group rebalances", || {
        let answer = talk.prepare(&beat(member))?;
        Ok((answer.error_code == REBALANCE_IN_PROGRESS).then_some(()))
    })
}

fn heartbeat(talk: &mut Talk, member: &Member) -> Result<()> {
    talk.ask_near(&beat(member)).map(drop)
}

fn beat(member: &Member) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: member.group.as_str().into(),
        generation_id: member.generation,
        member_id: member.id.as_str().into(),
        group_instance_id: member.instance.map(Into::into),
    }
}

fn sync(talk: &mut Talk, member: &Member, assigned: &[(&Member, &[u8])]) -> Result<()> {
    let of = |(member, assignment): &(&Member, &[u8])| SyncGroupRequestAssignment {
        member_id: member.id.as_str().into(),
        assignment: assignment.to_vec().into(),
    };
    let assignments = assigned.iter().map(of).collect();
    talk.ask_near(&SyncGroupRequest { assignments, ..synced(member) }).map(drop)
}

fn synced(member: &Member) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: member.group.as_str().into(),
        generation_id: member.generation,
        member_id: member.id.as_str().into(),
        group_instance_id: member.instance.map(Into::into),
        protocol_type: Some("raw".into()),
        protocol_name: Some("range".into()),
        assignments: Vec::new(),
    }
}

fn commit(talk: &mut Talk, member: &Member) -> Result<()> {
    let partition = OffsetCommitRequestPartition {
        committed_offset: 1,
        committed_metadata: Some("of a member".into()),
        ..Default::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: TOPIC.into(),
        topic_id: talk.fixture.topic_id,
        partitions: vec![partition],
    };
    let request = OffsetCommitRequest {
        group_id: member.group.as_str().into(),
        generation_id_or_member_epoch: member.generation,
        member_id: member.id.as_str().into(),
        group_instance_id: member.instance.map(Into::into),
        topics: vec![topic],
        ..Default::default()
    };
    talk.ask_near(&request).map(drop)
}

fn describe(talk: &mut Talk, group: &str) -> Result<()> {
    let groups = vec![group.into()];
    talk.ask_near(&DescribeGroupsRequest { groups, ..Default::default() }).map(drop)
}

fn delete(talk: &mut Talk, group: &str) -> Result<()> {
    talk.ask_near(&DeleteGroupsRequest { groups_names: vec![group.into()] }).map(drop)
}

fn leave(talk: &mut Talk, member: &Member) -> Result<()> {
    let group_id = member.group.as_str().into();
    let member_id = member.id.as_str().into();
    let request = if talk.version < 3 {
        LeaveGroupRequest { group_id, member_id, members: Vec::new() }
    } else {
        let group_instance_id = member.instance.map(Into::into);
        let members = vec![MemberIdentity { member_id, group_instance_id, reason: None }];
        LeaveGroupRequest { group_id, members, ..Default::default() }
    };
    talk.ask_near(&request).map(drop)
}
