//! Members that wait, and what they are told at last.

use types::Instant;

use super::{
    GroupEffect, Membership,
    member::{Member, Waiting},
};
use crate::{
    GroupError, MemberId, Ticket,
    answer::{Answer, Joined, JoinedMember, Synced},
};

/// Answers a join that does not wait.
pub(super) fn answer_join(
    ticket: Ticket,
    answer: Result<Joined, GroupError>,
    effects: &mut Vec<GroupEffect>,
) {
    effects.push(GroupEffect::Answer { ticket, answer: Answer::Join(answer) });
}

/// Answers a sync that does not wait.
pub(super) fn answer_sync(
    ticket: Ticket,
    answer: Result<Synced, GroupError>,
    effects: &mut Vec<GroupEffect>,
) {
    effects.push(GroupEffect::Answer { ticket, answer: Answer::Sync(answer) });
}

/// Refuses what a member waited for.
pub(super) fn refuse(waiting: Waiting, error: GroupError, effects: &mut Vec<GroupEffect>) {
    match waiting {
        Waiting::No => {}
        Waiting::Join(ticket) => answer_join(ticket, Err(error), effects),
        Waiting::Sync(ticket) => answer_sync(ticket, Err(error), effects),
    }
}

impl Membership {
    /// Has a member wait. What it asked before was asked on a connection that it gave up.
    pub(super) fn wait(&mut self, id: &MemberId, for_: Waiting, effects: &mut Vec<GroupEffect>) {
        let before = self.roster.set_waiting(id, for_);
        refuse(before, GroupError::RebalanceInProgress, effects);
    }

    /// Refuses what a member waits for, if it waits.
    pub(super) fn refuse(
        &mut self,
        id: &MemberId,
        error: GroupError,
        effects: &mut Vec<GroupEffect>,
    ) {
        refuse(self.roster.set_waiting(id, Waiting::No), error, effects);
    }

    /// A member's session begins anew.
    pub(super) fn begin_session(&mut self, id: &MemberId, now: Instant) {
        if let Some(member) = self.roster.member(id) {
            self.sessions.set(id, now.after(member.session_timeout));
        }
    }

    /// The current generation as a member learns of it.
    pub(super) fn joined(&self, id: &MemberId, members: Vec<JoinedMember>) -> Joined {
        Joined {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone().unwrap_or_default(),
            leader: self.roster.leader().cloned().unwrap_or_default(),
            skip_assignment: false,
            member: id.clone(),
            members,
        }
    }

    /// All members, for the one who leads; none for others.
    pub(super) fn members_for(&self, id: &MemberId) -> Vec<JoinedMember> {
        if !self.roster.is_leader(id) {
            return Vec::new();
        }
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let member = |(id, member): (&MemberId, &Member)| JoinedMember {
            member: id.clone(),
            instance: member.instance.clone(),
            metadata: member.metadata(protocol).cloned().unwrap_or_default(),
        };
        self.roster.iter().map(member).collect()
    }

    /// A member's share, as it learns of it.
    pub(super) fn synced(&self, id: &MemberId) -> Synced {
        Synced {
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone().unwrap_or_default(),
            assignment: self
                .roster
                .member(id)
                .map(|member| member.assignment.clone())
                .unwrap_or_default(),
        }
    }
}
