//! One member of a group.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use bytestring::ByteString;

use crate::{
    InstanceId, Ticket,
    group::PersistedMember,
    request::{Client, Join},
};

/// A member, without its id.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its name, of a static member.
    pub(super) instance: Option<InstanceId>,
    /// Where it comes from.
    pub(super) client: Client,
    /// How long it may take to join again.
    pub(super) rebalance_timeout: Duration,
    /// After which silence it is taken for dead.
    pub(super) session_timeout: Duration,
    /// What it is assigned.
    pub(super) assignment: Bytes,
    /// Whether it waits for its first generation, and may thus not know its id.
    pub(super) is_new: bool,
    /// The protocols that it knows, each once, the one it likes best first. Changed by the roster
    /// only, which counts them.
    pub(super) protocols: Vec<(ByteString, Bytes)>,
    /// What it waits for. Changed by the roster only, which counts those who join.
    pub(super) waiting: Waiting,
}

/// What a member waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Nothing.
    No,
    /// The next generation.
    Join(Ticket),
    /// Its assignment.
    Sync(Ticket),
}

impl Member {
    /// A member that joins for the first time.
    pub(super) fn joining(join: &Join) -> Member {
        Member {
            instance: join.instance.clone(),
            client: join.client.clone(),
            rebalance_timeout: join.rebalance_timeout,
            session_timeout: join.session_timeout,
            assignment: Bytes::new(),
            is_new: true,
            protocols: distinct(&join.protocols),
            waiting: Waiting::No,
        }
    }

    /// A member as it was written down when `protocol` was chosen.
    pub(super) fn loaded(member: PersistedMember, protocol: &ByteString) -> Member {
        Member {
            instance: member.instance,
            client: Client { id: member.client_id, host: member.client_host },
            rebalance_timeout: member.rebalance_timeout,
            session_timeout: member.session_timeout,
            assignment: member.assignment,
            is_new: false,
            protocols: vec![(protocol.clone(), member.subscription)],
            waiting: Waiting::No,
        }
    }

    /// Its metadata for a protocol, where it knows it.
    pub(super) fn metadata(&self, protocol: &str) -> Option<&Bytes> {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, metadata)| metadata)
    }

    /// Whether the join names the protocols and metadata that are known already.
    pub(super) fn is_unchanged_by(&self, join: &Join) -> bool {
        self.protocols == distinct(&join.protocols)
    }

    pub(super) fn is_joining(&self) -> bool {
        matches!(self.waiting, Waiting::Join(_))
    }

    pub(super) fn is_syncing(&self) -> bool {
        matches!(self.waiting, Waiting::Sync(_))
    }

    /// Whether silence is no sign of death: it waits for us. A new member may not know its id, and
    /// would wait for ever if its connection broke, so its time goes on.
    pub(super) fn is_excused(&self) -> bool {
        !self.is_new && self.waiting != Waiting::No
    }
}

/// The protocols, each name once: what is said first of it counts.
pub(super) fn distinct(protocols: &[(ByteString, Bytes)]) -> Vec<(ByteString, Bytes)> {
    let mut names = BTreeSet::new();
    protocols.iter().filter(|(name, _)| names.insert(name)).cloned().collect()
}
