//! FindCoordinator: who looks after a group, or after a transactional id.
//!
//! A group's coordinator is the broker that leads its partition of the topic of committed offsets,
//! which the first who asks has created. For what would be waited for in vain the refusal is final.

use std::{collections::BTreeMap, sync::Arc};

use bytestring::ByteString;
use node::coordinator::GroupId;
use protocol::messages::{
    FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator::Coordinator,
};
use types::BrokerId;

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
/// What old versions say in place of an error.
const NOTHING_FAILED: &str = "NONE";

/// Why there is no coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoCoordinator {
    /// For a transactional id.
    #[error("this broker has no transactions yet: use a producer without transactional.id")]
    Transaction,
    /// For a share group.
    #[error("this broker has no share groups yet")]
    ShareGroup,
    /// For a group whose partition nobody leads, or which does not exist yet.
    #[error("The coordinator is not available.")]
    NotAvailable,
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

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: FindCoordinatorRequest) -> Order {
    let batch = request.coordinator_keys;
    let keys = if call.version >= BATCHES { batch } else { vec![request.key] };
    let coordinators = match NoCoordinator::of(request.key_type, call.version) {
        None => of_groups(shell, &call, keys),
        Some(reason) => {
            tracing::debug!(peer = %call.client.peer, %reason, "named no coordinator");
            let refusal = refusal(reason);
            keys.into_iter().map(|key| Coordinator { key, ..refusal.clone() }).collect()
        }
    };
    let response = response(call.version, coordinators);
    call.answer::<FindCoordinatorRequest>(&shell.desk, &response);
    Order::Alone
}

/// Names the coordinators of groups, as far as there are some: a client whose coordinator is not
/// there yet asks again.
fn of_groups(shell: &Arc<Shell>, call: &Call, keys: Vec<ByteString>) -> Vec<Coordinator> {
    let image = shell.node.image();
    let view = View { image: &image, listener: shell.desk.listener(call) };
    let mut effects = Vec::new();
    // Each broker is looked up once, however many groups it looks after.
    let mut told: BTreeMap<Option<BrokerId>, Coordinator> = BTreeMap::new();
    let mut coordinators = Vec::with_capacity(keys.len());
    for key in keys {
        let group = GroupId(key);
        let found = shell.node.coordinator_of(call.now, &group, &mut effects);
        let leader = found.ok().map(|leader| leader.broker);
        let told = told.entry(leader).or_insert_with(|| {
            let reached = leader.and_then(|leader| view.reach_active(leader));
            reached.map_or_else(|| refusal(NoCoordinator::NotAvailable), coordinator)
        });
        coordinators.push(Coordinator { key: group.0, ..told.clone() });
    }
    shell.perform(effects);
    coordinators
}

fn response(version: i16, coordinators: Vec<Coordinator>) -> FindCoordinatorResponse {
    if version >= BATCHES {
        return FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() };
    }
    let only = coordinators.into_iter().next().expect("an old version asks for one key");
    FindCoordinatorResponse {
        node_id: only.node_id,
        host: only.host,
        port: only.port,
        error_code: only.error_code,
        error_message: if only.error_code == 0 {
            Some(ByteString::from_static(NOTHING_FAILED))
        } else {
            only.error_message
        },
        ..FindCoordinatorResponse::default()
    }
}

fn coordinator(reached: Reached) -> Coordinator {
    Coordinator {
        node_id: reached.id,
        host: reached.host,
        port: reached.port,
        error_message: Some(ByteString::new()),
        ..Coordinator::default()
    }
}

fn refusal(reason: NoCoordinator) -> Coordinator {
    Coordinator {
        node_id: NO_NODE,
        port: NO_NODE,
        error_code: reason.number(),
        error_message: Some(reason.to_string().into()),
        ..Coordinator::default()
    }
}
