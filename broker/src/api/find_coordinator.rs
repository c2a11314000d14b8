//! FindCoordinator: who looks after a group or a transactional id. Nobody does yet, and each who
//! asks is told so in a way after which no client asks again.

use std::sync::Arc;

use bytestring::ByteString;
use protocol::messages::{
    FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator::Coordinator,
};

use super::{call::Call, error_codes::Coded};
use crate::{network::Order, shell::Shell};

/// The first version that asks for several keys at once.
const BATCHES: i16 = 4;
/// The first version that asks for coordinators of share groups.
const SHARE_GROUPS: i16 = 6;
const NO_NODE: i32 = -1;

/// Why there is no coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoCoordinator {
    /// For a consumer group.
    #[error("this broker has no consumer groups yet: let consumers assign their partitions")]
    Group,
    /// For a transactional id.
    #[error("this broker has no transactions yet: use a producer without transactional.id")]
    Transaction,
    /// For a share group.
    #[error("this broker has no share groups yet")]
    ShareGroup,
    /// For something that does not exist in this version.
    #[error("there is no type of coordinators {0} in this version of the request")]
    UnknownType(i8),
}

impl NoCoordinator {
    fn of(key_type: i8, version: i16) -> NoCoordinator {
        match key_type {
            0 => NoCoordinator::Group,
            1 => NoCoordinator::Transaction,
            2 if version >= SHARE_GROUPS => NoCoordinator::ShareGroup,
            other => NoCoordinator::UnknownType(other),
        }
    }
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: FindCoordinatorRequest) -> Order {
    let reason = NoCoordinator::of(request.key_type, call.version);
    tracing::warn!(peer = %call.client.peer, %reason, "refused to name a coordinator");
    let message = ByteString::from(reason.to_string());
    let response = if call.version >= BATCHES {
        let keys = request.coordinator_keys.into_iter();
        let coordinators = keys.map(|key| refused(key, reason, message.clone()));
        FindCoordinatorResponse { coordinators: coordinators.collect(), ..Default::default() }
    } else {
        FindCoordinatorResponse {
            error_code: reason.number(),
            error_message: Some(message),
            node_id: NO_NODE,
            port: NO_NODE,
            ..FindCoordinatorResponse::default()
        }
    };
    call.answer::<FindCoordinatorRequest>(&shell.desk, &response);
    Order::Alone
}

fn refused(key: ByteString, reason: NoCoordinator, message: ByteString) -> Coordinator {
    Coordinator {
        key,
        node_id: NO_NODE,
        port: NO_NODE,
        error_code: reason.number(),
        error_message: Some(message),
        ..Coordinator::default()
    }
}
