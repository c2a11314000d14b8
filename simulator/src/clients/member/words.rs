//! A member's requests.

use std::collections::BTreeMap;

use node::coordinator::{
    GroupId, InstanceId, MemberId,
    answer::Joined,
    request::{
        Caller, Client, Commit, CommitOffset, Heartbeat, Join, Leave, Leaver, Request, Sync,
    },
};
use types::{LeaderEpoch, Offset, Timestamp};

use crate::{
    plan::GroupPlan,
    words::{Ask, Place, assignment_of},
};

/// The group of the run.
fn group() -> GroupId {
    GroupId(crate::words::GROUP.into())
}

pub(super) fn join(
    plan: &GroupPlan,
    number: usize,
    member: &MemberId,
    instance: Option<&InstanceId>,
    ticket: u64,
) -> Join {
    Join {
        group: group(),
        member: member.clone(),
        instance: instance.cloned(),
        client: Client { id: format!("member-{number}").into(), host: "/127.0.0.1".into() },
        session_timeout: plan.session,
        rebalance_timeout: plan.rebalance,
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), SUBSCRIPTION.as_slice().into())],
        reason: None,
        member_id_required: plan.is_recent,
        may_skip_assignment: plan.is_recent,
        unique: ticket.to_string().into(),
    }
}

/// Version 0, no topics, no user data: the coordinator looks at topics only.
const SUBSCRIPTION: [u8; 10] = [0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];

/// The leader deals the partitions out in turn.
pub(super) fn sync(caller: Caller, joined: &Joined, places: &[Place]) -> Ask {
    let mut shares: BTreeMap<&MemberId, Vec<Place>> = BTreeMap::new();
    if joined.leader == joined.member && !joined.skip_assignment {
        shares.extend(joined.members.iter().map(|member| (&member.member, Vec::new())));
        let ids: Vec<_> = joined.members.iter().map(|member| &member.member).collect();
        for (place, id) in places.iter().zip(ids.iter().cycle()) {
            shares.entry(id).or_default().push(*place);
        }
    }
    let assignments = shares.iter().map(|(id, places)| ((*id).clone(), assignment_of(places)));
    Ask::Group(Box::new(Request::Sync(Sync {
        group: group(),
        caller,
        protocol_type: Some(joined.protocol_type.clone()),
        protocol: Some(joined.protocol.clone()),
        assignments: assignments.collect(),
    })))
}

pub(super) fn heartbeat(caller: Caller) -> Ask {
    Ask::Group(Box::new(Request::Heartbeat(Heartbeat { group: group(), caller })))
}

pub(super) fn leave(member: &MemberId) -> Ask {
    let leaver = Leaver { member: member.clone(), instance: None, reason: None };
    Ask::Group(Box::new(Request::Leave(Leave { group: group(), members: vec![leaver] })))
}

/// The ticket is left with each offset, so that what is read tells which commit it was.
pub(super) fn commit(
    caller: Caller,
    offsets: &[(Place, Offset)],
    ticket: u64,
    wall: Timestamp,
) -> Ask {
    let offsets = offsets.iter().map(|(place, offset)| CommitOffset {
        partition: place.in_group(),
        topic_id: None,
        offset: *offset,
        leader_epoch: LeaderEpoch::NONE,
        metadata: ticket.to_string().into(),
        committed_at: wall,
    });
    let offsets = offsets.collect();
    let commit = Commit { group: group(), caller, retention: None, offsets };
    Ask::Group(Box::new(Request::Commit(commit)))
}
