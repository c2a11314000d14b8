//! What a node is told about itself when it is opened.

use std::{path::PathBuf, time::Duration};

use configuration::Layers;
use types::{BrokerId, DirectoryId, Uuid};

use crate::{cleaner::CleanerConfig, topic_config::TopicConfig};

/// A node's configuration; every limit in it comes from the shell's own.
#[derive(Debug, Clone)]
pub struct Config {
    /// `node.id`.
    pub broker: BrokerId,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// The folder of `log.dirs`.
    pub folder: PathBuf,
    /// Whether an empty folder may be formatted.
    pub formatting: Formatting,
    /// Names this run of the process; drawn at random by the shell.
    pub incarnation: Uuid,
    /// Where clients reach this broker, one for each of its listeners.
    pub endpoints: Vec<Endpoint>,
    /// Where other nodes reach this controller.
    pub controller_endpoint: Endpoint,
    /// What the broker's file sets, by Kafka's keys; the defaults of topics are in it.
    pub file: Layers,
    /// What topics have where neither they nor the broker's keys say otherwise.
    pub topics: TopicConfig,
    /// `num.partitions`: of topics whose creator does not say.
    pub partitions_default: i32,
    /// `default.replication.factor`.
    pub replicas_default: i16,
    /// How long a request waits that the node itself gives a time limit.
    pub request_timeout: Duration,
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval: Duration,
    /// `log.flush.offset.checkpoint.interval.ms`.
    pub recovery_point_interval: Duration,
    /// `log.flush.start.offset.checkpoint.interval.ms`.
    pub log_start_interval: Duration,
    /// `replica.high.watermark.checkpoint.interval.ms`.
    pub high_watermark_interval: Duration,
    /// `producer.id.expiration.ms`.
    pub producer_expiration: Duration,
    /// `producer.id.expiration.check.interval.ms`.
    pub producer_expiration_check_interval: Duration,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_bytes: u64,
    /// `log.cleaner.*`.
    pub cleaner: CleanerConfig,
    /// How many files of logs are held open at most.
    pub open_files_max: usize,
}

/// What to do with a data folder in which nothing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formatting {
    /// Refuse to start: the folder should have been there.
    Never,
    /// Make it the first voter's of a new cluster, with the ids that the operator drew.
    FirstVoter {
        /// `cluster.id`.
        cluster_id: String,
        /// `directory.id`.
        directory: DirectoryId,
    },
}

/// A listener as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name, such as `PLAINTEXT`.
    pub name: String,
    /// The advertised host.
    pub host: String,
    /// The advertised port.
    pub port: u16,
    /// Kafka's number for its security protocol; 0 is PLAINTEXT.
    pub security_protocol: i16,
}
