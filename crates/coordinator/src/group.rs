//! The members of one classic group: who belongs to it, in which generation, and who waits.
//!
//! A group that does not exist is like a new one: every request may be put to a fresh
//! [`Membership`], and one that [is unused](Membership::is_unused) afterwards need not be kept. A
//! request that waits is answered later, exactly once, by [`GroupEffect::Answer`] with its ticket,
//! even when its connection is gone by then: as in Kafka, a member whose connection breaks while it
//! waits is in the next generation all the same, and leaves it when its session ends.

mod answers;
mod come_back;
mod describe;
mod heartbeat;
mod join;
mod leave;
mod member;
mod persisted;
mod phase;
mod rebalance;
mod roster;
mod sessions;
mod subscriptions;
mod sync;
mod timers;
mod turn;
mod written;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytestring::ByteString;
use types::Timestamp;

pub use describe::Retention;
pub use persisted::{PersistedGroup, PersistedMember};
pub use turn::{GroupEffect, Turn};

use self::{
    phase::{Phase, Unsynced},
    roster::Roster,
    sessions::Sessions,
    subscriptions::Topics,
    written::Purpose,
};
use crate::{Generation, GroupError, Write};

/// The members of a group.
#[derive(Debug)]
pub struct Membership {
    phase: Phase,
    /// Since when; records of old versions do not say.
    phase_since: Option<Timestamp>,
    generation: Generation,
    /// Empty before the first member came.
    protocol_type: ByteString,
    /// The protocol of the generation, where it has members.
    protocol: Option<ByteString>,
    /// What the members of the generation read, as far as they say so in a way we know.
    topics: Topics,
    roster: Roster,
    sessions: Sessions,
    /// Those who have not asked for their assignment in this generation.
    unsynced: Option<Unsynced>,
    /// What is being written.
    writes: BTreeMap<Write, Purpose>,
    /// Whether the group is written down, or is about to be.
    is_recorded: bool,
}

impl Membership {
    /// A group without members, as of `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Membership {
        Membership {
            phase: Phase::Empty,
            phase_since: Some(now),
            generation: Generation(0),
            protocol_type: ByteString::new(),
            protocol: None,
            topics: Topics::Unknown,
            roster: Roster::default(),
            sessions: Sessions::default(),
            unsynced: None,
            writes: BTreeMap::new(),
            is_recorded: false,
        }
    }

    /// The shard is loaded: every member gets a full session time-out.
    pub fn start(&mut self, turn: &mut Turn<'_>) {
        for id in self.roster.ids() {
            self.begin_session(&id, turn.now.instant);
        }
        if self.roster.len() > turn.config.members_max {
            // The limit was lowered. Who comes back first stays.
            self.prepare_rebalance(turn);
        }
    }

    /// Whether nothing is known of the group: it need not be kept, unless it has offsets.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        !self.is_recorded
            && self.roster.is_empty()
            && !self.roster.has_pending()
            && self.writes.is_empty()
    }

    /// Whether offsets of the group may be deleted; [`is_subscribed`](Membership::is_subscribed)
    /// says of which topics.
    ///
    /// # Errors
    /// When the group has members that are not consumers.
    pub fn check_delete_offsets(&self) -> Result<(), GroupError> {
        if self.is_of_consumers() { Ok(()) } else { self.check_delete() }
    }

    /// Whether the group may be deleted.
    ///
    /// # Errors
    /// When it has members.
    pub fn check_delete(&self) -> Result<(), GroupError> {
        match self.phase {
            Phase::Empty => Ok(()),
            Phase::Preparing { .. } | Phase::Completing { .. } | Phase::Stable => {
                Err(GroupError::NonEmptyGroup)
            }
        }
    }

    /// The shard is given up: all who wait are answered. Nothing else may be asked afterwards.
    pub fn unload(mut self, effects: &mut Vec<GroupEffect>) {
        for id in self.roster.ids() {
            self.refuse(&id, GroupError::NotCoordinator, effects);
        }
    }

    fn enter(&mut self, phase: Phase, turn: &Turn<'_>) {
        self.phase = phase;
        self.phase_since = Some(turn.now.wall);
    }

    fn is_of_consumers(&self) -> bool {
        self.protocol_type == "consumer"
    }
}
