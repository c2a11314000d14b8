//! JoinGroup: who comes, and whether a new generation follows.

use std::time::Duration;

use super::{
    Membership, Phase, Turn,
    answers::answer_join,
    member::{Member, Waiting, distinct},
    written::Purpose,
};
use crate::{GroupError, MemberId, Ticket, request::Join};

/// How long the join of a new member is believed to be alive: it may not know its id, and cannot be
/// told from one whose connection broke. Kafka's `NEW_MEMBER_JOIN_TIMEOUT_MS`.
const NEW_MEMBER_TIMEOUT: Duration = Duration::from_mins(5);

impl Membership {
    /// JoinGroup; answered through the effects.
    pub fn join(&mut self, ticket: Ticket, join: &Join, turn: &mut Turn<'_>) {
        let allowed = turn.config.session_timeout_min..=turn.config.session_timeout_max;
        if !allowed.contains(&join.session_timeout) {
            answer_join(ticket, Err(GroupError::InvalidSessionTimeout), turn.effects);
        } else if !self.has_room(join, turn.config.members_max) {
            self.turn_away(ticket, &join.member, turn);
        } else if !self.speaks(join) {
            answer_join(ticket, Err(GroupError::InconsistentProtocol), turn.effects);
        } else if join.member.0.is_empty() {
            self.join_without_id(ticket, join, turn);
        } else {
            self.join_with_id(ticket, join, turn);
        }
        self.record_creation(turn);
    }

    /// Whether the group may have one more. While members join, those count who are back: so the
    /// last to come back are turned away when the limit was lowered.
    fn has_room(&self, join: &Join, members_max: usize) -> bool {
        let place = join.instance.as_ref().and_then(|instance| self.roster.bearer(instance));
        let id = place.unwrap_or(&join.member);
        match self.phase {
            Phase::Empty => true,
            Phase::Preparing { .. } => {
                self.roster.member(id).is_some_and(Member::is_joining)
                    || self.roster.joining() < members_max
            }
            Phase::Completing { .. } | Phase::Stable => {
                self.roster.has(id) || self.roster.len() < members_max
            }
        }
    }

    fn turn_away(&mut self, ticket: Ticket, id: &MemberId, turn: &mut Turn<'_>) {
        answer_join(ticket, Err(GroupError::GroupFull), turn.effects);
        if self.forget_pending(id) || self.remove_member(id, turn) {
            self.complete_join_if_all_joined(turn);
        }
    }

    /// Whether one of the joiner's protocols is known to all members.
    fn speaks(&self, join: &Join) -> bool {
        if self.phase == Phase::Empty {
            return !join.protocol_type.is_empty() && !join.protocols.is_empty();
        }
        self.protocol_type == join.protocol_type
            && join.protocols.iter().any(|(name, _)| self.roster.all_know(name))
    }

    fn join_without_id(&mut self, ticket: Ticket, join: &Join, turn: &mut Turn<'_>) {
        let prefix = join.instance.as_ref().map_or(&join.client.id, |instance| &instance.0);
        let id = MemberId(format!("{prefix}-{}", join.unique).into());
        let bearer = join.instance.as_ref().and_then(|instance| self.roster.bearer(instance));
        if let Some(previous) = bearer.cloned() {
            self.come_back(ticket, join, &previous, id, turn);
        } else if join.instance.is_none() && join.member_id_required {
            self.sessions.set(&id, turn.now.instant.after(join.session_timeout));
            self.roster.add_pending(id.clone());
            answer_join(ticket, Err(GroupError::MemberIdRequired(id)), turn.effects);
        } else {
            self.add(ticket, join, id, turn);
        }
    }

    fn join_with_id(&mut self, ticket: Ticket, join: &Join, turn: &mut Turn<'_>) {
        let id = &join.member;
        // Only dynamic members are given an id to come back with.
        if self.roster.is_pending(id) && join.instance.is_none() {
            return self.add(ticket, join, id.clone(), turn);
        }
        if let Err(error) = self.roster.check(id, join.instance.as_ref()) {
            return answer_join(ticket, Err(error), turn.effects);
        }
        let is_changed = !self.roster.member(id).is_some_and(|known| known.is_unchanged_by(join));
        let is_rebalanced = match self.phase {
            Phase::Empty | Phase::Preparing { .. } => true,
            // Unchanged: the answer to its first join was lost.
            Phase::Completing { .. } => is_changed,
            // A leader joins again when it has seen something that concerns the assignment.
            Phase::Stable => is_changed || self.roster.is_leader(id),
        };
        if is_rebalanced {
            self.update(id, join);
            self.wait(id, Waiting::Join(ticket), turn.effects);
            self.rebalance_or_complete_join(turn);
        } else {
            let joined = self.joined(id, self.members_for(id));
            answer_join(ticket, Ok(joined), turn.effects);
        }
    }

    fn add(&mut self, ticket: Ticket, join: &Join, id: MemberId, turn: &mut Turn<'_>) {
        if let Phase::Preparing { initial: Some(initial), .. } = &mut self.phase {
            initial.has_grown = true;
        }
        if self.roster.is_empty() {
            self.protocol_type = join.protocol_type.clone();
        }
        self.sessions.set(&id, turn.now.instant.after(NEW_MEMBER_TIMEOUT));
        self.roster.insert(id.clone(), Member::joining(join));
        self.wait(&id, Waiting::Join(ticket), turn.effects);
        self.rebalance_or_complete_join(turn);
    }

    /// Takes over what a member says of itself when it joins again.
    pub(super) fn update(&mut self, id: &MemberId, join: &Join) {
        self.roster.set_protocols(id, distinct(&join.protocols));
        self.roster.change(id, |member| {
            member.rebalance_timeout = join.rebalance_timeout;
            member.session_timeout = join.session_timeout;
        });
    }

    /// Writes a group down that has come to be, so that it can be listed and deleted.
    fn record_creation(&mut self, turn: &mut Turn<'_>) {
        if !self.is_recorded && (!self.roster.is_empty() || self.roster.has_pending()) {
            self.persist(Purpose::Creation, Membership::new(turn.now.wall).persisted(), turn);
        }
    }
}
