//! The first record of every epoch of the metadata quorum.

use types::Uuid;

use crate::{Message, Struct};

/// Says who leads from here on.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=1, flexible = 0..)]
pub struct LeaderChangeMessage {
    /// The version of this record.
    pub version: i16,
    /// The leader.
    pub leader_id: i32,
    /// Who could vote.
    pub voters: Vec<Voter>,
    /// Who voted for the leader.
    pub granting_voters: Vec<Voter>,
}

/// One voter.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct Voter {
    /// Its node id.
    pub voter_id: i32,
    /// The id of its log folder.
    #[field(versions = 1..)]
    pub voter_directory_id: Uuid,
}
