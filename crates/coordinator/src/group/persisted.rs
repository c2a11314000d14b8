//! What outlives a coordinator of a group's members: what Kafka's `GroupMetadataValue` holds.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use types::Timestamp;

use super::{Membership, Phase, member::Member, roster::Roster, subscriptions::Topics};
use crate::{Generation, InstanceId, MemberId};

/// A group as its last generation was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistedGroup {
    /// "consumer" and the like; empty for a group that never had members.
    pub protocol_type: ByteString,
    /// The generation.
    pub generation: Generation,
    /// The protocol that was chosen; none in a group without members.
    pub protocol: Option<ByteString>,
    /// Who assigned.
    pub leader: Option<MemberId>,
    /// Since when the group is in its state; records of old versions do not say.
    pub state_since: Option<Timestamp>,
    /// The members.
    pub members: Vec<PersistedMember>,
}

/// A member as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistedMember {
    /// Its id.
    pub member: MemberId,
    /// Its name, of a static member.
    pub instance: Option<InstanceId>,
    /// Its client's id.
    pub client_id: ByteString,
    /// The host it joined from.
    pub client_host: ByteString,
    /// How long it may take to join again; the session time-out where a record of an old version
    /// does not say.
    pub rebalance_timeout: Duration,
    /// After which silence it is taken for dead.
    pub session_timeout: Duration,
    /// Its metadata for the protocol that was chosen.
    pub subscription: Bytes,
    /// What it is assigned.
    pub assignment: Bytes,
}

impl Membership {
    /// A group as it was written down. Nothing times out before [`start`](Membership::start).
    ///
    /// What a broken log says twice counts as it is said last.
    #[must_use]
    pub fn loaded(group: PersistedGroup) -> Membership {
        let protocol = group.protocol.unwrap_or_default();
        let mut roster = Roster::default();
        for member in group.members {
            let same_name = member.instance.as_ref().and_then(|name| roster.bearer(name)).cloned();
            for id in same_name.iter().chain([&member.member]) {
                roster.remove(id);
            }
            roster.insert(member.member.clone(), Member::loaded(member, &protocol));
        }
        if let Some(leader) = group.leader.filter(|leader| roster.has(leader)) {
            roster.set_leader(leader);
        }
        let has_members = !roster.is_empty();
        let protocol = has_members.then_some(protocol);
        Membership {
            phase: if has_members { Phase::Stable } else { Phase::Empty },
            phase_since: group.state_since,
            generation: group.generation.max(Generation(0)),
            topics: Topics::of(&group.protocol_type, protocol.as_ref(), &roster),
            protocol_type: group.protocol_type,
            protocol,
            roster,
            is_recorded: true,
            ..Membership::new(Timestamp::NONE)
        }
    }

    /// The group as it is written down.
    pub(super) fn persisted(&self) -> PersistedGroup {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let member = |(id, member): (&MemberId, &Member)| PersistedMember {
            member: id.clone(),
            instance: member.instance.clone(),
            client_id: member.client.id.clone(),
            client_host: member.client.host.clone(),
            rebalance_timeout: member.rebalance_timeout,
            session_timeout: member.session_timeout,
            subscription: member.metadata(protocol).cloned().unwrap_or_default(),
            assignment: member.assignment.clone(),
        };
        PersistedGroup {
            protocol_type: self.protocol_type.clone(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.roster.leader().cloned(),
            state_since: self.phase_since,
            members: self.roster.iter().map(member).collect(),
        }
    }
}
