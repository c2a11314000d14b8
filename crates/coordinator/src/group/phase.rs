//! The phases a group goes through, with what belongs to each alone.

use std::{collections::BTreeSet, time::Duration};

use types::Instant;

use crate::{MemberId, answer::State};

/// Where a group stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// No members.
    Empty,
    /// Members are joining.
    Preparing {
        /// When the next generation begins with those who are there by then.
        until: Instant,
        /// While an empty group waits for more members than the first.
        initial: Option<InitialDelay>,
    },
    /// The leader is assigning.
    Completing {
        /// Whether the assignment has come and is being written.
        is_storing: bool,
    },
    /// The assignment is there.
    Stable,
}

/// How an empty group waits: a delay after the other while members come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InitialDelay {
    /// The delay that is running.
    pub(super) delay: Duration,
    /// What is left of the rebalance time-out after the first delay.
    pub(super) remaining: Duration,
    /// Whether a member came during this delay.
    pub(super) has_grown: bool,
}

/// Members that have not asked for their assignment yet, and until when they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsynced {
    pub(super) until: Instant,
    pub(super) members: BTreeSet<MemberId>,
}

impl Phase {
    pub(super) fn state(&self) -> State {
        match self {
            Phase::Empty => State::Empty,
            Phase::Preparing { .. } => State::PreparingRebalance,
            Phase::Completing { .. } => State::CompletingRebalance,
            Phase::Stable => State::Stable,
        }
    }
}
