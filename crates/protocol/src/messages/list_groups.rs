//! ListGroups: the groups that a broker looks after.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Asks for groups; an empty filter lets all pass.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 16, versions = 0..=5, flexible = 3..)]
pub struct ListGroupsRequest {
    #[field(versions = 4..)]
    pub states_filter: Vec<ByteString>,
    #[field(versions = 5..)]
    pub types_filter: Vec<ByteString>,
}

/// The groups.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 16, versions = 0..=5, flexible = 3..)]
pub struct ListGroupsResponse {
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub groups: Vec<ListedGroup>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct ListedGroup {
    pub group_id: ByteString,
    pub protocol_type: ByteString,
    #[field(versions = 4.., ignorable)]
    pub group_state: ByteString,
    #[field(versions = 5.., ignorable)]
    pub group_type: ByteString,
}

impl Request for ListGroupsRequest {
    const KEY: ApiKey = ApiKey::ListGroups;
    type Response = ListGroupsResponse;
}
