//! DescribeConfigs: what is set for topics, brokers and the like, and where each value comes from.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for the configuration of resources.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 32, versions = 1..=4, flexible = 4..)]
pub struct DescribeConfigsRequest {
    pub resources: Vec<DescribeConfigsResource>,
    #[field(versions = 1.., default = false)]
    pub include_synonyms: bool,
    #[field(versions = 3.., default = false)]
    pub include_documentation: bool,
}

/// A resource, and the keys that are asked for, or all when `configuration_keys` is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeConfigsResource {
    pub resource_type: i8,
    pub resource_name: ByteString,
    #[field(nullable = 0..)]
    pub configuration_keys: Option<Vec<ByteString>>,
}

/// The configuration of resources.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 32, versions = 1..=4, flexible = 4..)]
pub struct DescribeConfigsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<DescribeConfigsResult>,
}

/// The configuration of one resource, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeConfigsResult {
    pub error_code: i16,
    #[field(nullable = 0..)]
    pub error_message: Option<ByteString>,
    pub resource_type: i8,
    pub resource_name: ByteString,
    pub configs: Vec<DescribeConfigsResourceResult>,
}

/// A key and its value, which is left out when it is sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeConfigsResourceResult {
    pub name: ByteString,
    #[field(nullable = 0..)]
    pub value: Option<ByteString>,
    pub read_only: bool,
    #[field(versions = 1.., default = -1, ignorable)]
    pub config_source: i8,
    pub is_sensitive: bool,
    #[field(versions = 1.., ignorable)]
    pub synonyms: Vec<DescribeConfigsSynonym>,
    #[field(versions = 3.., default = 0, ignorable)]
    pub config_type: i8,
    #[field(versions = 3.., nullable = 0.., ignorable)]
    pub documentation: Option<ByteString>,
}

/// A key of another level that gives the value when nothing before it does.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribeConfigsSynonym {
    #[field(versions = 1..)]
    pub name: ByteString,
    #[field(versions = 1.., nullable = 0..)]
    pub value: Option<ByteString>,
    #[field(versions = 1..)]
    pub source: i8,
}

impl Request for DescribeConfigsRequest {
    const KEY: ApiKey = ApiKey::DescribeConfigs;
    type Response = DescribeConfigsResponse;
}
