//! FindCoordinator: who looks after a group or a transactional id.
//!
//! For groups that is this broker, the only one, although it serves none of their requests yet: many
//! a client looks for the coordinator of the group that it names even when it assigns its partitions
//! itself, and must not fail for that. For what would wait here in vain the refusal is final.

use std::sync::Arc;

use bytestring::ByteString;
use protocol::messages::{
    FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator::Coordinator,
};

use super::{
    call::Call,
    error_codes::Coded,
    view::{Reached, View},
};
use crate::{network::Order, shell::Shell};

/// The first version that asks for several keys at once.
const BATCHES: i16 = 4;
/// The first version that asks for coordinators of share groups.
const SHARE_GROUPS: i16 = 6;
const NO_NODE: i32 = -1;

/// Why there is no coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoCoordinator {
    /// For a transactional id.
    #[error("this broker has no transactions yet: use a producer without transactional.id")]
    Transaction,
    /// For a share group.
    #[error("this broker has no share groups yet")]
    ShareGroup,
    /// For anything, before this broker is registered.
    #[error("this broker is not registered yet")]
    NotRegistered,
    /// For something that does not exist in this version.
    #[error("there is no type of coordinators {0} in this version of the request")]
    UnknownType(i8),
}

impl NoCoordinator {
    /// Why this type of keys has no coordinators, unless it has.
    fn of(key_type: i8, version: i16) -> Option<NoCoordinator> {
        match key_type {
            0 => None,
            1 => Some(NoCoordinator::Transaction),
            2 if version >= SHARE_GROUPS => Some(NoCoordinator::ShareGroup),
            other => Some(NoCoordinator::UnknownType(other)),
        }
    }
}

/// A coordinator, or why there is none.
type Found = Result<Reached, NoCoordinator>;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: FindCoordinatorRequest) -> Order {
    // The same for all keys: what is said is shared, however many there are.
    let told = coordinator(find(shell, &call, request.key_type));
    let response = if call.version >= BATCHES {
        let keys = request.coordinator_keys.into_iter();
        let coordinators = keys.map(|key| Coordinator { key, ..told.clone() }).collect();
        FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() }
    } else {
        let Coordinator { node_id, host, port, error_code, error_message, .. } = told;
        FindCoordinatorResponse {
            node_id,
            host,
            port,
            error_code,
            error_message,
            ..FindCoordinatorResponse::default()
        }
    };
    call.answer::<FindCoordinatorRequest>(&shell.desk, &response);
    Order::Alone
}

fn find(shell: &Shell, call: &Call, key_type: i8) -> Found {
    let found = match NoCoordinator::of(key_type, call.version) {
        Some(reason) => Err(reason),
        None => {
            let (image, listener) = (shell.node.image(), shell.desk.listener(call));
            let own = image.brokers.get(shell.node.config().broker);
            let reached = own.and_then(|own| View { image: &image, listener }.reach(own));
            reached.ok_or(NoCoordinator::NotRegistered)
        }
    };
    found.inspect_err(|reason| {
        tracing::debug!(peer = %call.client.peer, %reason, "named no coordinator");
    })
}

fn coordinator(found: Found) -> Coordinator {
    match found {
        Ok(Reached { id, host, port, .. }) => Coordinator {
            node_id: id,
            host,
            port,
            error_message: Some(ByteString::new()),
            ..Coordinator::default()
        },
        Err(reason) => Coordinator {
            node_id: NO_NODE,
            port: NO_NODE,
            error_code: reason.number(),
            error_message: Some(reason.to_string().into()),
            ..Coordinator::default()
        },
    }
}
