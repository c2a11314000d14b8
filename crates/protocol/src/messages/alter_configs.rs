//! AlterConfigs: all that is set for a resource, replaced as a whole.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// What is to be set; keys that are not named are unset.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 33, versions = 0..=2, flexible = 2..)]
pub struct AlterConfigsRequest {
    pub resources: Vec<AlterConfigsResource>,
    pub validate_only: bool,
}

/// What is to be set on one resource.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct AlterConfigsResource {
    pub resource_type: i8,
    pub resource_name: ByteString,
    pub configs: Vec<AlterableConfig>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct AlterableConfig {
    pub name: ByteString,
    #[field(nullable = 0..)]
    pub value: Option<ByteString>,
}

/// What became of the changes.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 33, versions = 0..=2, flexible = 2..)]
pub struct AlterConfigsResponse {
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

impl Request for AlterConfigsRequest {
    const KEY: ApiKey = ApiKey::AlterConfigs;
    type Response = AlterConfigsResponse;
}
