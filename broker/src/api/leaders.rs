//! The leader that a client should have turned to (KIP-951).

use std::collections::BTreeSet;

use bytestring::ByteString;
use node::{
    answer::{Leader, PartitionError},
    metadata::Image,
};
use types::BrokerId;

/// Where a broker is reached by the clients of one listener.
pub(super) struct Reached {
    pub(super) id: i32,
    pub(super) host: ByteString,
    pub(super) port: i32,
    pub(super) rack: Option<ByteString>,
}

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
        | PartitionError::Corrupt(_) => None,
    }
}

/// Where these brokers are reached, each once.
pub(super) fn reached(image: &Image, listener: &str, brokers: &BTreeSet<BrokerId>) -> Vec<Reached> {
    let known = brokers.iter().filter_map(|id| image.brokers.get(*id));
    known
        .filter_map(|broker| {
            let endpoint = broker.endpoint(listener)?;
            Some(Reached {
                id: broker.id.0,
                host: endpoint.host.as_str().into(),
                port: endpoint.port.into(),
                rack: broker.rack.as_deref().map(ByteString::from),
            })
        })
        .collect()
}
