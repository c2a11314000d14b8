//! The first records of a new cluster.

use crate::{
    image::{Features, feature_level},
    records::MetadataRecord,
};

/// What the first controller writes into an empty log, in one batch.
///
/// Only metadata.version is finalised. The levels of the group, transaction, share and streams
/// features and of eligible leader replicas stay 0, which in Kafka's records is to be absent;
/// kraft.version is a control record and belongs to the quorum.
#[must_use]
pub fn bootstrap() -> Vec<MetadataRecord> {
    vec![feature_level(Features::METADATA_VERSION, Features::METADATA_VERSION_LEVEL).into()]
}
