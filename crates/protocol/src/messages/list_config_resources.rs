//! ListConfigResources: the resources that can have a configuration.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for resources of some types, or of all types when none is named. Version 0 asks for the
/// subscriptions to clients' metrics alone.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 74, versions = 0..=1, flexible = 0..)]
pub struct ListConfigResourcesRequest {
    #[field(versions = 1..)]
    pub resource_types: Vec<i8>,
}

/// The resources.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 74, versions = 0..=1, flexible = 0..)]
pub struct ListConfigResourcesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub config_resources: Vec<ConfigResource>,
}

/// A resource; type 16 is a subscription to clients' metrics.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ConfigResource {
    pub resource_name: ByteString,
    #[field(versions = 1.., default = 16, ignorable)]
    pub resource_type: i8,
}

impl Request for ListConfigResourcesRequest {
    const KEY: ApiKey = ApiKey::ListConfigResources;
    type Response = ListConfigResourcesResponse;
}
