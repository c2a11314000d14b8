//! The node's configuration, out of the broker's.

use std::sync::Arc;

use configuration::{Layers, Texts};
use node::{Endpoint, Formatting, TopicConfig};
use types::Uuid;

use crate::config::{Config, ListenerConfig};

/// Kafka's number for plaintext listeners.
const PLAINTEXT: i16 = 0;

/// What the node is told. `incarnation` names this run of the process.
pub(crate) fn node_config(config: &Config, incarnation: Uuid) -> node::Config {
    let (identity, topics) = (&config.identity, &config.topics);
    node::Config {
        broker: identity.id,
        rack: identity.rack.clone(),
        folder: identity.folder.clone(),
        formatting: formatting(config),
        incarnation,
        endpoints: config.listeners.clients.iter().map(endpoint).collect(),
        controller_endpoint: endpoint(&config.listeners.controller),
        file: Layers::of_file(Arc::new(file(config))),
        topics: TopicConfig::default(),
        partitions_default: topics.partitions,
        replicas_default: topics.replication_factor,
        request_timeout: config.upkeep.request_timeout,
        retention_check_interval: config.upkeep.retention_check_interval,
        recovery_point_interval: config.upkeep.recovery_point_interval,
        log_start_interval: config.upkeep.log_start_interval,
        high_watermark_interval: config.upkeep.high_watermark_interval,
        producer_expiration: config.upkeep.producer_expiration,
        producer_expiration_check_interval: config.upkeep.producer_expiration_check_interval,
        snapshot_bytes: config.upkeep.snapshot_bytes,
        cleaner: config.cleaner,
        open_files_max: config.upkeep.open_files_max,
    }
}

/// Only an initial voter may begin with an empty folder.
fn formatting(config: &Config) -> Formatting {
    let identity = &config.identity;
    let own = identity.initial_voters.iter().find(|voter| voter.id == identity.id);
    own.map_or(Formatting::Never, |own| Formatting::FirstVoter {
        cluster_id: identity.cluster_id.to_string(),
        directory: own.directory,
    })
}

fn endpoint(listener: &ListenerConfig) -> Endpoint {
    Endpoint {
        name: listener.name.clone(),
        host: listener.advertised.host.clone(),
        port: listener.advertised.port,
        security_protocol: PLAINTEXT,
    }
}

/// The file, with the older name of the broker's id, as Kafka shows it.
fn file(config: &Config) -> Texts {
    let mut file = config.file.clone();
    file.insert("broker.id".to_owned(), config.identity.id.0.to_string());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> Config {
        let text = format!(
            "process.roles=broker,controller\nnode.id=1\nlog.dirs=/tmp/none\n\
             klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAZw\ncontroller.listener.names=CONTROLLER\n\
             listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:29092\n{more}"
        );
        Config::parse(&text).unwrap()
    }

    #[test]
    fn the_brokers_defaults_for_topics_are_the_topics_own() {
        let topics = |more| {
            let node = node_config(&config(more), Uuid::from_u128(1));
            node.topics.with_defaults(&node.file)
        };
        assert_eq!(topics(""), TopicConfig::default());
        let set = topics("log.retention.hours=1\nlog.flush.interval.messages=1\n");
        assert_eq!((set.log.retention_ms, set.log.flush_messages), (3_600_000, 1));
    }

    #[test]
    fn only_an_initial_voter_formats_an_empty_folder() {
        assert_eq!(formatting(&config("")), Formatting::Never);
        let key = "klamm.initial.controllers";
        let other = format!("{key}=2@127.0.0.1:29092:AAAAAAAAAAAAAAAAAAAAZw\n");
        assert_eq!(formatting(&config(&other)), Formatting::Never);
        let own = format!("{key}=1@127.0.0.1:29092:AAAAAAAAAAAAAAAAAAAAZw\n");
        assert!(matches!(formatting(&config(&own)), Formatting::FirstVoter { .. }));
    }
}
