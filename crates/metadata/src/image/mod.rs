//! The cluster's metadata at one offset: an immutable value.
//!
//! Made of persistent maps, so that a changed copy costs what changed and a kept one costs nothing.
//! Only records change it, in the order of the log; it knows nothing of how they were decided,
//! replicated or stored.

mod configs;
mod delta;
mod features;
mod nodes;
mod partition;
mod replay;
mod topics;
mod write;

#[cfg(test)]
mod tests;

use types::ProducerId;

pub use configs::{ConfigResource, Configs, ResourceKind};
pub use delta::Delta;
pub use features::Features;
pub use nodes::{Broker, Brokers, Controllers, Endpoint, LevelRange, RegisteredController};
pub use partition::{LeaderRecovery, Partition};
pub use replay::ApplyError;
pub use topics::{Topic, Topics};

pub(crate) use write::{config_record, feature_level, partition_record, register_broker};

use crate::records::MetadataRecord;

/// What the records up to some offset add up to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Image {
    /// The finalised feature levels.
    pub features: Features,
    /// The brokers that are registered.
    pub brokers: Brokers,
    /// The controllers that are registered.
    pub controllers: Controllers,
    /// The topics and their partitions.
    pub topics: Topics,
    /// What is configured in the cluster rather than in a broker's file.
    pub configs: Configs,
    /// The first producer id of the next block; `None` until the first block is handed out.
    pub next_producer_id: Option<ProducerId>,
}

impl Image {
    /// The image after these records, and what they changed. This one stays as it is.
    ///
    /// # Errors
    /// When a record does not fit, which means that the log is not ours or not whole.
    pub fn apply<'a>(
        &self,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
    ) -> Result<(Image, Delta), ApplyError> {
        let (mut image, mut delta) = (self.clone(), Delta::default());
        for record in records {
            image.replay(record, &mut delta)?;
        }
        Ok((image, delta))
    }

    /// The records that make this image out of an empty one, in Kafka's order: what a snapshot
    /// holds.
    #[must_use]
    pub fn to_records(&self) -> Vec<MetadataRecord> {
        write::records_of(self)
    }
}
