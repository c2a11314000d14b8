//! What the records about brokers and controllers do to the image.

use bytestring::ByteString;
use types::{BrokerEpoch, BrokerId};

use super::{ApplyError, directories, unknown};
use crate::{
    image::{Broker, Delta, Endpoint, Image, LevelRange, RegisteredController},
    records::{
        BrokerRegistrationChangeRecord, RegisterBrokerRecord, RegisterControllerRecord,
        UnregisterBrokerRecord,
    },
};

impl Image {
    pub(super) fn register_broker(
        &mut self,
        record: &RegisterBrokerRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        if record.is_migrating_zk_broker {
            return Err(unknown("isMigratingZkBroker", 1));
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

    pub(super) fn unregister_broker(
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

    pub(super) fn change_broker(
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
            other => return Err(unknown("fenced", other)),
        };
        broker.in_controlled_shutdown = match record.in_controlled_shutdown {
            0 => broker.in_controlled_shutdown,
            1 => true,
            other => return Err(unknown("inControlledShutdown", other)),
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

    pub(super) fn register_controller(
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
}

fn endpoint(name: &ByteString, host: &ByteString, port: u16, security_protocol: i16) -> Endpoint {
    Endpoint { name: name.to_string(), host: host.to_string(), port, security_protocol }
}

fn level_range(name: &ByteString, min: i16, max: i16) -> (String, LevelRange) {
    (name.to_string(), LevelRange { min, max })
}
