//! JoinGroup: becoming, or staying, a member of a group.

use bytes::Bytes;
use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks to be a member. A member without an id has an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 11, versions = 0..=9, flexible = 6..)]
pub struct JoinGroupRequest {
    pub group_id: ByteString,
    pub session_timeout_ms: i32,
    #[field(versions = 1.., default = -1, ignorable)]
    pub rebalance_timeout_ms: i32,
    pub member_id: ByteString,
    #[field(versions = 5.., nullable = 5.., default = None)]
    pub group_instance_id: Option<ByteString>,
    pub protocol_type: ByteString,
    pub protocols: Vec<JoinGroupRequestProtocol>,
    #[field(versions = 8.., nullable = 8.., default = None, ignorable)]
    pub reason: Option<ByteString>,
}

/// A protocol that the member knows, and what it says in it.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct JoinGroupRequestProtocol {
    pub name: ByteString,
    pub metadata: Bytes,
}

/// The generation that the member is in. The leader learns of all members.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 11, versions = 0..=9, flexible = 6..)]
pub struct JoinGroupResponse {
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[field(default = -1)]
    pub generation_id: i32,
    #[field(versions = 7.., nullable = 7.., default = None, ignorable)]
    pub protocol_type: Option<ByteString>,
    #[field(nullable = 7..)]
    pub protocol_name: Option<ByteString>,
    pub leader: ByteString,
    #[field(versions = 9.., default = false)]
    pub skip_assignment: bool,
    pub member_id: ByteString,
    pub members: Vec<JoinGroupResponseMember>,
}

/// A member, as its leader learns of it.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct JoinGroupResponseMember {
    pub member_id: ByteString,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub group_instance_id: Option<ByteString>,
    pub metadata: Bytes,
}

impl Request for JoinGroupRequest {
    const KEY: ApiKey = ApiKey::JoinGroup;
    type Response = JoinGroupResponse;
}
