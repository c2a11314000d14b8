//! Of each topic, consecutive partitions to each member.

use types::TopicName;

use super::{Assignment, Members, PartitionCounts, give, in_order, nothing};

pub(super) fn assign(members: &Members, partitions: &PartitionCounts) -> Assignment {
    let mut assignment = nothing(members);
    for (topic, count) in partitions {
        assign_topic(members, topic, *count, &mut assignment);
    }
    assignment
}

/// The first members get one more where the partitions cannot be shared evenly.
fn assign_topic(members: &Members, topic: &TopicName, count: i32, assignment: &mut Assignment) {
    let mut readers = in_order(members);
    readers.retain(|id| members[*id].topics.contains(topic));
    let Ok(readers_count) = i32::try_from(readers.len()) else { return };
    if readers_count == 0 {
        return;
    }
    let (each, more) = (count / readers_count, count % readers_count);
    let mut next = 0;
    for (place, id) in (0..).zip(readers) {
        let end = next + each + i32::from(place < more);
        (next..end).for_each(|partition| give(assignment, id, topic, partition));
        next = end;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Assignor;
    use super::super::tests::{counts, members, text};

    /// The example in the documentation of Java's `RangeAssignor`.
    #[test]
    fn two_topics_of_three_partitions_are_shared_by_two_members() {
        let members = members(&[("c0", &["t0", "t1"], &[]), ("c1", &["t0", "t1"], &[])]);
        let found = Assignor::Range.assign(&members, &counts(&[("t0", 3), ("t1", 3)]));
        assert_eq!(text(&found), ["c0: t0p0 t0p1 t1p0 t1p1", "c1: t0p2 t1p2"]);
    }

    #[test]
    fn a_topic_is_shared_by_those_who_want_it() {
        let members =
            members(&[("c0", &["t0"], &[]), ("c1", &["t0", "t1"], &[]), ("c2", &["t0"], &[])]);
        let found = Assignor::Range.assign(&members, &counts(&[("t0", 3), ("t1", 2)]));
        assert_eq!(text(&found), ["c0: t0p0", "c1: t0p1 t1p0 t1p1", "c2: t0p2"]);
    }

    #[test]
    fn members_beyond_the_number_of_partitions_get_nothing() {
        let members = members(&[("c0", &["t"], &[]), ("c1", &["t"], &[]), ("c2", &["u"], &[])]);
        let found = Assignor::Range.assign(&members, &counts(&[("t", 1)]));
        assert_eq!(text(&found), ["c0: tp0", "c1:", "c2:"]);
    }
}
