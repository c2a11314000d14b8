//! JoinGroup: a member comes, or comes again. The answer waits for the others.

use std::{sync::Arc, time::Duration};

use bytestring::ByteString;
use node::coordinator::{
    GroupError, GroupId, InstanceId, MemberId,
    answer::{Joined, JoinedMember},
    request::{Client, Join, Request},
};
use protocol::messages::{
    JoinGroupRequest, JoinGroupResponse, join_group::JoinGroupResponseMember,
};

use super::{
    call::Call,
    desk::Desk,
    error_codes::Coded,
    groups::{Then, ask, host, hyphenated, kept, kept_bytes},
};
use crate::{network::Order, shell::Shell};

/// The first version that says how long a rebalance may take.
const REBALANCE_TIMEOUT: i16 = 1;
/// The first version in which a new member is given an id and comes again with it (KIP-394).
const MEMBER_ID_REQUIRED: i16 = 4;
/// The first version that has a word for no protocol.
const NO_PROTOCOL: i16 = 7;
/// The first version that can tell a leader not to assign (KIP-814).
const SKIPS_ASSIGNMENT: i16 = 9;

/// The id that the member gave.
pub(super) struct Shape(ByteString);

pub(super) fn call(
    shell: &Arc<Shell>,
    call: Call,
    client_id: Option<&ByteString>,
    request: &JoinGroupRequest,
) -> Order {
    let client =
        Client { id: client_id.map(kept).unwrap_or_default(), host: host(call.client.peer.ip()) };
    let then = Then::JoinGroup(Shape(kept(&request.member_id)));
    let unique = hyphenated(shell.desk.new_uuid());
    let join = join(request, call.version, client, unique);
    ask(shell, call, then, Request::Join(join))
}

fn join(request: &JoinGroupRequest, version: i16, client: Client, unique: ByteString) -> Join {
    let rebalance_timeout = if version >= REBALANCE_TIMEOUT {
        request.rebalance_timeout_ms
    } else {
        request.session_timeout_ms
    };
    let protocols = request.protocols.iter();
    Join {
        group: GroupId(kept(&request.group_id)),
        member: MemberId(kept(&request.member_id)),
        instance: request.group_instance_id.as_ref().map(kept).map(InstanceId),
        client,
        session_timeout: milliseconds(request.session_timeout_ms),
        rebalance_timeout: milliseconds(rebalance_timeout),
        protocol_type: kept(&request.protocol_type),
        protocols: protocols.map(|one| (kept(&one.name), kept_bytes(&one.metadata))).collect(),
        reason: request.reason.as_ref().map(kept),
        member_id_required: version >= MEMBER_ID_REQUIRED,
        may_skip_assignment: version >= SKIPS_ASSIGNMENT,
        unique,
    }
}

/// Less than nothing is nothing.
fn milliseconds(number: i32) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or(0))
}

pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcome: Result<Joined, GroupError>) {
    let response = match outcome {
        Ok(joined) => welcome(joined),
        Err(error) => refusal(shape.0, &error, call.version),
    };
    call.answer::<JoinGroupRequest>(desk, &response);
}

fn welcome(joined: Joined) -> JoinGroupResponse {
    JoinGroupResponse {
        generation_id: joined.generation.0,
        protocol_type: Some(joined.protocol_type),
        protocol_name: Some(joined.protocol),
        leader: joined.leader.0,
        skip_assignment: joined.skip_assignment,
        member_id: joined.member.0,
        members: joined.members.into_iter().map(member).collect(),
        ..JoinGroupResponse::default()
    }
}

fn member(joined: JoinedMember) -> JoinGroupResponseMember {
    JoinGroupResponseMember {
        member_id: joined.member.0,
        group_instance_id: joined.instance.map(|instance| instance.0),
        metadata: joined.metadata,
    }
}

