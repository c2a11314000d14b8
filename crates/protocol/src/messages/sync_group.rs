//! SyncGroup: the leader hands over the assignment, and every member learns its share.

use bytes::Bytes;
use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for the member's share; from the leader, with the shares of all.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 14, versions = 0..=5, flexible = 4..)]
pub struct SyncGroupRequest {
    pub group_id: ByteString,
    pub generation_id: i32,
    pub member_id: ByteString,
    #[field(versions = 3.., nullable = 3.., default = None)]
    pub group_instance_id: Option<ByteString>,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub protocol_type: Option<ByteString>,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub protocol_name: Option<ByteString>,
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

/// One member's share.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct SyncGroupRequestAssignment {
    pub member_id: ByteString,
    pub assignment: Bytes,
}

/// The member's share.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 14, versions = 0..=5, flexible = 4..)]
pub struct SyncGroupResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub protocol_type: Option<ByteString>,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub protocol_name: Option<ByteString>,
    pub assignment: Bytes,
}

impl Request for SyncGroupRequest {
    const KEY: ApiKey = ApiKey::SyncGroup;
    type Response = SyncGroupResponse;
}
