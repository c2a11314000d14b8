//! Records about configuration and client quotas.

use bytestring::ByteString;
use protocol::{Message, Struct};

/// One configuration key of one resource gets a value, or loses it.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 4, versions = 0..=0, flexible = 0..)]
pub struct ConfigRecord {
    pub resource_type: i8,
    pub resource_name: ByteString,
    pub name: ByteString,
    #[field(nullable = 0..)]
    pub value: Option<ByteString>,
}

/// One quota of one kind of client gets a value, or loses it.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 14, versions = 0..=0, flexible = 0..)]
pub struct ClientQuotaRecord {
    pub entity: Vec<EntityData>,
    pub key: ByteString,
    pub value: f64,
    pub remove: bool,
}

/// One part of what a quota applies to; without a name it is the default of its type.
#[derive(Debug, Clone, PartialEq, Struct)]
pub struct EntityData {
    pub entity_type: ByteString,
    #[field(nullable = 0..)]
    pub entity_name: Option<ByteString>,
}
