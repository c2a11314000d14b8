//! Kafka's APIs, one file each: from the wire's words to the node's and back.
//!
//! Nothing in here decides what a request means: that is the node's. What is here knows versions,
//! the shape of answers, and ([`error_codes`] alone) the numbers of errors.

mod alter_configs;
mod api_versions;
mod call;
mod config_alterations;
mod config_entries;
mod config_resource;
mod create_partitions;
mod create_topics;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod desk;
mod error_codes;
mod fetch;
mod find_coordinator;
mod incremental_alter_configs;
mod init_producer_id;
mod leaders;
mod list_config_resources;
mod list_offsets;
mod metadata;
mod offset_for_leader_epoch;
mod operations;
mod produce;
mod produce_refusal;
mod router;
mod update_features;
mod view;

pub(crate) use desk::{Desk, Settings};
use protocol::ApiKey;
pub(crate) use router::Router;

/// The APIs that are served, and so advertised: no others.
pub(crate) const SERVED: [ApiKey; 22] = [
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::FindCoordinator,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::DeleteRecords,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::DescribeConfigs,
    ApiKey::AlterConfigs,
    ApiKey::DescribeLogDirs,
    ApiKey::CreatePartitions,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::DescribeQuorum,
    ApiKey::UpdateFeatures,
    ApiKey::DescribeCluster,
    ApiKey::DescribeProducers,
    ApiKey::ListConfigResources,
    ApiKey::DescribeTopicPartitions,
];
