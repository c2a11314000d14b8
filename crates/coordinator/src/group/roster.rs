//! Who belongs to a group, and what follows from that: names, votes, who is awaited.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use bytestring::ByteString;

use super::member::{Member, Waiting};
use crate::{GroupError, InstanceId, MemberId};

/// The members of a group and those who were given an id to come back with.
#[derive(Debug, Default)]
pub(super) struct Roster {
    members: BTreeMap<MemberId, Member>,
    /// Static members by their names.
    instances: BTreeMap<InstanceId, MemberId>,
    /// Ids that were given out and have not come back yet.
    pending: BTreeSet<MemberId>,
    /// How many members wait for the next generation.
    joining: usize,
    /// How many members know each protocol.
    protocols: BTreeMap<ByteString, usize>,
    /// Who assigns: a member, unless there is none.
    leader: Option<MemberId>,
}

impl Roster {
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn has(&self, id: &MemberId) -> bool {
        self.members.contains_key(id)
    }

    pub(super) fn member(&self, id: &MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&MemberId, &Member)> {
        self.members.iter()
    }

    pub(super) fn ids(&self) -> Vec<MemberId> {
        self.members.keys().cloned().collect()
    }

    pub(super) fn leader(&self) -> Option<&MemberId> {
        self.leader.as_ref()
    }

    pub(super) fn is_leader(&self, id: &MemberId) -> bool {
        self.leader.as_ref() == Some(id)
    }

    /// The member that bears the name.
    pub(super) fn bearer(&self, instance: &InstanceId) -> Option<&MemberId> {
        self.instances.get(instance)
    }

    pub(super) fn joining(&self) -> usize {
        self.joining
    }

    /// Whether nobody has to be waited for.
    pub(super) fn all_joined(&self) -> bool {
        self.joining == self.members.len() && self.pending.is_empty()
    }

    /// The longest time that a member may take to join.
    pub(super) fn rebalance_timeout(&self) -> Duration {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default()
    }

    pub(super) fn is_pending(&self, id: &MemberId) -> bool {
        self.pending.contains(id)
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    pub(super) fn add_pending(&mut self, id: MemberId) {
        self.pending.insert(id);
    }

    pub(super) fn remove_pending(&mut self, id: &MemberId) -> bool {
        self.pending.remove(id)
    }

    /// Whether someone who calls himself so is a member.
    ///
    /// # Errors
    /// `UnknownMember`, or `FencedInstance` when the name is another's by now.
    pub(super) fn check(
        &self,
        id: &MemberId,
        instance: Option<&InstanceId>,
    ) -> Result<(), GroupError> {
        if let Some(instance) = instance {
            let bearer = self.instances.get(instance).ok_or(GroupError::UnknownMember)?;
            if bearer != id {
                return Err(GroupError::FencedInstance(instance.clone()));
            }
        }
        if self.has(id) { Ok(()) } else { Err(GroupError::UnknownMember) }
    }

    /// Takes a member in, under an id and a name that nobody has; the first leads.
    pub(super) fn insert(&mut self, id: MemberId, member: Member) {
        self.pending.remove(&id);
        if let Some(instance) = &member.instance {
            self.instances.insert(instance.clone(), id.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(id.clone());
        }
        self.joining += usize::from(member.is_joining());
        self.count_protocols(&member, 1);
        let before = self.members.insert(id, member);
        assert!(before.is_none(), "ids are given once");
    }

    /// Lets a member go; another leads if it led.
    pub(super) fn remove(&mut self, id: &MemberId) -> Option<Member> {
        let member = self.members.remove(id)?;
        self.count_protocols(&member, -1);
        self.joining -= usize::from(member.is_joining());
        if let Some(instance) = &member.instance {
            self.instances.remove(instance);
        }
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        Some(member)
    }

    /// Gives a member another id; it leads if it led.
    pub(super) fn rename(&mut self, id: &MemberId, new: &MemberId) {
        let led = self.is_leader(id);
        let member = self.remove(id).expect("who is renamed is a member");
        self.insert(new.clone(), member);
        if led {
            self.leader = Some(new.clone());
        }
    }

    /// Changes what needs no counting.
    pub(super) fn change(&mut self, id: &MemberId, change: impl FnOnce(&mut Member)) {
        if let Some(member) = self.members.get_mut(id) {
            change(member);
        }
    }

    /// Makes a member the leader.
    pub(super) fn set_leader(&mut self, id: MemberId) {
        debug_assert!(self.has(&id), "a leader is a member");
        self.leader = Some(id);
    }

    /// Sets what a member waits for and returns what it waited for before.
    pub(super) fn set_waiting(&mut self, id: &MemberId, waiting: Waiting) -> Waiting {
        let Some(member) = self.members.get_mut(id) else { return Waiting::No };
        self.joining -= usize::from(member.is_joining());
        let before = std::mem::replace(&mut member.waiting, waiting);
        self.joining += usize::from(member.is_joining());
        before
    }

    /// Sets the protocols that a member knows, each named once.
    pub(super) fn set_protocols(&mut self, id: &MemberId, protocols: Vec<(ByteString, Bytes)>) {
        let Some(mut member) = self.members.remove(id) else { return };
        self.count_protocols(&member, -1);
        member.protocols = protocols;
        self.count_protocols(&member, 1);
        self.members.insert(id.clone(), member);
    }

    fn count_protocols(&mut self, member: &Member, change: isize) {
        for (name, _) in &member.protocols {
            let count = self.protocols.entry(name.clone()).or_default();
            *count = count.checked_add_signed(change).expect("what was counted is uncounted once");
            if *count == 0 {
                self.protocols.remove(name);
            }
        }
    }

    /// Whether all members know the protocol.
    pub(super) fn all_know(&self, protocol: &str) -> bool {
        self.protocols.get(protocol).copied().unwrap_or_default() == self.members.len()
    }

    /// The protocol for the next generation: of those that all know, the one that most members like
    /// best; the alphabet decides between equals.
    pub(super) fn vote(&self) -> Option<ByteString> {
        let mut votes = BTreeMap::<&ByteString, usize>::new();
        for member in self.members.values() {
            let favourite = member.protocols.iter().find(|(name, _)| self.all_know(name));
            *votes.entry(&favourite?.0).or_default() += 1;
        }
        let most = votes.values().max()?;
        votes.iter().find(|(_, count)| *count == most).map(|(name, _)| (*name).clone())
    }
}

#[cfg(test)]
impl Roster {
    /// What is counted and looked up is what the members say.
    pub(super) fn assert_consistent(&self) {
        let members = || self.members.values();
        assert_eq!(self.leader.is_none(), self.members.is_empty(), "somebody leads");
        assert!(self.leader.iter().all(|leader| self.has(leader)), "a member leads");
        assert_eq!(self.joining, members().filter(|member| member.is_joining()).count());
        assert!(self.pending.iter().all(|id| !self.has(id)), "a member is not pending");
        let named = self.members.iter().filter(|(_, member)| member.instance.is_some());
        assert_eq!(named.count(), self.instances.len(), "each name has one bearer");
        for (instance, id) in &self.instances {
            assert_eq!(self.members[id].instance.as_ref(), Some(instance));
        }
        let mut counts = BTreeMap::new();
        for (name, _) in members().flat_map(|member| &member.protocols) {
            *counts.entry(name.clone()).or_default() += 1;
        }
        assert_eq!(self.protocols, counts);
    }
}
