//! What outlives a coordinator of a group's members: what Kafka's `GroupMetadataValue` holds.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use types::Timestamp;

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
