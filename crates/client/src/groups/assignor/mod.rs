//! Who of a group reads which partitions: what the leader works out for all.
//!
//! Values in, values out; each assignor is a file. They come to the results of Java's, whose
//! consumers may lead a group that we are in, or follow us.

mod range;
mod round_robin;
mod sticky;

use std::collections::{BTreeMap, BTreeSet};

use types::{PartitionIndex, TopicName, TopicPartition};

/// A way to share partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignor {
    /// Of each topic, consecutive partitions to each member, so that equal numbers of topics with
    /// equal keys meet at one member.
    Range,
    /// One partition after another to one member after another.
    RoundRobin,
    /// As even as round robin, and everybody keeps what he has as far as possible; members give up
    /// only what somebody else gets, and read on meanwhile.
    CooperativeSticky,
}

/// What a member says when it joins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// The static member's name.
    pub(crate) instance: Option<String>,
    /// What it wants to read.
    pub(crate) topics: BTreeSet<TopicName>,
    /// What it has.
    pub(crate) owned: BTreeSet<TopicPartition>,
    /// The generation it has that from; -1 for none.
    pub(crate) generation: i32,
}

/// The members by their ids.
pub(crate) type Members = BTreeMap<String, Subscription>;

/// How many partitions each topic has; topics that are not there are left out.
pub(crate) type PartitionCounts = BTreeMap<TopicName, i32>;

/// What each member shall read.
pub(crate) type Assignment = BTreeMap<String, BTreeSet<TopicPartition>>;

impl Assignor {
    /// All of them, the one that Java's consumer likes best first.
    pub const ALL: [Assignor; 3] =
        [Assignor::Range, Assignor::CooperativeSticky, Assignor::RoundRobin];

    /// The name that members agree on.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// Shares the partitions out. Every member gets an entry, if an empty one.
    pub(crate) fn assign(self, members: &Members, partitions: &PartitionCounts) -> Assignment {
        match self {
            Assignor::Range => range::assign(members, partitions),
            Assignor::RoundRobin => round_robin::assign(members, partitions),
            Assignor::CooperativeSticky => {
                let wanted = sticky::assign(members, partitions);
                without_what_others_have(wanted, members)
            }
        }
    }
}

/// Leaves out what another member still has: that one gives it up first, and the group then shares
/// out again.
fn without_what_others_have(wanted: Assignment, members: &Members) -> Assignment {
    let owned: BTreeSet<&TopicPartition> =
        members.values().flat_map(|member| &member.owned).collect();
    let is_free = |id: &String, partition: &TopicPartition| {
        members[id].owned.contains(partition) || !owned.contains(partition)
    };
    let free = wanted.into_iter().map(|(id, partitions)| {
        let partitions = partitions.into_iter().filter(|it| is_free(&id, it)).collect();
        (id, partitions)
    });
    free.collect()
}

/// The members in the order in which they are served: static ones by name, then the others by id,
/// so that a static member that comes back with another id gets what it had.
fn in_order(members: &Members) -> Vec<&String> {
    let mut ids: Vec<&String> = members.keys().collect();
    ids.sort_by_key(|id| {
        let instance = members[*id].instance.as_ref();
        (instance.is_none(), instance, *id)
    });
    ids
}

fn nothing(members: &Members) -> Assignment {
    members.keys().map(|id| (id.clone(), BTreeSet::new())).collect()
}

fn give(assignment: &mut Assignment, id: &str, topic: &TopicName, partition: i32) {
    let partition = TopicPartition { topic: topic.clone(), partition: PartitionIndex(partition) };
    assignment.entry(id.to_owned()).or_default().insert(partition);
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn topic(name: &str) -> TopicName {
        TopicName::parse(name).unwrap()
    }

    pub(super) fn partition(text: &str) -> TopicPartition {
        let (name, number) = text.rsplit_once('p').unwrap();
        TopicPartition { topic: topic(name), partition: PartitionIndex(number.parse().unwrap()) }
    }

    /// Members with what they subscribe to and what they have.
    pub(super) fn members(all: &[(&str, &[&str], &[&str])]) -> Members {
        let member = |(id, topics, owned): &(&str, &[&str], &[&str])| {
            let subscription = Subscription {
                instance: None,
                topics: topics.iter().map(|name| topic(name)).collect(),
                owned: owned.iter().map(|text| partition(text)).collect(),
                generation: if owned.is_empty() { -1 } else { 7 },
            };
            ((*id).to_owned(), subscription)
        };
        all.iter().map(member).collect()
    }

    pub(super) fn counts(all: &[(&str, i32)]) -> PartitionCounts {
        all.iter().map(|(name, count)| (topic(name), *count)).collect()
    }

    /// An assignment as text: `c0: t0p0 t0p1`.
    pub(super) fn text(assignment: &Assignment) -> Vec<String> {
        let line = |(id, partitions): (&String, &BTreeSet<TopicPartition>)| {
            let texts: Vec<String> =
                partitions.iter().map(|it| format!("{}p{}", it.topic, it.partition)).collect();
            format!("{id}: {}", texts.join(" ")).trim_end().to_owned()
        };
        assignment.iter().map(line).collect()
    }

    #[test]
    fn names_lead_back_to_their_assignors() {
        for assignor in Assignor::ALL {
            assert_eq!(Assignor::of_name(assignor.name()), Some(assignor));
        }
        assert_eq!(Assignor::of_name("sticky"), None);
    }

    #[test]
    fn static_members_come_first_and_go_by_their_names() {
        let mut members = members(&[("c1", &["t"], &[]), ("c2", &["t"], &[]), ("c3", &["t"], &[])]);
        members.get_mut("c3").unwrap().instance = Some("a".into());
        members.get_mut("c2").unwrap().instance = Some("b".into());
        assert_eq!(in_order(&members), ["c3", "c2", "c1"]);
    }

    #[test]
    fn what_another_member_has_is_given_to_nobody_until_it_is_given_up() {
        let before = members(&[("c1", &["t"], &["tp0", "tp1", "tp2", "tp3"]), ("c2", &["t"], &[])]);
        let partitions = counts(&[("t", 4)]);
        let first = Assignor::CooperativeSticky.assign(&before, &partitions);
        assert_eq!(text(&first), ["c1: tp0 tp1", "c2:"]);
        let after = members(&[("c1", &["t"], &["tp0", "tp1"]), ("c2", &["t"], &[])]);
        let second = Assignor::CooperativeSticky.assign(&after, &partitions);
        assert_eq!(text(&second), ["c1: tp0 tp1", "c2: tp2 tp3"]);
    }
}
