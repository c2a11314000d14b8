//! The records that make an image out of an empty one.

use bytestring::ByteString;
use types::{BrokerId, DirectoryId, TopicId, TopicIdPartition, Uuid};

use super::{Broker, ConfigResource, Image, Partition, RegisteredController, Topic};
use crate::records::{
    BrokerEndpoint, BrokerFeature, ConfigRecord, ControllerEndpoint, ControllerFeature,
    FeatureLevelRecord, MetadataRecord, PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord,
    RegisterControllerRecord, TopicRecord,
};

/// Features come first, so that a reader knows the metadata.version before all else.
pub(super) fn records_of(image: &Image) -> Vec<MetadataRecord> {
    let mut records: Vec<MetadataRecord> = Vec::new();
    records.extend(image.features.iter().map(|(name, level)| feature_level(name, level).into()));
    records.extend(image.brokers.iter().map(|broker| register_broker(broker).into()));
    records
        .extend(image.controllers.iter().map(|controller| register_controller(controller).into()));
    for topic in image.topics.iter() {
        records.push(topic_record(topic).into());
        records.extend(topic.partitions().map(|(partition, state)| {
            partition_record(TopicIdPartition { topic: topic.id, partition }, state).into()
        }));
    }
    for resource in image.configs.resources() {
        let keys = image.configs.of(resource);
        records.extend(keys.map(|(key, value)| config_record(resource, key, Some(value)).into()));
    }
    records.extend(image.next_producer_id.map(|next| {
        let (broker_id, broker_epoch) = (BrokerId::NONE.0, -1);
        ProducerIdsRecord { broker_id, broker_epoch, next_producer_id: next.0 }.into()
    }));
    records
}

pub(crate) fn feature_level(name: &str, level: i16) -> FeatureLevelRecord {
    FeatureLevelRecord { name: name.into(), feature_level: level }
}

pub(crate) fn register_broker(broker: &Broker) -> RegisterBrokerRecord {
    RegisterBrokerRecord {
        broker_id: broker.id.0,
        is_migrating_zk_broker: false,
        incarnation_id: broker.incarnation,
        broker_epoch: broker.epoch.0,
        end_points: broker
            .endpoints
            .iter()
            .map(|point| BrokerEndpoint {
                name: text(&point.name),
                host: text(&point.host),
                port: point.port,
                security_protocol: point.security_protocol,
            })
            .collect(),
        features: broker
            .features
            .iter()
            .map(|(name, levels)| BrokerFeature {
                name: text(name),
                min_supported_version: levels.min,
                max_supported_version: levels.max,
            })
            .collect(),
        rack: broker.rack.as_deref().map(text),
        fenced: broker.fenced,
        in_controlled_shutdown: broker.in_controlled_shutdown,
        log_dirs: uuids(&broker.directories),
        cordoned_log_dirs: broker.cordoned_directories.as_deref().map(uuids),
    }
}

fn register_controller(controller: &RegisteredController) -> RegisterControllerRecord {
    RegisterControllerRecord {
        controller_id: controller.id.0,
        incarnation_id: controller.incarnation,
        zk_migration_ready: false,
        end_points: controller
            .endpoints
            .iter()
            .map(|point| ControllerEndpoint {
                name: text(&point.name),
                host: text(&point.host),
                port: point.port,
                security_protocol: point.security_protocol,
            })
            .collect(),
        features: controller
            .features
            .iter()
            .map(|(name, levels)| ControllerFeature {
                name: text(name),
                min_supported_version: levels.min,
                max_supported_version: levels.max,
            })
            .collect(),
    }
}

fn topic_record(topic: &Topic) -> TopicRecord {
    let TopicId(topic_id) = topic.id;
    TopicRecord { name: text(topic.name.as_str()), topic_id }
}

pub(crate) fn partition_record(id: TopicIdPartition, state: &Partition) -> PartitionRecord {
    let unless_empty = |ids: &[BrokerId]| (!ids.is_empty()).then(|| numbers(ids));
    PartitionRecord {
        partition_id: id.partition.0,
        topic_id: id.topic.0,
        replicas: numbers(&state.replicas),
        isr: numbers(&state.isr),
        removing_replicas: numbers(&state.removing),
        adding_replicas: numbers(&state.adding),
        leader: state.leader.unwrap_or(BrokerId::NONE).0,
        leader_recovery_state: state.recovery.number(),
        leader_epoch: state.leader_epoch.0,
        partition_epoch: state.epoch.0,
        directories: uuids(&state.directories),
        eligible_leader_replicas: unless_empty(&state.eligible),
        last_known_elr: unless_empty(&state.last_known_eligible),
    }
}

/// Sets a key, or with no value unsets it.
pub(crate) fn config_record(
    resource: &ConfigResource,
    key: &str,
    value: Option<&str>,
) -> ConfigRecord {
    ConfigRecord {
        resource_type: resource.kind.number(),
        resource_name: text(&resource.name),
        name: text(key),
        value: value.map(text),
    }
}

fn text(text: &str) -> ByteString {
    text.into()
}

fn numbers(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.0).collect()
}

fn uuids(ids: &[DirectoryId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
