//! The integers and UUIDs that name things, one type each.

use derive_more::{Display, From, Into};

use crate::{TopicName, Uuid};

/// A record's place in its partition; also "the offset after the last record" (an end offset).
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct Offset(pub i64);

impl Offset {
    /// The first offset of every partition.
    pub const ZERO: Offset = Offset(0);
    /// "No such offset", as Kafka writes it.
    pub const NONE: Offset = Offset(-1);

    /// The offset `count` records further on.
    #[must_use]
    pub fn plus(self, count: i64) -> Offset {
        Offset(self.0 + count)
    }

    /// The offset after this one.
    #[must_use]
    pub fn next(self) -> Offset {
        self.plus(1)
    }

    /// How many offsets lie from `start` up to this one; negative when `start` is greater.
    #[must_use]
    pub fn since(self, start: Offset) -> i64 {
        self.0 - start.0
    }
}

/// The reign of one partition leader; grows with every election.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct LeaderEpoch(pub i32);

impl LeaderEpoch {
    /// "No epoch", as Kafka writes it.
    pub const NONE: LeaderEpoch = LeaderEpoch(-1);

    /// The epoch after this one.
    #[must_use]
    pub fn next(self) -> LeaderEpoch {
        LeaderEpoch(self.0 + 1)
    }
}

/// A broker's (or controller's) id, `node.id` in Kafka's configuration.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct BrokerId(pub i32);

impl BrokerId {
    /// "No broker", for example the leader of an offline partition.
    pub const NONE: BrokerId = BrokerId(-1);
}

/// One incarnation of a broker: the metadata offset of its registration.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct BrokerEpoch(pub i64);

/// The version of a partition's metadata; grows with every change of leader, ISR or replicas.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct PartitionEpoch(pub i32);

/// The number of a partition within its topic.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct PartitionIndex(pub i32);

/// Names one idempotent or transactional producer.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct ProducerId(pub i64);

impl ProducerId {
    /// The id in batches of a producer that is not idempotent.
    pub const NONE: ProducerId = ProducerId(-1);
}

/// The incarnation of a producer id.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct ProducerEpoch(pub i16);

impl ProducerEpoch {
    /// The epoch in batches of a producer that is not idempotent.
    pub const NONE: ProducerEpoch = ProducerEpoch(-1);
}

/// A record's number in the stream of one producer to one partition; wraps from `i32::MAX` to 0.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct Sequence(pub i32);

impl Sequence {
    /// The sequence in batches of a producer that is not idempotent.
    pub const NONE: Sequence = Sequence(-1);

    /// The sequence `count` records further on, wrapping to 0 after `i32::MAX`.
    ///
    /// `count` must not be negative.
    #[must_use]
    pub fn plus(self, count: i32) -> Sequence {
        assert!(count >= 0, "a sequence only grows");
        let sum = i64::from(self.0) + i64::from(count);
        let wrapped = sum % (i64::from(i32::MAX) + 1);
        Sequence(i32::try_from(wrapped).expect("a remainder of 2^31 fits an i32"))
    }
}

/// A topic's id: a topic that is deleted and created again gets another.
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct TopicId(pub Uuid);

/// The id of one log folder, drawn when it is formatted (`directory.id` in `meta.properties`).
#[derive(
    Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, From, Into,
)]
pub struct DirectoryId(pub Uuid);

impl DirectoryId {
    /// No directory is assigned (`DirectoryId.UNASSIGNED` in Kafka).
    pub const UNASSIGNED: DirectoryId = DirectoryId(Uuid::ZERO);
    /// The replica is being moved (`DirectoryId.MIGRATING` in Kafka).
    pub const MIGRATING: DirectoryId = DirectoryId(Uuid::from_u128(2));
    /// The directory is lost (`DirectoryId.LOST` in Kafka).
    pub const LOST: DirectoryId = DirectoryId(Uuid::from_u128(1));
}

/// A partition by its topic's name.
#[derive(Debug, Display, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[display("{topic}-{partition}")]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: TopicName,
    /// The partition's number.
    pub partition: PartitionIndex,
}

/// A partition by its topic's id.
#[derive(Debug, Display, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[display("{topic}-{partition}")]
pub struct TopicIdPartition {
    /// The topic's id.
    pub topic: TopicId,
    /// The partition's number.
    pub partition: PartitionIndex,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_wrap_from_the_largest_i32_to_zero() {
        assert_eq!(Sequence(i32::MAX).plus(1), Sequence(0));
        assert_eq!(Sequence(i32::MAX - 1).plus(3), Sequence(1));
        assert_eq!(Sequence(7).plus(5), Sequence(12));
    }
}
