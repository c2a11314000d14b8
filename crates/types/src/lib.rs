//! Ids and units that every part shares.
//!
//! Each is a type of its own, so that an offset and an epoch cannot be swapped by accident. Nothing
//! in here reads a clock, a disk or the network.

mod ids;
mod name;
mod planted;
mod time;
mod uuid;

pub use ids::{
    BrokerEpoch, BrokerId, DirectoryId, LeaderEpoch, Offset, PartitionEpoch, PartitionIndex,
    ProducerEpoch, ProducerId, Sequence, TopicId, TopicIdPartition, TopicPartition,
};
pub use name::{InvalidTopicName, TopicName};
pub use planted::PlantedBug;
pub use time::{Instant, Now, Timestamp};
pub use uuid::{InvalidUuid, Uuid};
