//! What names groups and their members.

use bytestring::ByteString;
use derive_more::{Display, From, Into};
use types::PartitionIndex;

/// A group's name, `group.id` in Kafka's configuration.
#[derive(Debug, Display, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into)]
pub struct GroupId(pub ByteString);

/// The name that the coordinator gave a member; empty before it has one.
#[derive(Debug, Display, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into)]
pub struct MemberId(pub ByteString);

/// The name that a static member gave itself, `group.instance.id` (KIP-345).
#[derive(Debug, Display, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into)]
pub struct InstanceId(pub ByteString);

/// One assignment of partitions to the members of a group; grows with every rebalance.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct Generation(pub i32);

impl Generation {
    /// "No generation": of a group that never had members, and of commits from outside a group.
    pub const NONE: Generation = Generation(-1);
}

/// The partition of `__consumer_offsets`, which has `partitions` of them, that a group belongs to:
/// Java's `String.hashCode` without its sign, as Kafka's `GroupCoordinatorService.partitionFor`.
#[must_use]
pub fn partition_of(group: &GroupId, partitions: i32) -> PartitionIndex {
    assert!(partitions > 0, "a topic has partitions");
    let hash = group
        .0
        .encode_utf16()
        .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Kafka's Utils.abs: the smallest integer has no positive counterpart and becomes 0.
    let positive = hash.checked_abs().unwrap_or(0);
    PartitionIndex(positive % partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(group: &str) -> i32 {
        partition_of(&GroupId(group.into()), 50).0
    }

    #[test]
    fn groups_fall_into_the_partitions_that_javas_string_hash_says() {
        assert_eq!(partition(""), 0);
        // "a" is 97, "group" is 98629247, "polygenelubricants" is the smallest integer.
        assert_eq!(partition("a"), 47);
        assert_eq!(partition("group"), 47);
        assert_eq!(partition("polygenelubricants"), 0);
    }

    #[test]
    fn characters_outside_the_basic_plane_count_as_two() {
        // U+1F600 is 0xD83D 0xDE00 in UTF-16: 31 * 55357 + 56832 = 1772899.
        assert_eq!(partition("\u{1F600}"), 49);
    }
}
