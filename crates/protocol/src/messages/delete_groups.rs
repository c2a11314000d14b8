//! DeleteGroups: groups without members to be forgotten, with their offsets.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Struct};

/// Groups to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 42, versions = 0..=2, flexible = 2..)]
pub struct DeleteGroupsRequest {
    pub groups_names: Vec<ByteString>,
}

/// What became of the groups.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 42, versions = 0..=2, flexible = 2..)]
pub struct DeleteGroupsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<DeletableGroupResult>,
}

/// What became of one group.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct DeletableGroupResult {
    pub group_id: ByteString,
    pub error_code: i16,
}

impl Request for DeleteGroupsRequest {
    const KEY: ApiKey = ApiKey::DeleteGroups;
    type Response = DeleteGroupsResponse;
}
