//! The records of classic groups.

use bytes::Bytes;
use bytestring::ByteString;
use protocol::{Message, Struct};

/// Names a classic group.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = coordinator_key, key = 2, versions = 0..=0)]
pub struct GroupMetadataKey {
    #[field(name = "group", versions = 0..=0)]
    pub group: ByteString,
}

/// A classic group in one generation.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = coordinator_value, key = 2, versions = 0..=4, flexible = 4..)]
pub struct GroupMetadataValue {
    #[field(name = "protocolType")]
    pub protocol_type: ByteString,
    #[field(name = "generation")]
    pub generation: i32,
    #[field(name = "protocol", nullable = 0..)]
    pub protocol: Option<ByteString>,
    #[field(name = "leader", nullable = 0..)]
    pub leader: Option<ByteString>,
    #[field(name = "currentStateTimestamp", versions = 2.., default = -1, ignorable)]
    pub current_state_timestamp: i64,
    #[field(name = "members")]
    pub members: Vec<MemberMetadata>,
}

/// A member of a classic group.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct MemberMetadata {
    #[field(name = "memberId")]
    pub member_id: ByteString,
    #[field(name = "groupInstanceId", versions = 3.., nullable = 3.., default = None, ignorable)]
    pub group_instance_id: Option<ByteString>,
    #[field(name = "clientId")]
    pub client_id: ByteString,
    #[field(name = "clientHost")]
    pub client_host: ByteString,
    #[field(name = "rebalanceTimeout", versions = 1.., default = -1, ignorable)]
    pub rebalance_timeout: i32,
    #[field(name = "sessionTimeout")]
    pub session_timeout: i32,
    #[field(name = "subscription")]
    pub subscription: Bytes,
    #[field(name = "assignment")]
    pub assignment: Bytes,
}
