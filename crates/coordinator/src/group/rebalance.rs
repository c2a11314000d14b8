//! From one generation to the next.

use std::time::Duration;

use bytes::Bytes;
use types::Instant;

use super::{
    Membership, Phase, Turn,
    answers::{answer_join, refuse},
    member::{Member, Waiting},
    phase::{InitialDelay, Unsynced},
    subscriptions::Topics,
    written::Purpose,
};
use crate::{Generation, GroupError, MemberId};

/// How long a generation without anybody to lead it is put off at least.
const PUT_OFF_MIN: Duration = Duration::from_secs(1);

impl Membership {
    /// Something has changed: a rebalance begins, or the one that has begun may be complete.
    pub(super) fn rebalance_or_complete_join(&mut self, turn: &mut Turn<'_>) {
        match self.phase {
            Phase::Preparing { .. } => self.complete_join_if_all_joined(turn),
            Phase::Empty | Phase::Completing { .. } | Phase::Stable => self.prepare_rebalance(turn),
        }
    }

    /// A member has left: those who stay share what it had.
    pub(super) fn rebalance_without(&mut self, turn: &mut Turn<'_>) {
        if self.phase != Phase::Empty {
            self.rebalance_or_complete_join(turn);
        }
    }

    /// Everybody has to join again.
    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>) {
        if matches!(self.phase, Phase::Completing { .. }) {
            self.drop_assignments(&GroupError::RebalanceInProgress, turn);
        }
        self.unsynced = None;
        let was_empty = self.phase == Phase::Empty;
        let patience = self.roster.rebalance_timeout();
        if was_empty {
            let delay = turn.config.initial_rebalance_delay;
            let remaining = patience.saturating_sub(delay);
            let initial = Some(InitialDelay { delay, remaining, has_grown: false });
            self.enter(Phase::Preparing { until: turn.now.instant.after(delay), initial }, turn);
        } else {
            let until = turn.now.instant.after(patience);
            self.enter(Phase::Preparing { until, initial: None }, turn);
            self.complete_join_if_all_joined(turn);
        }
    }

    /// The members start over: those who waited for their assignment learn why there is none.
    pub(super) fn drop_assignments(&mut self, error: &GroupError, turn: &mut Turn<'_>) {
        for id in self.roster.ids() {
            self.roster.change(&id, |member| member.assignment = Bytes::new());
            if self.roster.member(&id).is_some_and(Member::is_syncing) {
                self.refuse(&id, error.clone(), turn.effects);
                self.begin_session(&id, turn.now.instant);
            }
        }
    }

    /// The next generation begins when nobody has to be waited for, unless the group is a new one,
    /// which waits for more members in any case.
    pub(super) fn complete_join_if_all_joined(&mut self, turn: &mut Turn<'_>) {
        if matches!(self.phase, Phase::Preparing { initial: None, .. }) && self.roster.all_joined()
        {
            self.complete_join(turn);
        }
    }

    /// The time to join is over.
    pub(super) fn join_time_is_over(&mut self, turn: &mut Turn<'_>) {
        match self.phase {
            Phase::Preparing { initial: Some(initial), .. }
                if initial.has_grown && !initial.remaining.is_zero() =>
            {
                let delay = turn.config.initial_rebalance_delay.min(initial.remaining);
                let remaining = initial.remaining.saturating_sub(initial.delay);
                let initial = Some(InitialDelay { delay, remaining, has_grown: false });
                let until = turn.now.instant.after(delay);
                self.phase = Phase::Preparing { until, initial };
            }
            Phase::Preparing { .. } => self.complete_join(turn),
            Phase::Empty | Phase::Completing { .. } | Phase::Stable => {}
        }
    }

    /// Dynamic members that have not come back are out; static ones may take their time until
    /// their sessions end. The rest is the next generation.
    fn complete_join(&mut self, turn: &mut Turn<'_>) {
        let is_lost = |member: &Member| member.instance.is_none() && !member.is_joining();
        let lost = self.roster.iter().filter(|(_, member)| is_lost(member));
        for id in lost.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.remove_member(&id, turn);
        }
        if self.roster.is_empty() {
            self.become_empty(turn);
        } else if self.elect() {
            self.begin_generation(turn);
        } else {
            let patience = self.roster.rebalance_timeout().max(PUT_OFF_MIN);
            let until = turn.now.instant.after(patience);
            self.phase = Phase::Preparing { until, initial: None };
        }
    }

    /// Whether somebody leads: who did, if he is back, or else one who is.
    fn elect(&mut self) -> bool {
        let is_back = |id: &MemberId| self.roster.member(id).is_some_and(Member::is_joining);
        if self.roster.leader().is_some_and(is_back) {
            return true;
        }
        let next = self.roster.iter().find(|(_, member)| member.is_joining());
        let Some(next) = next.map(|(id, _)| id.clone()) else { return false };
        self.roster.set_leader(next);
        true
    }

    fn become_empty(&mut self, turn: &mut Turn<'_>) {
        self.count_generation();
        self.protocol = None;
        self.topics = Topics::of(&self.protocol_type, None, &self.roster);
        self.enter(Phase::Empty, turn);
        self.persist(Purpose::Emptiness, self.persisted(), turn);
    }

    /// All learn of the generation, and the leader of its members.
    fn begin_generation(&mut self, turn: &mut Turn<'_>) {
        self.count_generation();
        self.protocol = self.roster.vote();
        self.topics = Topics::of(&self.protocol_type, self.protocol.as_ref(), &self.roster);
        self.enter(Phase::Completing { is_storing: false }, turn);
        let until = turn.now.instant.after(self.roster.rebalance_timeout());
        let ids = self.roster.ids();
        for id in &ids {
            self.tell_generation(id, turn);
        }
        self.unsynced = Some(Unsynced { until, members: ids.into_iter().collect() });
    }

    fn tell_generation(&mut self, id: &MemberId, turn: &mut Turn<'_>) {
        if let Waiting::Join(ticket) = self.roster.set_waiting(id, Waiting::No) {
            let joined = self.joined(id, self.members_for(id));
            answer_join(ticket, Ok(joined), turn.effects);
        }
        self.roster.change(id, |member| member.is_new = false);
        self.begin_session(id, turn.now.instant);
    }

    fn count_generation(&mut self) {
        // After two thousand million generations members must not meet "none".
        self.generation = Generation(self.generation.0.checked_add(1).unwrap_or(1));
    }

    /// Lets a member go, whatever it waits for, and tells whether there was one.
    pub(super) fn remove_member(&mut self, id: &MemberId, turn: &mut Turn<'_>) -> bool {
        let Some(member) = self.roster.remove(id) else { return false };
        refuse(member.waiting, GroupError::UnknownMember, turn.effects);
        self.sessions.remove(id);
        if let Some(unsynced) = &mut self.unsynced {
            unsynced.members.remove(id);
        }
        true
    }

    /// Takes back an id that was given out, and tells whether it was.
    pub(super) fn forget_pending(&mut self, id: &MemberId) -> bool {
        let was_pending = self.roster.remove_pending(id);
        if was_pending {
            self.sessions.remove(id);
        }
        was_pending
    }

    /// A member has asked for its assignment. When all have, nobody's time is up any more.
    pub(super) fn count_sync(&mut self, id: &MemberId) {
        if let Some(unsynced) = &mut self.unsynced {
            unsynced.members.remove(id);
        }
        self.unsynced.take_if(|unsynced| unsynced.members.is_empty());
    }

    /// The time to ask for the assignment is over: who did not is out.
    pub(super) fn sync_time_is_over(&mut self, turn: &mut Turn<'_>) {
        let Some(unsynced) = self.unsynced.take() else { return };
        let removed = unsynced.members.iter().filter(|id| self.remove_member(id, turn)).count();
        if removed > 0 {
            self.prepare_rebalance(turn);
        }
    }

    /// When the current phase ends by itself.
    pub(super) fn phase_deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Preparing { until, .. } => Some(until),
            Phase::Empty | Phase::Completing { .. } | Phase::Stable => {
                self.unsynced.as_ref().map(|unsynced| unsynced.until)
            }
        }
    }
}
