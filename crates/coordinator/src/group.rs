//! The members of one classic group: who belongs to it, in which generation, and who waits.
//!
//! A group that does not exist is like a new one: every request may be put to a fresh
//! [`Membership`], and one that [is unused](Membership::is_unused) afterwards need not be kept. A
//! request that waits is answered later, exactly once, by [`GroupEffect::Answer`] with its ticket,
//! even when its connection is gone by then: as in Kafka, a member whose connection breaks while it
//! waits is in the next generation all the same, and leaves it when its session ends.

mod persisted;
mod turn;

use bytestring::ByteString;
use types::{Instant, Timestamp};

pub use persisted::{PersistedGroup, PersistedMember};
pub use turn::{GroupEffect, Turn};

use crate::{
    GroupError, GroupId, Ticket, Write, WriteError,
    answer::{Described, Listed, State},
    request::{Caller, Join, Leaver, Sync},
};

/// The members of a group.
#[derive(Debug)]
pub struct Membership {
    state: State,
    state_since: Option<Timestamp>,
    protocol_type: ByteString,
}

/// From when on the retention of a group's offsets counts, for topics that no member reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// From each offset's commit.
    SinceCommit,
    /// For all since the group has become empty.
    SinceEmpty(Timestamp),
    /// They are kept.
    Kept,
}

impl Membership {
    /// A group without members, as of `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Membership {
        Membership { state: State::Empty, state_since: Some(now), protocol_type: ByteString::new() }
    }

    /// A group as it was written down. Nothing times out before [`start`](Membership::start).
    #[must_use]
    pub fn loaded(group: PersistedGroup) -> Membership {
        let state = if group.members.is_empty() { State::Empty } else { State::Stable };
        Membership { state, state_since: group.state_since, protocol_type: group.protocol_type }
    }

    /// The shard is loaded: every member gets a full session time-out.
    pub fn start(&mut self, turn: &mut Turn<'_>) {
        let _ = turn;
    }

    /// JoinGroup; answered through the effects.
    pub fn join(&mut self, ticket: Ticket, join: Join, turn: &mut Turn<'_>) {
        let _ = (ticket, join, turn);
    }

    /// SyncGroup; answered through the effects.
    pub fn sync(&mut self, ticket: Ticket, sync: Sync, turn: &mut Turn<'_>) {
        let _ = (ticket, sync, turn);
    }

    /// Heartbeat.
    ///
    /// # Errors
    /// When the caller is no member, was replaced, or has to join again.
    pub fn heartbeat(&mut self, caller: &Caller, now: Instant) -> Result<(), GroupError> {
        let _ = (caller, now);
        Err(GroupError::NotAvailable)
    }

    /// LeaveGroup: an answer for each member, in order.
    pub fn leave(
        &mut self,
        leavers: &[Leaver],
        turn: &mut Turn<'_>,
    ) -> Vec<Result<(), GroupError>> {
        let _ = turn;
        leavers.iter().map(|_| Err(GroupError::NotAvailable)).collect()
    }

    /// Whether the caller may commit offsets; counts as a heartbeat.
    ///
    /// # Errors
    /// When the caller is no member, was replaced, or has to join again.
    pub fn check_commit(&mut self, caller: &Caller, now: Instant) -> Result<(), GroupError> {
        let _ = (caller, now);
        Err(GroupError::NotAvailable)
    }

    /// Whether offsets of the group may be deleted; [`is_subscribed`](Membership::is_subscribed)
    /// says of which topics.
    ///
    /// # Errors
    /// When the group has members that are not consumers.
    pub fn check_delete_offsets(&self) -> Result<(), GroupError> {
        Err(GroupError::NonEmptyGroup)
    }

    /// Whether the group may be deleted.
    ///
    /// # Errors
    /// When it has members.
    pub fn check_delete(&self) -> Result<(), GroupError> {
        Err(GroupError::NonEmptyGroup)
    }

    /// A write is in the log, or never will be. Writes that this group did not ask for are ignored.
    pub fn written(&mut self, write: Write, result: Result<(), WriteError>, turn: &mut Turn<'_>) {
        let _ = (write, result, turn);
    }

    /// When [`tick`](Membership::tick) is due next.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Time has passed.
    pub fn tick(&mut self, turn: &mut Turn<'_>) {
        let _ = turn;
    }

    /// The shard is given up: all who wait are answered. Nothing else may be asked afterwards.
    pub fn unload(self, effects: &mut Vec<GroupEffect>) {
        let _ = effects;
    }

    /// Where the group stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// "consumer" and the like; empty for a group that never had members.
    #[must_use]
    pub fn protocol_type(&self) -> &ByteString {
        &self.protocol_type
    }

    /// Whether nothing is known of the group: it need not be kept, unless it has offsets.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        false
    }

    /// Whether a member reads the topic, as far as that is known.
    #[must_use]
    pub fn is_subscribed(&self, topic: &str) -> bool {
        let _ = topic;
        true
    }

    /// From when on the retention of offsets counts.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.state_since.map_or(Retention::Kept, Retention::SinceEmpty)
    }

    /// The group with its members.
    #[must_use]
    pub fn describe(&self, group: &GroupId) -> Described {
        Described {
            group: group.clone(),
            state: self.state,
            protocol_type: self.protocol_type().clone(),
            protocol: ByteString::new(),
            members: Vec::new(),
        }
    }

    /// The group in a list.
    #[must_use]
    pub fn list(&self, group: &GroupId) -> Listed {
        Listed {
            group: group.clone(),
            protocol_type: self.protocol_type().clone(),
            state: self.state,
        }
    }
}
