//! What each record does to the image.

use bytestring::ByteString;
use types::{
    BrokerEpoch, BrokerId, DirectoryId, InvalidTopicName, LeaderEpoch, PartitionEpoch,
    PartitionIndex, ProducerId, TopicId, TopicIdPartition, TopicName, Uuid,
};

use super::{
    Broker, ConfigResource, Delta, Endpoint, Features, Image, LeaderRecovery, LevelRange,
    Partition, RegisteredController, ResourceKind,
};
use crate::records::{
    BrokerRegistrationChangeRecord, ClearElrRecord, ConfigRecord, FeatureLevelRecord,
    MetadataRecord, PartitionChangeRecord, PartitionRecord, ProducerIdsRecord,
    RegisterBrokerRecord, RegisterControllerRecord, RemoveTopicRecord, TopicRecord,
    UnregisterBrokerRecord,
};

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

    fn register_broker(
        &mut self,
        record: &RegisterBrokerRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        if record.is_migrating_zk_broker {
            return Err(ApplyError::UnknownValue { field: "isMigratingZkBroker", value: 1 });
        }
        let id = BrokerId(record.broker_id);
        let features = record.features.iter().map(|feature| {
            level_range(&feature.name, feature.min_supported_version, feature.max_supported_version)
        });
        self.brokers.insert(Broker {
            id,
            epoch: BrokerEpoch(record.broker_epoch),
            incarnation: record.incarnation_id,
            endpoints: record
                .end_points
                .iter()
                .map(|point| {
                    endpoint(&point.name, &point.host, point.port, point.security_protocol)
                })
                .collect(),
            features: features.collect(),
            rack: record.rack.as_ref().map(ToString::to_string),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            directories: directories(&record.log_dirs),
            cordoned_directories: record.cordoned_log_dirs.as_deref().map(directories),
        });
        delta.brokers.insert(id);
        Ok(())
    }

    fn unregister_broker(
        &mut self,
        record: &UnregisterBrokerRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = BrokerId(record.broker_id);
        self.registered(id, BrokerEpoch(record.broker_epoch))?;
        self.brokers.remove(id);
        delta.brokers.insert(id);
        Ok(())
    }

    fn change_broker(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = BrokerId(record.broker_id);
        let mut broker = self.registered(id, BrokerEpoch(record.broker_epoch))?.clone();
        broker.fenced = match record.fenced {
            -1 => false,
            0 => broker.fenced,
            1 => true,
            other => {
                return Err(ApplyError::UnknownValue { field: "fenced", value: other.into() });
            }
        };
        broker.in_controlled_shutdown = match record.in_controlled_shutdown {
            0 => broker.in_controlled_shutdown,
            1 => true,
            other => {
                let (field, value) = ("inControlledShutdown", other.into());
                return Err(ApplyError::UnknownValue { field, value });
            }
        };
        if !record.log_dirs.is_empty() {
            broker.directories = directories(&record.log_dirs);
        }
        if let Some(cordoned) = &record.cordoned_log_dirs {
            broker.cordoned_directories = Some(directories(cordoned));
        }
        self.brokers.insert(broker);
        delta.brokers.insert(id);
        Ok(())
    }

    fn registered(&self, id: BrokerId, epoch: BrokerEpoch) -> Result<&Broker, ApplyError> {
        let broker = self.brokers.get(id).ok_or(ApplyError::UnknownBroker(id))?;
        if broker.epoch != epoch {
            let (registered, given) = (broker.epoch, epoch);
            return Err(ApplyError::OtherBrokerEpoch { broker: id, registered, given });
        }
        Ok(broker)
    }

    fn register_controller(
        &mut self,
        record: &RegisterControllerRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = BrokerId(record.controller_id);
        let features = record.features.iter().map(|feature| {
            level_range(&feature.name, feature.min_supported_version, feature.max_supported_version)
        });
        self.controllers.insert(RegisteredController {
            id,
            incarnation: record.incarnation_id,
            endpoints: record
                .end_points
                .iter()
                .map(|point| {
                    endpoint(&point.name, &point.host, point.port, point.security_protocol)
                })
                .collect(),
            features: features.collect(),
        });
        delta.controllers.insert(id);
        Ok(())
    }

    fn create_topic(&mut self, record: &TopicRecord, delta: &mut Delta) -> Result<(), ApplyError> {
        let (id, name) = (TopicId(record.topic_id), TopicName::parse(&record.name)?);
        if self.topics.get(id).is_some() || self.topics.named(name.as_str()).is_some() {
            return Err(ApplyError::DuplicateTopic(name));
        }
        self.topics.insert(id, name);
        delta.topics_created.insert(id);
        Ok(())
    }

    fn remove_topic(
        &mut self,
        record: &RemoveTopicRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = TopicId(record.topic_id);
        let topic = self.topics.remove(id).ok_or(ApplyError::UnknownTopic(id))?;
        let resource = ConfigResource::topic(topic.name.as_str());
        if self.configs.remove(&resource) {
            delta.configs.insert(resource);
        }
        delta.delete_topic(topic);
        Ok(())
    }

    fn set_partition(
        &mut self,
        record: &PartitionRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let partition = Partition {
            replicas: brokers(&record.replicas),
            directories: directories_or_migrating(&record.directories, record.replicas.len()),
            isr: brokers(&record.isr),
            removing: brokers(&record.removing_replicas),
            adding: brokers(&record.adding_replicas),
            leader: leader(record.leader)?,
            recovery: recovery(record.leader_recovery_state)?,
            leader_epoch: LeaderEpoch(record.leader_epoch),
            epoch: PartitionEpoch(record.partition_epoch),
            eligible: brokers(record.eligible_leader_replicas.as_deref().unwrap_or_default()),
            last_known_eligible: brokers(record.last_known_elr.as_deref().unwrap_or_default()),
        };
        self.put_partition(place(record.topic_id, record.partition_id)?, partition, delta)
    }

    fn change_partition(
        &mut self,
        record: &PartitionChangeRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = place(record.topic_id, record.partition_id)?;
        let before = self.topics.partition(id).ok_or(ApplyError::UnknownPartition(id))?;
        self.put_partition(id, changed(before, record)?, delta)
    }

    fn put_partition(
        &mut self,
        id: TopicIdPartition,
        partition: Partition,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        partition.check().map_err(|why| ApplyError::ImpossiblePartition { partition: id, why })?;
        if !self.topics.set_partition(id, partition) {
            return Err(ApplyError::UnknownTopic(id.topic));
        }
        delta.partitions.insert(id);
        Ok(())
    }

    fn clear_eligible(
        &mut self,
        record: &ClearElrRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let affected: Vec<_> = self
            .topics
            .partitions()
            .filter(|(_, topic, _)| {
                record.topic_name.is_empty() || topic.name.as_str() == &*record.topic_name
            })
            .filter(|(_, _, state)| {
                !state.eligible.is_empty() || !state.last_known_eligible.is_empty()
            })
            .map(|(id, _, state)| {
                let (eligible, last_known_eligible) = (Vec::new(), Vec::new());
                let epoch = PartitionEpoch(state.epoch.0.saturating_add(1));
                (id, Partition { eligible, last_known_eligible, epoch, ..state.clone() })
            })
            .collect();
        affected.into_iter().try_for_each(|(id, state)| self.put_partition(id, state, delta))
    }

    fn configure(&mut self, record: &ConfigRecord, delta: &mut Delta) -> Result<(), ApplyError> {
        let number = record.resource_type;
        let kind = ResourceKind::from_number(number)
            .ok_or(ApplyError::UnknownValue { field: "resourceType", value: number.into() })?;
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
            return Err(ApplyError::UnknownValue { field: "nextProducerId", value: next.0 });
        }
        self.next_producer_id = Some(next);
        delta.producer_ids = true;
        Ok(())
    }
}

