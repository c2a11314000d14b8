//! IncrementalAlterConfigs: single keys to be set, unset, or changed in what they list.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Keys to be changed; those that are not named stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 44, versions = 0..=1, flexible = 1..)]
pub struct IncrementalAlterConfigsRequest {
    pub resources: Vec<AlterConfigsResource>,
    pub validate_only: bool,
}

/// What is to be changed on one resource.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct AlterConfigsResource {
    pub resource_type: i8,
    pub resource_name: ByteString,
    pub configs: Vec<AlterableConfig>,
}

/// A key, and whether it is to be set, deleted, appended to or subtracted from.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct AlterableConfig {
    pub name: ByteString,
    pub config_operation: i8,
    #[field(nullable = 0..)]
    pub value: Option<ByteString>,
}

/// What became of the changes.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 44, versions = 0..=1, flexible = 1..)]
pub struct IncrementalAlterConfigsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// What became of the changes to one resource.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct AlterConfigsResourceResponse {
    pub error_code: i16,
    #[field(nullable = 0..)]
    pub error_message: Option<ByteString>,
    pub resource_type: i8,
    pub resource_name: ByteString,
}

impl Request for IncrementalAlterConfigsRequest {
    const KEY: ApiKey = ApiKey::IncrementalAlterConfigs;
    type Response = IncrementalAlterConfigsResponse;
}
