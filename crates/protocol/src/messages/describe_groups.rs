//! DescribeGroups: groups with their members.

use bytes::Bytes;
use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for groups.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 15, versions = 0..=6, flexible = 5..)]
pub struct DescribeGroupsRequest {
    pub groups: Vec<ByteString>,
    #[field(versions = 3..)]
    pub include_authorized_operations: bool,
}

/// The groups.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 15, versions = 0..=6, flexible = 5..)]
pub struct DescribeGroupsResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

/// A group, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribedGroup {
    pub error_code: i16,
    #[field(versions = 6.., nullable = 6.., default = None)]
    pub error_message: Option<ByteString>,
    pub group_id: ByteString,
    pub group_state: ByteString,
    pub protocol_type: ByteString,
    pub protocol_data: ByteString,
    pub members: Vec<DescribedGroupMember>,
    #[field(versions = 3.., default = -0x8000_0000)]
    pub authorized_operations: i32,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DescribedGroupMember {
    pub member_id: ByteString,
    #[field(versions = 4.., nullable = 4.., default = None, ignorable)]
    pub group_instance_id: Option<ByteString>,
    pub client_id: ByteString,
    pub client_host: ByteString,
    pub member_metadata: Bytes,
    pub member_assignment: Bytes,
}

impl Request for DescribeGroupsRequest {
    const KEY: ApiKey = ApiKey::DescribeGroups;
    type Response = DescribeGroupsResponse;
}
