//! When members have been silent for too long.

use std::collections::{BTreeMap, BTreeSet};

use types::Instant;

use crate::MemberId;

/// The ends of sessions, at most one for a member.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_time: BTreeSet<(Instant, MemberId)>,
    by_member: BTreeMap<MemberId, Instant>,
}

impl Sessions {
    /// The member's session ends at `end`, whatever was said before.
    pub(super) fn set(&mut self, member: &MemberId, end: Instant) {
        self.remove(member);
        self.by_member.insert(member.clone(), end);
        self.by_time.insert((end, member.clone()));
    }

    /// The member's session has no end.
    pub(super) fn remove(&mut self, member: &MemberId) {
        if let Some((member, end)) = self.by_member.remove_entry(member) {
            self.by_time.remove(&(end, member));
        }
    }

    /// The first end.
    pub(super) fn first(&self) -> Option<Instant> {
        self.by_time.first().map(|(end, _)| *end)
    }

    #[cfg(test)]
    pub(super) fn has(&self, member: &MemberId) -> bool {
        self.by_member.contains_key(member)
    }

    /// Takes the member whose session ends first.
    pub(super) fn take_first(&mut self) -> Option<MemberId> {
        let (_, member) = self.by_time.pop_first()?;
        self.by_member.remove(&member);
        Some(member)
    }
}
