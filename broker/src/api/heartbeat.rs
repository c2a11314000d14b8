//! Heartbeat: a member lives, and hears whether its group is being rebalanced.

use std::sync::Arc;

use node::coordinator::{
    GroupError, GroupId,
    request::{Heartbeat, Request},
};
use protocol::messages::{HeartbeatRequest, HeartbeatResponse};

use super::{
    call::Call,
    desk::Desk,
    groups::{Then, ask, caller, number},
};
use crate::{network::Order, shell::Shell};

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: HeartbeatRequest) -> Order {
    let heartbeat = Heartbeat {
        group: GroupId(request.group_id),
        caller: caller(request.member_id, request.group_instance_id, request.generation_id),
    };
    ask(shell, call, Then::Heartbeat, Request::Heartbeat(heartbeat))
}

pub(super) fn answer(desk: &Desk, call: Call, outcome: &Result<(), GroupError>) {
    let response =
        HeartbeatResponse { error_code: error_code(outcome), ..HeartbeatResponse::default() };
    call.answer::<HeartbeatRequest>(desk, &response);
}

/// While groups are loaded nobody's session ends, so that members are left in peace.
fn error_code(outcome: &Result<(), GroupError>) -> i16 {
    if *outcome == Err(GroupError::Loading) { 0 } else { number(outcome) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_do_not_hear_of_loading() {
        assert_eq!(error_code(&Err(GroupError::Loading)), 0);
        assert_eq!(error_code(&Err(GroupError::NotCoordinator)), 16);
        assert_eq!(error_code(&Ok(())), 0);
    }
}