/// The partition after a change: what the record leaves out stays.
fn changed(before: &Partition, record: &PartitionChangeRecord) -> Result<Partition, ApplyError> {
    let or_before = |after: &Option<Vec<i32>>, before: &Vec<BrokerId>| {
        after.as_deref().map_or_else(|| before.clone(), brokers)
    };
    let replicas = or_before(&record.replicas, &before.replicas);
    let leader_changes = record.leader != PartitionChangeRecord::LEADER_UNCHANGED;
    Ok(Partition {
        directories: match &record.directories {
            Some(directories) => directories_or_migrating(directories, replicas.len()),
            None => before.directories.clone(),
        },
        isr: or_before(&record.isr, &before.isr),
        removing: or_before(&record.removing_replicas, &before.removing),
        adding: or_before(&record.adding_replicas, &before.adding),
        leader: if leader_changes { leader(record.leader)? } else { before.leader },
        recovery: match record.leader_recovery_state {
            PartitionChangeRecord::RECOVERY_UNCHANGED => before.recovery,
            number => recovery(number)?,
        },
        leader_epoch: LeaderEpoch(before.leader_epoch.0.saturating_add(i32::from(leader_changes))),
        epoch: PartitionEpoch(before.epoch.0.saturating_add(1)),
        eligible: or_before(&record.eligible_leader_replicas, &before.eligible),
        last_known_eligible: or_before(&record.last_known_elr, &before.last_known_eligible),
        replicas,
    })
}

fn place(topic: Uuid, partition: i32) -> Result<TopicIdPartition, ApplyError> {
    if partition < 0 {
        return Err(ApplyError::UnknownValue { field: "partitionId", value: partition.into() });
    }
    Ok(TopicIdPartition { topic: TopicId(topic), partition: PartitionIndex(partition) })
}

fn leader(number: i32) -> Result<Option<BrokerId>, ApplyError> {
    match BrokerId(number) {
        BrokerId::NONE => Ok(None),
        id if id.0 >= 0 => Ok(Some(id)),
        id => Err(ApplyError::UnknownValue { field: "leader", value: id.0.into() }),
    }
}

fn recovery(number: i8) -> Result<LeaderRecovery, ApplyError> {
    let field = "leaderRecoveryState";
    LeaderRecovery::from_number(number)
        .ok_or(ApplyError::UnknownValue { field, value: number.into() })
}

fn brokers(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId).collect()
}

fn directories(ids: &[Uuid]) -> Vec<DirectoryId> {
    ids.iter().copied().map(DirectoryId).collect()
}

/// Records from before there were directory ids name none.
fn directories_or_migrating(ids: &[Uuid], replicas: usize) -> Vec<DirectoryId> {
    if ids.is_empty() { vec![DirectoryId::MIGRATING; replicas] } else { directories(ids) }
}

fn endpoint(name: &ByteString, host: &ByteString, port: u16, security_protocol: i16) -> Endpoint {
    Endpoint { name: name.to_string(), host: host.to_string(), port, security_protocol }
}

fn level_range(name: &ByteString, min: i16, max: i16) -> (String, LevelRange) {
    (name.to_string(), LevelRange { min, max })
}