/// The id in a refusal is the member's own, or the one that it shall come again with.
fn refusal(member: ByteString, error: &GroupError, version: i16) -> JoinGroupResponse {
    let member_id = match error {
        GroupError::MemberIdRequired(given) => given.0.clone(),
        GroupError::InvalidGroupId
        | GroupError::NotCoordinator
        | GroupError::Loading
        | GroupError::NotAvailable
        | GroupError::UnknownMember
        | GroupError::FencedInstance(_)
        | GroupError::IllegalGeneration
        | GroupError::RebalanceInProgress
        | GroupError::InconsistentProtocol
        | GroupError::InvalidSessionTimeout
        | GroupError::GroupFull
        | GroupError::GroupNotFound
        | GroupError::NonEmptyGroup
        | GroupError::SubscribedToTopic
        | GroupError::OffsetMetadataTooLarge
        | GroupError::CommitTooLarge
        | GroupError::UnstableOffset
        | GroupError::Refused(_) => member,
    };
    JoinGroupResponse {
        error_code: error.number(),
        protocol_name: (version < NO_PROTOCOL).then(ByteString::new),
        member_id,
        ..JoinGroupResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use node::coordinator::Generation;
    use protocol::{Message, messages::join_group::JoinGroupRequestProtocol};

    use super::*;

    fn request() -> JoinGroupRequest {
        let protocol =
            JoinGroupRequestProtocol { name: "range".into(), metadata: Bytes::from_static(b"m") };
        JoinGroupRequest {
            group_id: "readers".into(),
            session_timeout_ms: 30_000,
            rebalance_timeout_ms: 60_000,
            member_id: "me".into(),
            group_instance_id: Some("first".into()),
            protocol_type: "consumer".into(),
            protocols: vec![protocol],
            reason: Some("why not".into()),
        }
    }

    fn join_in(version: i16) -> Join {
        join(&request(), version, Client::default(), "unique".into())
    }

    #[test]
    fn what_a_member_says_reaches_the_coordinator() {
        let expected = Join {
            group: GroupId("readers".into()),
            member: MemberId("me".into()),
            instance: Some(InstanceId("first".into())),
            client: Client::default(),
            session_timeout: Duration::from_secs(30),
            rebalance_timeout: Duration::from_mins(1),
            protocol_type: "consumer".into(),
            protocols: vec![("range".into(), Bytes::from_static(b"m"))],
            reason: Some("why not".into()),
            member_id_required: true,
            may_skip_assignment: true,
            unique: "unique".into(),
        };
        assert_eq!(join_in(9), expected);
    }

    #[test]
    fn the_first_version_rebalances_within_a_session() {
        assert_eq!(join_in(0).rebalance_timeout, Duration::from_secs(30));
        assert_eq!(join_in(1).rebalance_timeout, Duration::from_mins(1));
    }

    #[test]
    fn new_members_come_twice_from_version_4_on() {
        assert!(!join_in(3).member_id_required);
        assert!(join_in(4).member_id_required);
    }

    #[test]
    fn leaders_are_told_not_to_assign_from_version_9_on() {
        assert!(!join_in(8).may_skip_assignment);
        assert!(join_in(9).may_skip_assignment);
    }

    #[test]
    fn a_silence_below_zero_is_none() {
        assert_eq!(milliseconds(-1), Duration::ZERO);
    }

    #[test]
    fn a_member_without_an_id_is_given_one_in_its_refusal() {
        let given = MemberId("c-1".into());
        let refused = refusal(ByteString::new(), &GroupError::MemberIdRequired(given), 9);
        assert_eq!((refused.error_code, &*refused.member_id), (79, "c-1"));
        let refused = refusal("me".into(), &GroupError::UnknownMember, 9);
        assert_eq!((refused.error_code, &*refused.member_id), (25, "me"));
        assert_eq!(refused.generation_id, -1);
    }

    #[test]
    fn every_version_can_say_who_is_in_and_who_is_not() {
        let joined = Joined {
            generation: Generation(3),
            protocol_type: "consumer".into(),
            protocol: "range".into(),
            leader: MemberId("me".into()),
            skip_assignment: false,
            member: MemberId("me".into()),
            members: vec![JoinedMember {
                member: MemberId("me".into()),
                instance: Some(InstanceId("first".into())),
                metadata: Bytes::from_static(b"m"),
            }],
        };
        let welcome = welcome(joined);
        for version in 0..=9 {
            let refused = refusal("me".into(), &GroupError::GroupFull, version);
            for response in [&welcome, &refused] {
                assert!(response.to_bytes(version).is_ok(), "{response:?} in {version}");
            }
        }
    }

    #[test]
    fn who_is_refused_has_no_protocol_from_the_version_that_can_say_so() {
        let refused = |version| refusal("me".into(), &GroupError::GroupFull, version);
        assert_eq!(refused(6).protocol_name.as_deref(), Some(""));
        assert_eq!(refused(7).protocol_name, None);
    }
}
