//! LeaveGroup: members leave a group, one or, from version 3 on, several.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 13, versions = 0..=5, flexible = 4..)]
pub struct LeaveGroupRequest {
    pub group_id: ByteString,
    #[field(versions = ..=2)]
    pub member_id: ByteString,
    #[field(versions = 3..)]
    pub members: Vec<MemberIdentity>,
}

/// A member that leaves, by its id or by its instance's.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MemberIdentity {
    #[field(versions = 3..)]
    pub member_id: ByteString,
    #[field(versions = 3.., nullable = 3.., default = None)]
    pub group_instance_id: Option<ByteString>,
    #[field(versions = 5.., nullable = 5.., default = None, ignorable)]
    pub reason: Option<ByteString>,
}

/// What became of the members.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 13, versions = 0..=5, flexible = 4..)]
pub struct LeaveGroupResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[field(versions = 3..)]
    pub members: Vec<MemberResponse>,
}

/// What became of one member.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MemberResponse {
    #[field(versions = 3..)]
    pub member_id: ByteString,
    #[field(versions = 3.., nullable = 3..)]
    pub group_instance_id: Option<ByteString>,
    #[field(versions = 3..)]
    pub error_code: i16,
}

impl Request for LeaveGroupRequest {
    const KEY: ApiKey = ApiKey::LeaveGroup;
    type Response = LeaveGroupResponse;
}
