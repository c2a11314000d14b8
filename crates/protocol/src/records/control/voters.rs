//! Who votes in the metadata quorum.

use bytestring::ByteString;
use types::Uuid;

use crate::{Message, Struct};

/// The voters from this record on, whether it is committed or not.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct VotersRecord {
    /// The version of this record.
    pub version: i16,
    /// The voters.
    pub voters: Vec<Voter>,
}

/// One voter.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Voter {
    /// Its node id.
    pub voter_id: i32,
    /// The id of its log folder.
    pub voter_directory_id: Uuid,
    /// Where it is reached, one for each listener.
    pub endpoints: Vec<Endpoint>,
    /// The quorum protocols it speaks.
    #[field(name = "KRaftVersionFeature")]
    pub kraft_version_feature: KRaftVersionFeature,
}

/// Where a voter is reached.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Endpoint {
    /// The listener.
    pub name: ByteString,
    /// A host name, resolved again at every attempt.
    pub host: ByteString,
    /// The port.
    pub port: u16,
}

/// A range of quorum protocols.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct KRaftVersionFeature {
    /// The oldest.
    pub min_supported_version: i16,
    /// The newest.
    pub max_supported_version: i16,
}
