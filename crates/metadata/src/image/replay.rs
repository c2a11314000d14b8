//! What each record does to the image.

mod nodes;
mod topics;

use types::{
    BrokerEpoch, BrokerId, DirectoryId, InvalidTopicName, ProducerId, TopicId, TopicIdPartition,
    TopicName, Uuid,
};

use super::{ConfigResource, Delta, Features, Image, ResourceKind};
use crate::records::{ConfigRecord, FeatureLevelRecord, MetadataRecord, ProducerIdsRecord};

/// Why a record does not fit the image before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The record is of a type that has no effect here yet; to skip it would lose what it means.
    #[error("records of type {0} are not supported")]
    UnsupportedRecord(&'static str),
    /// The cluster's records are of a release that we do not know.
    #[error("metadata.version {0} is not supported")]
    UnsupportedMetadataVersion(i16),
    /// No such broker is registered.
    #[error("broker {0} is not registered")]
    UnknownBroker(BrokerId),
    /// Another incarnation of the broker is registered.
    #[error("broker {broker} is registered with epoch {registered}, not {given}")]
    OtherBrokerEpoch {
        /// The broker.
        broker: BrokerId,
        /// The epoch in the image.
        registered: BrokerEpoch,
        /// The epoch in the record.
        given: BrokerEpoch,
    },
    /// No topic has this id.
    #[error("no topic has the id {0}")]
    UnknownTopic(TopicId),
    /// The topic has no such partition.
    #[error("there is no partition {0}")]
    UnknownPartition(TopicIdPartition),
    /// Two topics cannot share an id or a name.
    #[error("topic {0} exists already")]
    DuplicateTopic(TopicName),
    /// The topic has no legal name.
    #[error(transparent)]
    TopicName(#[from] InvalidTopicName),
    /// A partition that cannot be.
    #[error("partition {partition} is impossible: {why}")]
    ImpossiblePartition {
        /// The partition.
        partition: TopicIdPartition,
        /// The rule it breaks.
        why: &'static str,
    },
    /// A number that stands for nothing we know.
    #[error("{field} cannot be {value}")]
    UnknownValue {
        /// The field.
        field: &'static str,
        /// Its value.
        value: i64,
    },
}

impl Image {
    /// Takes one record in, and notes in the delta what it changes.
    pub(super) fn replay(
        &mut self,
        record: &MetadataRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::FeatureLevel(record) => self.set_feature(record, delta),
            MetadataRecord::RegisterBroker(record) => self.register_broker(record, delta),
            MetadataRecord::UnregisterBroker(record) => self.unregister_broker(record, delta),
            MetadataRecord::BrokerRegistrationChange(record) => self.change_broker(record, delta),
            MetadataRecord::RegisterController(record) => self.register_controller(record, delta),
            MetadataRecord::Topic(record) => self.create_topic(record, delta),
            MetadataRecord::RemoveTopic(record) => self.remove_topic(record, delta),
            MetadataRecord::Partition(record) => self.set_partition(record, delta),
            MetadataRecord::PartitionChange(record) => self.change_partition(record, delta),
            MetadataRecord::ClearElr(record) => self.clear_eligible(record, delta),
            MetadataRecord::Config(record) => self.configure(record, delta),
            MetadataRecord::ProducerIds(record) => self.set_producer_ids(record, delta),
            MetadataRecord::NoOp(_) => Ok(()),
            MetadataRecord::FenceBroker(_)
            | MetadataRecord::UnfenceBroker(_)
            | MetadataRecord::DelegationToken(_)
            | MetadataRecord::RemoveDelegationToken(_)
            | MetadataRecord::UserScramCredential(_)
            | MetadataRecord::RemoveUserScramCredential(_)
            | MetadataRecord::ClientQuota(_)
            | MetadataRecord::AccessControlEntry(_)
            | MetadataRecord::RemoveAccessControlEntry(_)
            | MetadataRecord::ZkMigrationState(_)
            | MetadataRecord::BeginTransaction(_)
            | MetadataRecord::EndTransaction(_)
            | MetadataRecord::AbortTransaction(_) => {
                Err(ApplyError::UnsupportedRecord(record.type_name()))
            }
        }
    }

    fn set_feature(
        &mut self,
        record: &FeatureLevelRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let level = record.feature_level;
        if &*record.name == Features::METADATA_VERSION && level != Features::METADATA_VERSION_LEVEL
        {
            return Err(ApplyError::UnsupportedMetadataVersion(level));
        }
        self.features.set(&record.name, level);
        delta.features = true;
        Ok(())
    }

    fn configure(&mut self, record: &ConfigRecord, delta: &mut Delta) -> Result<(), ApplyError> {
        let number = record.resource_type;
        let kind =
            ResourceKind::from_number(number).ok_or_else(|| unknown("resourceType", number))?;
        let resource = ConfigResource { kind, name: (&*record.resource_name).into() };
        match &record.value {
            Some(value) => self.configs.set(resource.clone(), &record.name, value),
            None => self.configs.unset(&resource, &record.name),
        }
        delta.configs.insert(resource);
        Ok(())
    }

    fn set_producer_ids(
        &mut self,
        record: &ProducerIdsRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let next = ProducerId(record.next_producer_id);
        if next.0 < 0 || self.next_producer_id.is_some_and(|before| next <= before) {
            return Err(unknown("nextProducerId", next.0));
        }
        self.next_producer_id = Some(next);
        delta.producer_ids = true;
        Ok(())
    }
}

fn unknown(field: &'static str, value: impl Into<i64>) -> ApplyError {
    ApplyError::UnknownValue { field, value: value.into() }
}

/// Directory ids as the image names them.
fn directories(ids: &[Uuid]) -> Vec<DirectoryId> {
    ids.iter().copied().map(DirectoryId).collect()
}
