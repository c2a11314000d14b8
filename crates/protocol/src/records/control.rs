//! What control batches hold: records about the log itself, which no consumer sees.
//!
//! The key says which kind a record is, the value begins with its own version. Those of the
//! metadata log are here.

#![expect(missing_docs, reason = "what a field means is Kafka's, whose schemas say it")]

use bytes::Bytes;
use bytestring::ByteString;
use types::Uuid;

use crate::{Message, Struct};

/// The kind of a control record, as its key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlType {
    /// A transaction was aborted.
    Abort,
    /// A transaction was committed.
    Commit,
    /// A leader of the metadata quorum begins its reign.
    LeaderChange,
    /// A snapshot begins.
    SnapshotHeader,
    /// A snapshot is complete.
    SnapshotFooter,
    /// The metadata quorum's protocol.
    KRaftVersion,
    /// The metadata quorum's voters.
    KRaftVoters,
}

impl ControlType {
    const ALL: [ControlType; 7] = [
        ControlType::Abort,
        ControlType::Commit,
        ControlType::LeaderChange,
        ControlType::SnapshotHeader,
        ControlType::SnapshotFooter,
        ControlType::KRaftVersion,
        ControlType::KRaftVoters,
    ];

    /// The key of such a record.
    #[must_use]
    pub fn key(self) -> [u8; 4] {
        [0, 0, 0, self.number()]
    }

    /// The kind that a record's key names; none when it is no key or of a kind to come. Later
    /// versions may have more behind the two numbers.
    #[must_use]
    pub fn of_key(key: &[u8]) -> Option<ControlType> {
        let [_, _, high, low, ..] = key else { return None };
        let is_it = |kind: &ControlType| [0, kind.number()] == [*high, *low];
        ControlType::ALL.into_iter().find(is_it)
    }

    fn number(self) -> u8 {
        match self {
            ControlType::Abort => 0,
            ControlType::Commit => 1,
            ControlType::LeaderChange => 2,
            ControlType::SnapshotHeader => 3,
            ControlType::SnapshotFooter => 4,
            ControlType::KRaftVersion => 5,
            ControlType::KRaftVoters => 6,
        }
    }
}

/// The version that a control record's value begins with.
#[must_use]
pub fn control_version(value: &Bytes) -> Option<i16> {
    Some(i16::from_be_bytes(*value.first_chunk()?))
}

/// A leader of the metadata quorum begins its reign.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=1, flexible = 0..)]
pub struct LeaderChangeMessage {
    pub version: i16,
    pub leader_id: i32,
    pub voters: Vec<LeaderChangeVoter>,
    pub granting_voters: Vec<LeaderChangeVoter>,
}

/// A voter of a [`LeaderChangeMessage`].
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct LeaderChangeVoter {
    pub voter_id: i32,
    #[field(versions = 1..)]
    pub voter_directory_id: Uuid,
}

/// A snapshot of the metadata log begins.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct SnapshotHeaderRecord {
    pub version: i16,
    pub last_contained_log_timestamp: i64,
}

/// A snapshot of the metadata log is complete.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct SnapshotFooterRecord {
    pub version: i16,
}

/// The protocol of the metadata quorum from here on.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct KRaftVersionRecord {
    pub version: i16,
    pub k_raft_version: i16,
}

/// The voters of the metadata quorum from here on.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct VotersRecord {
    pub version: i16,
    pub voters: Vec<VotersRecordVoter>,
}

/// A voter of a [`VotersRecord`].
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct VotersRecordVoter {
    pub voter_id: i32,
    pub voter_directory_id: Uuid,
    pub endpoints: Vec<VotersRecordEndpoint>,
    pub k_raft_version_feature: KRaftVersionFeature,
}

/// Where a voter can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct VotersRecordEndpoint {
    pub name: ByteString,
    pub host: ByteString,
    pub port: u16,
}

/// The protocols that a voter speaks.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
pub struct KRaftVersionFeature {
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_names_the_kind() {
        for kind in ControlType::ALL {
            assert_eq!(ControlType::of_key(&kind.key()), Some(kind));
        }
        assert_eq!(ControlType::of_key(&[0, 0, 0, 2, 9, 9]), Some(ControlType::LeaderChange));
        assert_eq!(ControlType::of_key(&[0, 0, 1, 2]), None);
        assert_eq!(ControlType::of_key(&[0, 0, 0]), None);
    }

    #[test]
    fn a_leader_change_of_version_0_knows_no_folders() {
        let voter = LeaderChangeVoter { voter_id: 1, ..Default::default() };
        let message = LeaderChangeMessage {
            version: 0,
            leader_id: 1,
            voters: vec![voter.clone()],
            granting_voters: vec![voter],
        };
        let bytes = message.to_bytes(0).unwrap();
        // As Kafka 4.3.1 writes it.
        let by_kafka = [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0];
        assert_eq!(&bytes[..], by_kafka);
        assert_eq!(control_version(&bytes), Some(0));
        assert_eq!(LeaderChangeMessage::from_bytes(bytes, 0).unwrap(), message);
    }
}
