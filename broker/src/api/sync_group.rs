//! SyncGroup: the leader hands over the assignment, and every member learns its share. The answer
//! waits for the leader.

use std::sync::Arc;

use node::coordinator::{
    GroupError, GroupId, MemberId,
    answer::Synced,
    request::{Request, Sync},
};
use protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use super::{
    call::Call,
    desk::Desk,
    error_codes::Coded,
    groups::{Then, ask, caller, kept, kept_bytes},
};
use crate::{network::Order, shell::Shell};

/// The first version in which members name the protocol that they know to be the group's.
const NAMES_PROTOCOL: i16 = 5;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: SyncGroupRequest) -> Order {
    match sync(request, call.version) {
        Ok(sync) => ask(shell, call, Then::SyncGroup, Request::Sync(sync)),
        Err(error) => {
            answer(&shell.desk, call, Err(error));
            Order::Alone
        }
    }
}

fn sync(request: SyncGroupRequest, version: i16) -> Result<Sync, GroupError> {
    let names_protocol = request.protocol_type.is_some() && request.protocol_name.is_some();
    if version >= NAMES_PROTOCOL && !names_protocol {
        return Err(GroupError::InconsistentProtocol);
    }
    let assignments = request.assignments.iter();
    Ok(Sync {
        group: GroupId(request.group_id),
        caller: caller(request.member_id, request.group_instance_id, request.generation_id),
        protocol_type: request.protocol_type,
        protocol: request.protocol_name,
        assignments: assignments
            .map(|one| (MemberId(kept(&one.member_id)), kept_bytes(&one.assignment)))
            .collect(),
    })
}

pub(super) fn answer(desk: &Desk, call: Call, outcome: Result<Synced, GroupError>) {
    call.answer::<SyncGroupRequest>(desk, &response(outcome));
}

fn response(outcome: Result<Synced, GroupError>) -> SyncGroupResponse {
    match outcome {
        Ok(synced) => SyncGroupResponse {
            protocol_type: Some(synced.protocol_type),
            protocol_name: Some(synced.protocol),
            assignment: synced.assignment,
            ..SyncGroupResponse::default()
        },
        Err(error) => {
            SyncGroupResponse { error_code: error.number(), ..SyncGroupResponse::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use node::coordinator::{Generation, InstanceId};
    use protocol::{Message, messages::sync_group::SyncGroupRequestAssignment};

    use super::*;

    fn request() -> SyncGroupRequest {
        let assignment = SyncGroupRequestAssignment {
            member_id: "other".into(),
            assignment: Bytes::from_static(b"a"),
        };
        SyncGroupRequest {
            group_id: "readers".into(),
            generation_id: 3,
            member_id: "me".into(),
            group_instance_id: Some("first".into()),
            protocol_type: Some("consumer".into()),
            protocol_name: Some("range".into()),
            assignments: vec![assignment],
        }
    }

    #[test]
    fn an_assignment_reaches_the_coordinator() {
        let sync = sync(request(), 5).expect("it names the protocol");
        assert_eq!(sync.caller.instance, Some(InstanceId("first".into())));
        assert_eq!(sync.caller.generation, Generation(3));
        let shares = [(MemberId("other".into()), Bytes::from_static(b"a"))];
        assert_eq!(sync.assignments, shares);
    }

    #[test]
    fn the_protocol_has_to_be_named_from_version_5_on() {
        for without in [
            SyncGroupRequest { protocol_type: None, ..request() },
            SyncGroupRequest { protocol_name: None, ..request() },
        ] {
            assert_eq!(sync(without.clone(), 5), Err(GroupError::InconsistentProtocol));
            assert!(sync(without, 4).is_ok());
        }
    }

    #[test]
    fn every_version_can_tell_a_share_and_a_refusal() {
        let synced = Synced {
            protocol_type: "consumer".into(),
            protocol: "range".into(),
            assignment: Bytes::from_static(b"a"),
        };
        for response in [response(Ok(synced)), response(Err(GroupError::RebalanceInProgress))] {
            for version in 0..=5 {
                assert!(response.to_bytes(version).is_ok(), "{response:?} in {version}");
            }
        }
    }
}
