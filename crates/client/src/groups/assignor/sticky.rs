//! As even as can be, and everybody keeps what he has as far as that allows.
//!
//! First everybody has what he had; then what nobody has goes to whoever has least; then the one who
//! has most gives one to somebody who has at least two fewer, until there is no such pair.

use std::collections::{BTreeMap, BTreeSet};

use types::{PartitionIndex, TopicPartition};

use super::{Assignment, Members, PartitionCounts, in_order, nothing};

pub(super) fn assign(members: &Members, partitions: &PartitionCounts) -> Assignment {
    let mut sharing = Sharing { members, order: in_order(members), assignment: nothing(members) };
    let all = wanted(members, partitions);
    let kept = sharing.keep(&all);
    for partition in all.iter().filter(|partition| !kept.contains(*partition)) {
        sharing.give_to_the_poorest(partition);
    }
    while sharing.even_out() {}
    sharing.assignment
}

/// Every partition of the topics that somebody wants.
fn wanted(members: &Members, partitions: &PartitionCounts) -> BTreeSet<TopicPartition> {
    let mut all = BTreeSet::new();
    for (topic, count) in partitions {
        if members.values().any(|member| member.topics.contains(topic)) {
            let numbers = (0..*count).map(PartitionIndex);
            all.extend(numbers.map(|partition| TopicPartition { topic: topic.clone(), partition }));
        }
    }
    all
}

struct Sharing<'a> {
    members: &'a Members,
    order: Vec<&'a String>,
    assignment: Assignment,
}

