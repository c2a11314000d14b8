//! Records about access rules, credentials and delegation tokens.

use bytes::Bytes;
use bytestring::ByteString;
use protocol::Message;
use types::Uuid;

/// An access rule holds from here on.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 18, versions = 0..=0, flexible = 0..)]
pub struct AccessControlEntryRecord {
    pub id: Uuid,
    pub resource_type: i8,
    pub resource_name: ByteString,
    pub pattern_type: i8,
    pub principal: ByteString,
    pub host: ByteString,
    pub operation: i8,
    pub permission_type: i8,
}

/// An access rule is gone.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 19, versions = 0..=0, flexible = 0..)]
pub struct RemoveAccessControlEntryRecord {
    pub id: Uuid,
}

/// A user can log in with this SCRAM credential.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 11, versions = 0..=0, flexible = 0..)]
pub struct UserScramCredentialRecord {
    pub name: ByteString,
    pub mechanism: i8,
    pub salt: Bytes,
    pub stored_key: Bytes,
    pub server_key: Bytes,
    pub iterations: i32,
}

/// A SCRAM credential is gone.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 22, versions = 0..=0, flexible = 0..)]
pub struct RemoveUserScramCredentialRecord {
    pub name: ByteString,
    pub mechanism: i8,
}

/// A delegation token exists, or is prolonged.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 10, versions = 0..=0, flexible = 0..)]
pub struct DelegationTokenRecord {
    pub owner: ByteString,
    pub requester: ByteString,
    pub renewers: Vec<ByteString>,
    pub issue_timestamp: i64,
    pub max_timestamp: i64,
    pub expiration_timestamp: i64,
    pub token_id: ByteString,
}

/// A delegation token is gone.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 26, versions = 0..=0, flexible = 0..)]
pub struct RemoveDelegationTokenRecord {
    pub token_id: ByteString,
}
