//! What a controller has to know of the broker it stands in.

use std::collections::BTreeMap;

use consensus::{ReplicaKey, Voter};
use metadata::{
    controller::Registration,
    image::{Endpoint, Features, LevelRange},
};
use types::DirectoryId;

use crate::{config, settings::Defaults};

/// What a controller is made with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) registration: Registration,
    pub(crate) defaults: Defaults,
    pub(crate) snapshot_bytes: u64,
    pub(crate) local: Voter,
}

impl Setup {
    pub(crate) fn of(config: &config::Config, directory: DirectoryId) -> Setup {
        Setup {
            registration: Registration {
                broker: config.broker,
                incarnation: config.incarnation,
                endpoints: config.endpoints.iter().map(registered).collect(),
                features: supported_features(),
                rack: config.rack.clone(),
                directories: vec![directory],
            },
            defaults: Defaults {
                broker: config.broker,
                file: config.file.clone(),
                partitions: config.partitions_default,
                replicas: config.replicas_default,
            },
            snapshot_bytes: config.snapshot_bytes,
            local: local_voter(config, directory),
        }
    }
}

/// This node as a voter of the metadata quorum.
pub(crate) fn local_voter(config: &config::Config, directory: DirectoryId) -> Voter {
    let endpoint = consensus::Endpoint {
        name: config.controller_endpoint.name.clone(),
        host: config.controller_endpoint.host.clone(),
        port: config.controller_endpoint.port,
    };
    Voter::new(ReplicaKey { id: config.broker, directory }, vec![endpoint])
}

/// The features this software can work with, and at which levels.
fn supported_features() -> BTreeMap<String, LevelRange> {
    let level = Features::METADATA_VERSION_LEVEL;
    let only = LevelRange { min: level, max: level };
    let kraft = LevelRange { min: 0, max: consensus::KRAFT_VERSION };
    BTreeMap::from([
        (Features::METADATA_VERSION.to_owned(), only),
        (Features::KRAFT_VERSION.to_owned(), kraft),
    ])
}

fn registered(endpoint: &config::Endpoint) -> Endpoint {
    Endpoint {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        security_protocol: endpoint.security_protocol,
    }
}
