//! A static member comes back without its id (KIP-345): it takes the place of who it was before.

use super::{
    Membership, Phase, Turn,
    answers::answer_join,
    member::{Member, Waiting},
    subscriptions::Topics,
    written::Purpose,
};
use crate::{GroupError, MemberId, Ticket, WriteError, answer::Joined, request::Join};

/// A return that is being written down.
#[derive(Debug)]
pub(super) struct Return {
    ticket: Ticket,
    /// Who the member is, and who it was.
    id: MemberId,
    previous: MemberId,
    /// What it said of itself before.
    before: Member,
    /// Who led before.
    leader: MemberId,
    /// Whether its client knows of skipped assignments (KIP-814).
    may_skip_assignment: bool,
}

#[cfg(test)]
impl Return {
    pub(super) fn id(&self) -> &MemberId {
        &self.id
    }
}

impl Membership {
    /// The bearer of the joiner's name is given a new id. In a stable group nothing else changes,
    /// provided that the protocol stays.
    pub(super) fn come_back(
        &mut self,
        ticket: Ticket,
        join: &Join,
        previous: &MemberId,
        id: MemberId,
        turn: &mut Turn<'_>,
    ) {
        let instance = join.instance.clone().unwrap_or_default();
        let leader = self.roster.leader().cloned().unwrap_or_default();
        self.refuse(previous, GroupError::FencedInstance(instance), turn.effects);
        let before = self.rename(previous, &id);
        self.roster.change(&id, |member| {
            member.client = join.client.clone();
            member.is_new = false;
        });
        self.update(&id, join);
        self.begin_session(&id, turn.now.instant);
        self.wait(&id, Waiting::Join(ticket), turn.effects);
        match self.phase {
            Phase::Stable if self.roster.vote() == self.protocol => {
                self.topics = Topics::of(&self.protocol_type, self.protocol.as_ref(), &self.roster);
                let may_skip_assignment = join.may_skip_assignment;
                let previous = previous.clone();
                let back = Return { ticket, id, previous, before, leader, may_skip_assignment };
                self.persist(Purpose::Return(Box::new(back)), self.persisted(), turn);
            }
            // While the leader assigns, it does so to the old id.
            Phase::Stable | Phase::Completing { .. } => self.prepare_rebalance(turn),
            Phase::Empty | Phase::Preparing { .. } => self.complete_join_if_all_joined(turn),
        }
    }

    /// Gives a member another id and returns it as it was.
    fn rename(&mut self, id: &MemberId, new: &MemberId) -> Member {
        let before = self.roster.member(id).cloned().expect("who is renamed is a member");
        self.sessions.remove(id);
        self.roster.rename(id, new);
        if let Some(unsynced) = &mut self.unsynced
            && unsynced.members.remove(id)
        {
            unsynced.members.insert(new.clone());
        }
        before
    }

    /// The return is written down, or could not be: then it did not take place. When a rebalance
    /// has begun in the meantime, that answers the member.
    pub(super) fn return_written(
        &mut self,
        back: Return,
        result: Result<(), WriteError>,
        turn: &mut Turn<'_>,
    ) {
        let waits = self
            .roster
            .member(&back.id)
            .is_some_and(|member| member.waiting == Waiting::Join(back.ticket));
        if self.phase != Phase::Stable || !waits {
            return;
        }
        self.roster.set_waiting(&back.id, Waiting::No);
        match result {
            Ok(()) => {
                self.begin_session(&back.id, turn.now.instant);
                answer_join(back.ticket, Ok(self.returned(&back)), turn.effects);
            }
            Err(error) => {
                self.undo(&back);
                self.begin_session(&back.previous, turn.now.instant);
                answer_join(back.ticket, Err(error.into()), turn.effects);
            }
        }
    }

    /// What a returning member learns. A leader need not assign anew; a client that cannot be told
    /// so is told that somebody else leads.
    fn returned(&self, back: &Return) -> Joined {
        let joined = self.joined(&back.id, Vec::new());
        if back.may_skip_assignment {
            let members = self.members_for(&back.id);
            Joined { skip_assignment: self.roster.is_leader(&back.id), members, ..joined }
        } else {
            Joined { leader: back.leader.clone(), ..joined }
        }
    }

    fn undo(&mut self, back: &Return) {
        self.rename(&back.id, &back.previous);
        self.roster.set_protocols(&back.previous, back.before.protocols.clone());
        self.roster.change(&back.previous, |member| {
            member.client = back.before.client.clone();
            member.rebalance_timeout = back.before.rebalance_timeout;
            member.session_timeout = back.before.session_timeout;
        });
        self.topics = Topics::of(&self.protocol_type, self.protocol.as_ref(), &self.roster);
    }
}
