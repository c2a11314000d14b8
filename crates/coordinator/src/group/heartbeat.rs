//! Members show that they live: by heartbeats, and by commits.

use types::{Instant, PlantedBug};

use super::{Membership, Phase};
use crate::{Generation, GroupError, request::Caller};

impl Membership {
    /// Heartbeat.
    ///
    /// # Errors
    /// When the caller is no member, was replaced, or has to join again.
    pub fn heartbeat(&mut self, caller: &Caller, now: Instant) -> Result<(), GroupError> {
        self.check(caller)?;
        self.begin_session(&caller.member, now);
        match self.phase {
            Phase::Preparing { .. } => Err(GroupError::RebalanceInProgress),
            Phase::Empty | Phase::Completing { .. } | Phase::Stable => Ok(()),
        }
    }

    /// Whether the caller may commit offsets; counts as a heartbeat.
    ///
    /// # Errors
    /// When the caller is no member, was replaced, or has to join again.
    pub fn check_commit(&mut self, caller: &Caller, now: Instant) -> Result<(), GroupError> {
        if caller.generation < Generation(0) && self.phase == Phase::Empty {
            // From a consumer that uses the group for its offsets only, or from an administrator.
            return Ok(());
        }
        let is_anonymous = caller.generation < Generation(0)
            && caller.member.0.is_empty()
            && caller.instance.is_none();
        if is_anonymous {
            return Err(GroupError::UnknownMember);
        }
        match self.check(caller) {
            Err(GroupError::IllegalGeneration)
                if PlantedBug::CommitOfEarlierGeneration.is_planted() => {}
            Err(GroupError::FencedInstance(_)) if PlantedBug::CommitOfFencedMember.is_planted() => {
            }
            checked => checked?,
        }
        match self.phase {
            // The member has joined and knows that the leader is assigning.
            Phase::Completing { .. } => Err(GroupError::RebalanceInProgress),
            Phase::Empty | Phase::Preparing { .. } | Phase::Stable => {
                self.begin_session(&caller.member, now);
                Ok(())
            }
        }
    }

    /// Whether the caller is a member of this generation.
    pub(super) fn check(&self, caller: &Caller) -> Result<(), GroupError> {
        self.roster.check(&caller.member, caller.instance.as_ref())?;
        if caller.generation == self.generation {
            Ok(())
        } else {
            Err(GroupError::IllegalGeneration)
        }
    }
}
