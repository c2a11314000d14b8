//! ApiVersions: which APIs, versions and features a broker has.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks what the broker can do; the first request on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 18, versions = 0..=4, flexible = 3..)]
pub struct ApiVersionsRequest {
    #[field(versions = 3.., ignorable)]
    pub client_software_name: ByteString,
    #[field(versions = 3.., ignorable)]
    pub client_software_version: ByteString,
}

/// What the broker can do.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 18, versions = 0..=4, flexible = 3..)]
pub struct ApiVersionsResponse {
    pub error_code: i16,
    pub api_keys: Vec<ApiVersion>,
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = 3.., tag = 0, ignorable)]
    pub supported_features: Vec<SupportedFeatureKey>,
    #[field(versions = 3.., default = -1, tag = 1, ignorable)]
    pub finalized_features_epoch: i64,
    #[field(versions = 3.., tag = 2, ignorable)]
    pub finalized_features: Vec<FinalizedFeatureKey>,
    #[field(versions = 3.., default = false, tag = 3, ignorable)]
    pub zk_migration_ready: bool,
}

/// The versions of one API.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ApiVersion {
    pub api_key: i16,
    pub min_version: i16,
    pub max_version: i16,
}

/// The levels of a feature that the broker supports.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct SupportedFeatureKey {
    #[field(versions = 3..)]
    pub name: ByteString,
    #[field(versions = 3..)]
    pub min_version: i16,
    #[field(versions = 3..)]
    pub max_version: i16,
}

/// The level of a feature that the whole cluster uses.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct FinalizedFeatureKey {
    #[field(versions = 3..)]
    pub name: ByteString,
    #[field(versions = 3..)]
    pub max_version_level: i16,
    #[field(versions = 3..)]
    pub min_version_level: i16,
}

impl Request for ApiVersionsRequest {
    const KEY: ApiKey = ApiKey::ApiVersions;
    type Response = ApiVersionsResponse;
}
