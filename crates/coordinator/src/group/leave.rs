//! LeaveGroup: members go by themselves, or are shown the door by an administrator.

use super::{Membership, Turn};
use crate::{GroupError, request::Leaver};

/// Who has left.
enum Left {
    Member,
    /// One that had only been given an id.
    Pending,
}

impl Membership {
    /// LeaveGroup: an answer for each member, in order.
    pub fn leave(
        &mut self,
        leavers: &[Leaver],
        turn: &mut Turn<'_>,
    ) -> Vec<Result<(), GroupError>> {
        let mut has_shrunk = false;
        let mut answers = Vec::new();
        for leaver in leavers {
            let left = self.leave_one(leaver, turn);
            has_shrunk |= matches!(left, Ok(Left::Member));
            answers.push(left.map(|_| ()));
        }
        if has_shrunk {
            self.rebalance_without(turn);
        } else {
            // A pending member may have been the last that was waited for.
            self.complete_join_if_all_joined(turn);
        }
        answers
    }

    fn leave_one(&mut self, leaver: &Leaver, turn: &mut Turn<'_>) -> Result<Left, GroupError> {
        let instance = leaver.instance.as_ref();
        if leaver.member.0.is_empty() {
            let bearer = instance.and_then(|instance| self.roster.bearer(instance));
            let id = bearer.cloned().ok_or(GroupError::UnknownMember)?;
            self.remove_member(&id, turn);
        } else if self.forget_pending(&leaver.member) {
            return Ok(Left::Pending);
        } else {
            self.roster.check(&leaver.member, instance)?;
            self.remove_member(&leaver.member, turn);
        }
        Ok(Left::Member)
    }
}
