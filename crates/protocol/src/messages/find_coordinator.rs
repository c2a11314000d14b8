//! FindCoordinator: which broker looks after a group or a transactional id.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for the coordinators of one key, from version 4 on of several. Key type 0 is a group, 1 a
/// transactional id, 2 a partition of a share group.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 10, versions = 0..=6, flexible = 3..)]
pub struct FindCoordinatorRequest {
    #[field(versions = ..=3)]
    pub key: ByteString,
    #[field(versions = 1.., default = 0)]
    pub key_type: i8,
    #[field(versions = 4..)]
    pub coordinator_keys: Vec<ByteString>,
}

/// The coordinators.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 10, versions = 0..=6, flexible = 3..)]
pub struct FindCoordinatorResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = ..=3)]
    pub error_code: i16,
    #[field(versions = 1..=3, nullable = 1..=3, ignorable)]
    pub error_message: Option<ByteString>,
    #[field(versions = ..=3)]
    pub node_id: i32,
    #[field(versions = ..=3)]
    pub host: ByteString,
    #[field(versions = ..=3)]
    pub port: i32,
    #[field(versions = 4..)]
    pub coordinators: Vec<Coordinator>,
}

/// The broker that looks after one key, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Coordinator {
    #[field(versions = 4..)]
    pub key: ByteString,
    #[field(versions = 4..)]
    pub node_id: i32,
    #[field(versions = 4..)]
    pub host: ByteString,
    #[field(versions = 4..)]
    pub port: i32,
    #[field(versions = 4..)]
    pub error_code: i16,
    #[field(versions = 4.., nullable = 4.., ignorable)]
    pub error_message: Option<ByteString>,
}

impl Request for FindCoordinatorRequest {
    const KEY: ApiKey = ApiKey::FindCoordinator;
    type Response = FindCoordinatorResponse;
}
