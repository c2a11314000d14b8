//! UpdateFeatures: the levels of the cluster's features, to be raised or lowered.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Levels to be set.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 57, versions = 0..=2, flexible = 0..)]
pub struct UpdateFeaturesRequest {
    #[field(name = "timeoutMs", default = 60000)]
    pub timeout_ms: i32,
    pub feature_updates: Vec<FeatureUpdateKey>,
    #[field(versions = 1.., default = false)]
    pub validate_only: bool,
}

/// The level of one feature, and whether it may be lower than the one in force: not for upgrade
/// type 1, without loss for 2, with loss for 3.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct FeatureUpdateKey {
    pub feature: ByteString,
    pub max_version_level: i16,
    #[field(versions = ..=0)]
    pub allow_downgrade: bool,
    #[field(versions = 1.., default = 1)]
    pub upgrade_type: i8,
}

/// What became of the levels; from version 2 on of all together.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 57, versions = 0..=2, flexible = 0..)]
pub struct UpdateFeaturesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[field(nullable = 0..)]
    pub error_message: Option<ByteString>,
    #[field(versions = ..=1, ignorable)]
    pub results: Vec<UpdatableFeatureResult>,
}

/// What became of the level of one feature.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct UpdatableFeatureResult {
    pub feature: ByteString,
    pub error_code: i16,
    #[field(nullable = 0..)]
    pub error_message: Option<ByteString>,
}

impl Request for UpdateFeaturesRequest {
    const KEY: ApiKey = ApiKey::UpdateFeatures;
    type Response = UpdateFeaturesResponse;
}
