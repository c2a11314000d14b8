//! The committed offsets of all groups of a shard, and those that a transaction has not decided.
//!
//! All lie in one table, ordered by group, topic and partition, with numbers in place of names: an
//! offset costs about a hundred bytes, however few a group has. Who may commit, and whether what
//! comes here is in the log, is the shard's affair.

mod names;
mod stored;
mod undecided;

use std::collections::BTreeMap;

use bytestring::ByteString;
use types::{PartitionIndex, ProducerId};

use self::{
    names::{Names, TopicNumber},
    undecided::Undecided,
};
use crate::{groups::GroupNumber, request::GroupPartition};

pub(crate) use stored::Stored;

/// The committed offsets of a shard.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    committed: BTreeMap<Place, Stored>,
    undecided: Undecided,
    topics: Names,
}

/// Where an offset lies in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    group: GroupNumber,
    topic: TopicNumber,
    partition: PartitionIndex,
}

impl Place {
    /// Before all offsets of the group.
    pub(crate) fn first_of(group: GroupNumber) -> Place {
        Place { group, topic: TopicNumber::MIN, partition: PartitionIndex(i32::MIN) }
    }

    /// Behind all offsets of the group.
    pub(crate) fn last_of(group: GroupNumber) -> Place {
        Place { group, topic: TopicNumber::MAX, partition: PartitionIndex(i32::MAX) }
    }

    fn first_in(group: GroupNumber, topic: TopicNumber) -> Place {
        Place { group, topic, partition: PartitionIndex(i32::MIN) }
    }

    fn last_in(group: GroupNumber, topic: TopicNumber) -> Place {
        Place { group, topic, partition: PartitionIndex(i32::MAX) }
    }

    /// The group whose offset lies there.
    pub(crate) fn group(self) -> GroupNumber {
        self.group
    }
}

impl Offsets {
    /// A group's committed offset.
    pub(crate) fn get(&self, group: GroupNumber, partition: &GroupPartition) -> Option<&Stored> {
        self.committed.get(&self.place(group, partition)?)
    }

    /// Commits an offset outside of transactions; a later one than all that are undecided.
    pub(crate) fn put(&mut self, group: GroupNumber, partition: &GroupPartition, offset: Stored) {
        let place = self.place_or_new(group, partition);
        self.undecided.supersede(place, u64::MAX);
        self.insert(place, offset);
    }

    /// Keeps an offset until its transaction has ended.
    pub(crate) fn put_undecided(
        &mut self,
        producer: ProducerId,
        group: GroupNumber,
        partition: &GroupPartition,
        offset: Stored,
    ) {
        let place = self.place_or_new(group, partition);
        if self.undecided.insert(producer, place, offset) {
            self.topics.used(place.topic);
        }
    }

    /// The producer's transaction is committed: what it left counts, unless something later does.
    pub(crate) fn commit_transaction(&mut self, producer: ProducerId) {
        for (place, end) in self.undecided.end(producer) {
            if let Some((order, offset)) = end {
                self.undecided.supersede(place, order);
                self.insert(place, offset);
            }
            self.topics.unused(place.topic);
        }
    }

    /// The producer's transaction is aborted: what it left never counts.
    pub(crate) fn abort_transaction(&mut self, producer: ProducerId) {
        for (place, _) in self.undecided.end(producer) {
            self.topics.unused(place.topic);
        }
    }

    /// Forgets an offset, committed and undecided.
    pub(crate) fn remove(&mut self, group: GroupNumber, partition: &GroupPartition) {
        let Some(place) = self.place(group, partition) else { return };
        let committed = usize::from(self.committed.remove(&place).is_some());
        for _ in 0..committed + self.undecided.remove(place) {
            self.topics.unused(place.topic);
        }
    }

    /// Whether a transaction has an offset for the partition that is undecided.
    pub(crate) fn is_undecided(&self, group: GroupNumber, partition: &GroupPartition) -> bool {
        self.place(group, partition)
            .is_some_and(|place| self.undecided.between(place, place).next().is_some())
    }

    /// Whether a transaction has offsets of the group that are undecided.
    pub(crate) fn has_undecided(&self, group: GroupNumber) -> bool {
        self.undecided_of(group).next().is_some()
    }

    /// The committed offsets of a group, in no order that means anything.
    pub(crate) fn of_group(&self, group: GroupNumber) -> impl Iterator<Item = (Place, &Stored)> {
        self.between(Place::first_of(group), Place::last_of(group))
    }

    /// The committed offsets of a group's topic.
    pub(crate) fn of_topic(
        &self,
        group: GroupNumber,
        topic: &str,
    ) -> impl Iterator<Item = (Place, &Stored)> {
        self.span(group, topic).into_iter().flat_map(|(first, last)| self.between(first, last))
    }

    /// The committed offsets from one place to another, both included.
    pub(crate) fn between(
        &self,
        first: Place,
        last: Place,
    ) -> impl Iterator<Item = (Place, &Stored)> {
        self.committed.range(first..=last).map(|(place, offset)| (*place, offset))
    }

    /// The undecided offsets of a group.
    pub(crate) fn undecided_of(
        &self,
        group: GroupNumber,
    ) -> impl Iterator<Item = (Place, &Stored)> {
        self.undecided.between(Place::first_of(group), Place::last_of(group))
    }

    /// The undecided offsets of a group's topic.
    pub(crate) fn undecided_of_topic(
        &self,
        group: GroupNumber,
        topic: &str,
    ) -> impl Iterator<Item = (Place, &Stored)> {
        let span = self.span(group, topic).into_iter();
        span.flat_map(|(first, last)| self.undecided.between(first, last))
    }

    /// All committed offsets.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, &Stored)> {
        self.committed.iter().map(|(place, offset)| (*place, offset))
    }

    /// How many committed offsets there are.
    pub(crate) fn len(&self) -> usize {
        self.committed.len()
    }

    /// Whether nothing is committed and nothing undecided for the group.
    pub(crate) fn has_none_of(&self, group: GroupNumber) -> bool {
        self.of_group(group).next().is_none() && !self.has_undecided(group)
    }

    /// The name of the topic at a place.
    pub(crate) fn topic(&self, place: Place) -> &str {
        self.topics.name(place.topic)
    }

    /// The partition at a place, with its topic's name.
    pub(crate) fn partition(&self, place: Place) -> GroupPartition {
        let topic = ByteString::from(self.topic(place));
        GroupPartition { topic, partition: place.partition }
    }

    /// The partition's number at a place.
    pub(crate) fn index(place: Place) -> PartitionIndex {
        place.partition
    }

    /// The first and the last place of a group's topic; none where the shard has no offset of it.
    fn span(&self, group: GroupNumber, topic: &str) -> Option<(Place, Place)> {
        let topic = self.topics.number(topic)?;
        Some((Place::first_in(group, topic), Place::last_in(group, topic)))
    }

    fn place(&self, group: GroupNumber, partition: &GroupPartition) -> Option<Place> {
        let topic = self.topics.number(&partition.topic)?;
        Some(Place { group, topic, partition: partition.partition })
    }

    fn place_or_new(&mut self, group: GroupNumber, partition: &GroupPartition) -> Place {
        let topic = self.topics.number_or_new(&partition.topic);
        Place { group, topic, partition: partition.partition }
    }

    fn insert(&mut self, place: Place, offset: Stored) {
        if self.committed.insert(place, offset).is_none() {
            self.topics.used(place.topic);
        }
    }
}
