//! What happens by itself.

use types::{Instant, PlantedBug};

use super::{Membership, Turn};
use crate::MemberId;

impl Membership {
    /// When [`tick`](Membership::tick) is due next.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.sessions.first().into_iter().chain(self.phase_deadline()).min()
    }

    /// Time has passed: what was due happens, the earliest first.
    pub fn tick(&mut self, turn: &mut Turn<'_>) {
        while let Some(deadline) = self.deadline().filter(|deadline| *deadline <= turn.now.instant)
        {
            if self.sessions.first() == Some(deadline) {
                if let Some(id) = self.sessions.take_first() {
                    self.session_is_over(&id, turn);
                }
            } else {
                self.phase_is_over(turn);
            }
        }
    }

    fn session_is_over(&mut self, id: &MemberId, turn: &mut Turn<'_>) {
        if self.forget_pending(id) {
            self.complete_join_if_all_joined(turn);
        } else if self.roster.member(id).is_some_and(|member| !member.is_excused())
            && !PlantedBug::SessionNeverEnds.is_planted()
        {
            self.remove_member(id, turn);
            self.rebalance_without(turn);
        }
        // One who waits is not silent: his session begins anew with the answer.
    }

    fn phase_is_over(&mut self, turn: &mut Turn<'_>) {
        match self.unsynced {
            Some(_) => self.sync_time_is_over(turn),
            None => self.join_time_is_over(turn),
        }
    }
}
