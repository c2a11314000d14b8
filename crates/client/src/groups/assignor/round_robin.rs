//! One partition after another to one member after another.

use super::{Assignment, Members, PartitionCounts, give, in_order, nothing};

pub(super) fn assign(members: &Members, partitions: &PartitionCounts) -> Assignment {
    let mut assignment = nothing(members);
    let readers = in_order(members);
    let mut turn = 0;
    for (topic, count) in partitions {
        if !readers.iter().any(|id| members[*id].topics.contains(topic)) {
            continue;
        }
        for partition in 0..*count {
            // Somebody wants it, so that this ends.
            while !members[readers[turn]].topics.contains(topic) {
                turn = (turn + 1) % readers.len();
            }
            give(&mut assignment, readers[turn], topic, partition);
            turn = (turn + 1) % readers.len();
        }
    }
    assignment
}

#[cfg(test)]
mod tests {
    use super::super::Assignor;
    use super::super::tests::{counts, members, text};

    /// The first example in the documentation of Java's `RoundRobinAssignor`.
    #[test]
    fn two_topics_of_three_partitions_are_shared_by_two_members() {
        let members = members(&[("c0", &["t0", "t1"], &[]), ("c1", &["t0", "t1"], &[])]);
        let found = Assignor::RoundRobin.assign(&members, &counts(&[("t0", 3), ("t1", 3)]));
        assert_eq!(text(&found), ["c0: t0p0 t0p2 t1p1", "c1: t0p1 t1p0 t1p2"]);
    }

    /// The second one, of members that want different topics.
    #[test]
    fn members_are_passed_over_that_do_not_want_the_topic() {
        let members = members(&[
            ("c0", &["t0"], &[]),
            ("c1", &["t0", "t1"], &[]),
            ("c2", &["t0", "t1", "t2"], &[]),
        ]);
        let partitions = counts(&[("t0", 1), ("t1", 2), ("t2", 3)]);
        let found = Assignor::RoundRobin.assign(&members, &partitions);
        assert_eq!(text(&found), ["c0: t0p0", "c1: t1p0", "c2: t1p1 t2p0 t2p1 t2p2"]);
    }

    #[test]
    fn a_topic_that_nobody_wants_is_given_to_nobody() {
        let found =
            Assignor::RoundRobin.assign(&members(&[("c0", &["t"], &[])]), &counts(&[("u", 2)]));
        assert_eq!(text(&found), ["c0:"]);
    }
}
