//! LeaveGroup: members leave, by themselves or because an administrator says so.

use std::sync::Arc;

use bytestring::ByteString;
use node::coordinator::{
    GroupError, GroupId, InstanceId, MemberId,
    request::{Leave, Leaver, Request},
};
use protocol::messages::{
    LeaveGroupRequest, LeaveGroupResponse,
    leave_group::{MemberIdentity, MemberResponse},
};

use super::{
    call::Call,
    desk::Desk,
    error_codes::Coded,
    groups::{Then, ask, number},
};
use crate::{network::Order, shell::Shell};

/// The first version in which several may leave, each with an error of its own.
const BATCHES: i16 = 3;

/// Who leaves, in the request's order.
pub(super) struct Shape(Vec<(ByteString, Option<ByteString>)>);

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: LeaveGroupRequest) -> Order {
    let leave = leave(request, call.version);
    let shape = Shape::of(&leave);
    ask(shell, call, Then::LeaveGroup(shape), Request::Leave(leave))
}

fn leave(request: LeaveGroupRequest, version: i16) -> Leave {
    let members = if version >= BATCHES {
        request.members
    } else {
        vec![MemberIdentity { member_id: request.member_id, ..MemberIdentity::default() }]
    };
    let leaver = |member: MemberIdentity| Leaver {
        member: MemberId(member.member_id),
        instance: member.group_instance_id.map(InstanceId),
        reason: member.reason,
    };
    Leave { group: GroupId(request.group_id), members: members.into_iter().map(leaver).collect() }
}

pub(super) fn answer(
    desk: &Desk,
    call: Call,
    shape: Shape,
    outcome: Result<Vec<Result<(), GroupError>>, GroupError>,
) {
    let response = shape.response(call.version, outcome);
    call.answer::<LeaveGroupRequest>(desk, &response);
}

impl Shape {
    fn of(leave: &Leave) -> Shape {
        let name = |leaver: &Leaver| {
            let instance = leaver.instance.as_ref().map(|instance| instance.0.clone());
            (leaver.member.0.clone(), instance)
        };
        Shape(leave.members.iter().map(name).collect())
    }

    fn response(
        self,
        version: i16,
        outcome: Result<Vec<Result<(), GroupError>>, GroupError>,
    ) -> LeaveGroupResponse {
        let outcomes = match outcome {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let error_code = error.number();
                return LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() };
            }
        };
        let mut numbers = outcomes.iter().map(number);
        if version < BATCHES {
            let error_code = numbers.next().unwrap_or(0);
            return LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() };
        }
        let members = self.0.into_iter().zip(numbers);
        let response = |((member_id, group_instance_id), error_code)| MemberResponse {
            member_id,
            group_instance_id,
            error_code,
        };
        LeaveGroupResponse {
            members: members.map(response).collect(),
            ..LeaveGroupResponse::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(member: &str, instance: Option<&str>) -> MemberIdentity {
        MemberIdentity {
            member_id: member.into(),
            group_instance_id: instance.map(Into::into),
            reason: Some("done".into()),
        }
    }

    fn several() -> Leave {
        let members = vec![identity("me", None), identity("", Some("first"))];
        let request =
            LeaveGroupRequest { group_id: "readers".into(), members, ..Default::default() };
        leave(request, 5)
    }

    #[test]
    fn one_leaves_in_old_versions() {
        let request = LeaveGroupRequest { member_id: "me".into(), ..Default::default() };
        let leave = leave(request, 2);
        assert_eq!(leave.members.len(), 1);
        assert_eq!(leave.members[0].member, MemberId("me".into()));
        let outcome = Ok(vec![Err(GroupError::UnknownMember)]);
        let response = Shape::of(&leave).response(2, outcome);
        assert_eq!(response, LeaveGroupResponse { error_code: 25, ..Default::default() });
    }

    #[test]
    fn several_leave_at_once_each_with_its_own_error() {
        let leave = several();
        assert_eq!(leave.members[1].instance, Some(InstanceId("first".into())));
        assert_eq!(leave.members[1].reason.as_deref(), Some("done"));
        let outcome = Ok(vec![Ok(()), Err(GroupError::UnknownMember)]);
        let response = Shape::of(&leave).response(5, outcome);
        assert_eq!(response.error_code, 0);
        let told: Vec<_> = response
            .members
            .iter()
            .map(|one| (&*one.member_id, one.group_instance_id.as_deref(), one.error_code))
            .collect();
        assert_eq!(told, [("me", None, 0), ("", Some("first"), 25)]);
    }

    #[test]
    fn an_error_of_the_group_is_told_alone() {
        let response = Shape::of(&several()).response(5, Err(GroupError::NotCoordinator));
        assert_eq!(response, LeaveGroupResponse { error_code: 16, ..Default::default() });
    }
}
