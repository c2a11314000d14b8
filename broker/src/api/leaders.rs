//! The leader that a client should have turned to (KIP-951).

use std::collections::BTreeSet;

use node::{
    answer::{Leader, PartitionError},
    metadata::Image,
};
use types::BrokerId;

use super::view::{Reached, View};

/// The leader that an error names, if any is known.
pub(super) fn named_by(error: &PartitionError) -> Option<Leader> {
    match error {
        PartitionError::NotLeader(leader) | PartitionError::FencedLeaderEpoch(leader) => {
            (leader.broker != BrokerId::NONE).then_some(*leader)
        }
        PartitionError::UnknownPartition
        | PartitionError::UnknownTopicId
        | PartitionError::UnknownLeaderEpoch(_)
        | PartitionError::StorageFailed
        | PartitionError::OffsetOutOfRange
        | PartitionError::OffsetNotAvailable
        | PartitionError::Corrupt(_) => None,
    }
}

/// Where these brokers are reached, each once.
pub(super) fn reached(image: &Image, listener: &str, brokers: &BTreeSet<BrokerId>) -> Vec<Reached> {
    let view = View { image, listener };
    let known = brokers.iter().filter_map(|id| image.brokers.get(*id));
    known.filter_map(|broker| view.reach(broker)).collect()
}
