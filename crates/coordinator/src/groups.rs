//! The groups of a shard: their names, members and timers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use types::Instant;

use crate::group::Membership;

/// Stands for a group's name as long as the group exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupNumber(u32);

impl GroupNumber {
    /// The lowest number there can be.
    pub(crate) const FIRST: GroupNumber = GroupNumber(0);

    /// The number above this one.
    pub(crate) fn next(self) -> GroupNumber {
        GroupNumber(self.0.saturating_add(1))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A group as the shard holds it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: Arc<str>,
    /// Its members; none for a group that has offsets at most.
    pub(crate) membership: Option<Box<Membership>>,
    /// Whether something of it is in the log.
    pub(crate) is_written: bool,
    /// How many of its writes are under way.
    pub(crate) writes: u32,
    /// Whether its last tombstone is under way.
    pub(crate) is_ending: bool,
    timer: Option<Instant>,
}

/// All groups of a shard.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    numbers: BTreeMap<Arc<str>, GroupNumber>,
    groups: Vec<Option<Group>>,
    free: Vec<GroupNumber>,
    timers: BTreeSet<(Instant, GroupNumber)>,
}

impl Groups {
    /// The number of the group with this name.
    pub(crate) fn number(&self, name: &str) -> Option<GroupNumber> {
        self.numbers.get(name).copied()
    }

    /// The number of the group with this name, which begins to exist where it did not.
    pub(crate) fn number_or_new(&mut self, name: &str) -> GroupNumber {
        if let Some(number) = self.number(name) {
            return number;
        }
        let name: Arc<str> = name.into();
        let group = Group {
            name: Arc::clone(&name),
            membership: None,
            is_written: false,
            writes: 0,
            is_ending: false,
            timer: None,
        };
        let number = match self.free.pop() {
            Some(number) => {
                self.groups[number.index()] = Some(group);
                number
            }
            None => {
                let number = u32::try_from(self.groups.len()).expect("memory holds fewer groups");
                self.groups.push(Some(group));
                GroupNumber(number)
            }
        };
        self.numbers.insert(name, number);
        number
    }

    /// The group of this name.
    pub(crate) fn named(&self, name: &str) -> Option<(GroupNumber, &Group)> {
        let number = self.number(name)?;
        Some((number, self.get(number)))
    }

    /// The group of a number that was given out.
    pub(crate) fn get(&self, number: GroupNumber) -> &Group {
        self.groups[number.index()].as_ref().expect(EXISTS)
    }

    /// The group of a number that was given out.
    pub(crate) fn get_mut(&mut self, number: GroupNumber) -> &mut Group {
        self.groups[number.index()].as_mut().expect(EXISTS)
    }

    /// The first group from this number on, if there is one.
    pub(crate) fn from(&self, number: GroupNumber) -> Option<(GroupNumber, &Group)> {
        self.all_from(number).next()
    }

    /// All groups.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (GroupNumber, &Group)> {
        self.all_from(GroupNumber::FIRST)
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The group exists no longer.
    pub(crate) fn remove(&mut self, number: GroupNumber) {
        let group = self.groups[number.index()].take().expect(EXISTS);
        if let Some(timer) = group.timer {
            self.timers.remove(&(timer, number));
        }
        self.numbers.remove(&group.name);
        self.free.push(number);
    }

    /// Sets the group's timer to when its members are due.
    pub(crate) fn set_timer(&mut self, number: GroupNumber) {
        let group = self.groups[number.index()].as_mut().expect(EXISTS);
        let timer = group.membership.as_ref().and_then(|membership| membership.deadline());
        if timer == group.timer {
            return;
        }
        if let Some(old) = std::mem::replace(&mut group.timer, timer) {
            self.timers.remove(&(old, number));
        }
        self.timers.extend(timer.map(|timer| (timer, number)));
    }

    /// When the first timer is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.timers.first().map(|(timer, _)| *timer)
    }

    /// The groups whose timers are due.
    pub(crate) fn due(&self, now: Instant) -> Vec<GroupNumber> {
        self.timers.iter().take_while(|(timer, _)| *timer <= now).map(|(_, group)| *group).collect()
    }

    /// The members of all groups.
    pub(crate) fn into_memberships(self) -> impl Iterator<Item = Box<Membership>> {
        self.groups.into_iter().filter_map(|group| group?.membership)
    }

    fn all_from(&self, first: GroupNumber) -> impl Iterator<Item = (GroupNumber, &Group)> {
        let groups = self.groups.get(first.index()..).unwrap_or_default();
        let numbers = (first.0..=u32::MAX).map(GroupNumber);
        numbers.zip(groups).filter_map(|(number, group)| Some((number, group.as_ref()?)))
    }
}

const EXISTS: &str = "a number stands for its group as long as that exists";