impl Sharing<'_> {
    /// Lets everybody have what he had, if it is still there and wanted. What several say they have
    /// goes to the one who has it from the latest generation; of one generation to none of them, as
    /// nobody knows who is right.
    fn keep(&mut self, all: &BTreeSet<TopicPartition>) -> BTreeSet<TopicPartition> {
        let mut claims: BTreeMap<&TopicPartition, (i32, Option<&String>)> = BTreeMap::new();
        for (id, member) in self.members {
            let owned = member.owned.iter().filter(|it| all.contains(*it));
            for partition in owned.filter(|it| member.topics.contains(&it.topic)) {
                let generation = member.generation;
                match claims.get_mut(partition) {
                    Some((other, _)) if *other > generation => {}
                    Some((other, claimant)) if *other == generation => *claimant = None,
                    Some(claim) => *claim = (generation, Some(id)),
                    None => {
                        claims.insert(partition, (generation, Some(id)));
                    }
                }
            }
        }
        let mut kept = BTreeSet::new();
        for (partition, (_, claimant)) in claims {
            if let Some(id) = claimant {
                self.share_of(id).insert(partition.clone());
                kept.insert(partition.clone());
            }
        }
        kept
    }

    fn give_to_the_poorest(&mut self, partition: &TopicPartition) {
        let readers = self.order.iter().copied().filter(|id| self.wants(id, partition));
        // The first of several: minimum by key keeps the order.
        if let Some(id) = readers.min_by_key(|id| self.size(id)) {
            let id = id.clone();
            self.share_of(&id).insert(partition.clone());
        }
    }

    /// Moves one partition from somebody to somebody who has at least two fewer; whether there was
    /// such a pair. Each move makes shares more even, so that this ends.
    fn even_out(&mut self) -> bool {
        let mut richest_first = self.order.clone();
        richest_first.sort_by_key(|id| std::cmp::Reverse(self.size(id)));
        for rich in richest_first {
            // From behind, so that a member keeps its first ones.
            let share: Vec<TopicPartition> = self.assignment[rich].iter().rev().cloned().collect();
            for partition in share {
                let readers = self.order.iter().copied().filter(|id| self.wants(id, &partition));
                let Some(poorest) = readers.min_by_key(|id| self.size(id)) else { continue };
                if self.size(poorest) + 2 <= self.size(rich) {
                    let (rich, poorest) = (rich.clone(), poorest.clone());
                    self.share_of(&rich).remove(&partition);
                    self.share_of(&poorest).insert(partition);
                    return true;
                }
            }
        }
        false
    }

    fn wants(&self, id: &str, partition: &TopicPartition) -> bool {
        self.members[id].topics.contains(&partition.topic)
    }

    fn size(&self, id: &str) -> usize {
        self.assignment.get(id).map_or(0, BTreeSet::len)
    }

    fn share_of(&mut self, id: &str) -> &mut BTreeSet<TopicPartition> {
        self.assignment.entry(id.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{counts, members, partition, text};
    use super::*;

    /// The first example in the documentation of Java's `StickyAssignor`.
    #[test]
    fn when_a_member_leaves_the_others_keep_theirs_and_share_what_it_had() {
        let topics: &[&str] = &["t0", "t1", "t2", "t3"];
        let partitions = counts(&[("t0", 2), ("t1", 2), ("t2", 2), ("t3", 2)]);
        let fresh = members(&[("c0", topics, &[]), ("c1", topics, &[]), ("c2", topics, &[])]);
        assert_eq!(
            text(&assign(&fresh, &partitions)),
            ["c0: t0p0 t1p1 t3p0", "c1: t0p1 t2p0 t3p1", "c2: t1p0 t2p1"]
        );
        let left = members(&[
            ("c0", topics, &["t0p0", "t1p1", "t3p0"]),
            ("c2", topics, &["t1p0", "t2p1"]),
        ]);
        let found = assign(&left, &partitions);
        let of = |id: &str| found[id].clone();
        assert!(left["c0"].owned.is_subset(&of("c0")) && left["c2"].owned.is_subset(&of("c2")));
        assert_eq!((of("c0").len(), of("c2").len()), (4, 4));
    }

    /// The second one, of members that want different topics: round robin would give three to c2
    /// and move two of three when c0 leaves.
    #[test]
    fn different_wishes_are_met_as_evenly_as_can_be_and_moved_as_little() {
        let partitions = counts(&[("t0", 1), ("t1", 2), ("t2", 3)]);
        let fresh = members(&[
            ("c0", &["t0"], &[]),
            ("c1", &["t0", "t1"], &[]),
            ("c2", &["t0", "t1", "t2"], &[]),
        ]);
        assert_eq!(
            text(&assign(&fresh, &partitions)),
            ["c0: t0p0", "c1: t1p0 t1p1", "c2: t2p0 t2p1 t2p2"]
        );
        let left = members(&[
            ("c1", &["t0", "t1"], &["t1p0", "t1p1"]),
            ("c2", &["t0", "t1", "t2"], &["t2p0", "t2p1", "t2p2"]),
        ]);
        assert_eq!(text(&assign(&left, &partitions)), ["c1: t0p0 t1p0 t1p1", "c2: t2p0 t2p1 t2p2"]);
    }

    #[test]
    fn a_new_member_gets_its_share_and_nothing_else_moves() {
        let before = members(&[
            ("c1", &["t"], &["tp0", "tp1", "tp2"]),
            ("c2", &["t"], &["tp3", "tp4", "tp5"]),
            ("c3", &["t"], &[]),
        ]);
        let found = assign(&before, &counts(&[("t", 6)]));
        assert_eq!(text(&found), ["c1: tp0 tp1", "c2: tp3 tp4", "c3: tp2 tp5"]);
    }

    #[test]
    fn what_two_members_say_they_have_goes_to_the_later_generation() {
        let mut both = members(&[("c1", &["t"], &["tp0", "tp1"]), ("c2", &["t"], &["tp0", "tp1"])]);
        both.get_mut("c1").unwrap().generation = 6;
        let found = assign(&both, &counts(&[("t", 3)]));
        assert_eq!(text(&found), ["c1: tp2", "c2: tp0 tp1"]);
    }

    #[test]
    fn nobody_keeps_what_he_no_longer_wants_or_what_is_gone() {
        let before = members(&[("c1", &["t"], &["up0", "tp9", "tp1"]), ("c2", &["u"], &[])]);
        let found = assign(&before, &counts(&[("t", 2), ("u", 1)]));
        assert_eq!(text(&found), ["c1: tp0 tp1", "c2: up0"]);
        assert!(!found["c1"].contains(&partition("tp9")));
    }
}
