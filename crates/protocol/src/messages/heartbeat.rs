//! Heartbeat: a member of a group says that it lives.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request};

/// The member, and the generation it believes in.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 12, versions = 0..=4, flexible = 4..)]
pub struct HeartbeatRequest {
    pub group_id: ByteString,
    pub generation_id: i32,
    pub member_id: ByteString,
    #[field(versions = 3.., nullable = 3.., default = None)]
    pub group_instance_id: Option<ByteString>,
}

/// Whether the member is still one.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 12, versions = 0..=4, flexible = 4..)]
pub struct HeartbeatResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
}

impl Request for HeartbeatRequest {
    const KEY: ApiKey = ApiKey::Heartbeat;
    type Response = HeartbeatResponse;
}
