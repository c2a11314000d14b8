//! The protocol of the metadata quorum.

use crate::Message;

/// Sets the protocol of the quorum: 1 allows voters to change.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct KRaftVersionRecord {
    /// The version of this record.
    pub version: i16,
    /// The protocol.
    #[field(name = "KRaftVersion")]
    pub kraft_version: i16,
}
