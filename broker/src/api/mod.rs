//! Kafka's APIs, one file each: from the wire's words to the node's and back.
//!
//! Nothing in here decides what a request means: that is the node's. What is here knows versions,
//! the shape of answers, and ([`error_codes`] alone) the numbers of errors.

mod api_versions;
mod call;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod desk;
mod error_codes;
mod fetch;
mod init_producer_id;
mod leaders;
mod list_offsets;
mod metadata;
mod produce;
mod produce_refusal;
mod router;

pub(crate) use desk::{Desk, Settings};
use protocol::ApiKey;
pub(crate) use router::Router;

/// The APIs that are served, and so advertised: no others.
pub(crate) const SERVED: [ApiKey; 9] = [
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::InitProducerId,
    ApiKey::CreatePartitions,
];
