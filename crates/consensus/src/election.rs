//! What a replica must remember of an election: the file `quorum-state`.
//!
//! One line of JSON, Kafka's `QuorumStateData` in version 1. This module owns the layout; who writes
//! it replaces the file and syncs it before the election goes on.

use serde::{Deserialize, Serialize};
use types::{BrokerId, DirectoryId, LeaderEpoch, Uuid};

use crate::ReplicaKey;

/// The file's name, beside the segments of the metadata log.
pub const QUORUM_STATE_FILE: &str = "quorum-state";

/// No such file is larger.
pub const QUORUM_STATE_SIZE_MAX: u64 = 4096;

/// An epoch, and for whom this replica stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Election {
    /// The latest epoch this replica knows.
    pub epoch: LeaderEpoch,
    /// The leader of the epoch, when it is known.
    pub leader: Option<BrokerId>,
    /// The candidate that got this replica's vote in the epoch.
    pub voted: Option<ReplicaKey>,
}

/// Why a file is no quorum state.
#[derive(Debug, thiserror::Error)]
pub enum InvalidElection {
    /// Not the JSON that is expected.
    #[error("quorum-state is malformed")]
    Malformed(#[from] serde_json::Error),
    /// A layout that kraft.version 1 does not use.
    #[error("quorum-state has data_version {0}; only 1 is supported")]
    UnsupportedVersion(i16),
    /// An epoch or an id below what exists.
    #[error("quorum-state holds {field} {value}")]
    OutOfRange {
        /// The field, as the file calls it.
        field: &'static str,
        /// Its value.
        value: i32,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    leader_id: i32,
    leader_epoch: i32,
    voted_id: i32,
    voted_directory_id: String,
    #[serde(rename = "data_version")]
    data_version: i16,
}

#[derive(Deserialize)]
struct Version {
    data_version: i16,
}

impl Election {
    /// What a replica knows that was never told of an election.
    pub const UNKNOWN: Election = Election { epoch: LeaderEpoch(0), leader: None, voted: None };

    /// The content of the file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let layout = Layout {
            leader_id: self.leader.unwrap_or(BrokerId::NONE).0,
            leader_epoch: self.epoch.0,
            voted_id: self.voted.map_or(BrokerId::NONE, |voted| voted.id).0,
            voted_directory_id: self
                .voted
                .map_or(Uuid::ZERO, |voted| voted.directory.0)
                .to_string(),
            data_version: 1,
        };
        serde_json::to_vec(&layout).expect("numbers and texts always serialise")
    }

    /// Reads the content of the file.
    ///
    /// # Errors
    /// When it is not what [`encode`](Election::encode) or Kafka writes.
    pub fn decode(bytes: &[u8]) -> Result<Election, InvalidElection> {
        let Version { data_version } = serde_json::from_slice(bytes)?;
        if data_version != 1 {
            return Err(InvalidElection::UnsupportedVersion(data_version));
        }
        let layout: Layout = serde_json::from_slice(bytes)?;
        if layout.leader_epoch < 0 {
            let value = layout.leader_epoch;
            return Err(InvalidElection::OutOfRange { field: "leaderEpoch", value });
        }
        let directory = DirectoryId(layout.voted_directory_id.parse().map_err(de_error)?);
        let voted = id("votedId", layout.voted_id)?.map(|id| ReplicaKey { id, directory });
        let leader = id("leaderId", layout.leader_id)?;
        Ok(Election { epoch: LeaderEpoch(layout.leader_epoch), leader, voted })
    }
}

fn id(field: &'static str, value: i32) -> Result<Option<BrokerId>, InvalidElection> {
    match value {
        -1 => Ok(None),
        0.. => Ok(Some(BrokerId(value))),
        ..-1 => Err(InvalidElection::OutOfRange { field, value }),
    }
}

fn de_error(error: types::InvalidUuid) -> serde_json::Error {
    serde::de::Error::custom(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_one_that_kafka_writes() {
        let led = Election { epoch: LeaderEpoch(1), leader: Some(BrokerId(1)), voted: None };
        // Written by Kafka 4.3.1.
        let by_kafka = br#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;
        assert_eq!(led.encode(), by_kafka);
        assert_eq!(Election::decode(by_kafka).unwrap(), led);
    }

    #[test]
    fn a_vote_is_remembered_with_the_folder_it_was_given_to() {
        let directory = DirectoryId(Uuid::from_u128(77));
        let voted = Some(ReplicaKey { id: BrokerId(0), directory });
        let election = Election { epoch: LeaderEpoch(i32::MAX), leader: None, voted };
        assert_eq!(Election::decode(&election.encode()).unwrap(), election);
    }

    #[test]
    fn what_is_no_quorum_state_is_refused() {
        for (text, reason) in [
            ("", "malformed"),
            ("{}", "malformed"),
            (r#"{"data_version":1}"#, "malformed"),
            (r#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"data_version":0}"#, "data_version 0"),
            (&with("-2", "1", "AAAAAAAAAAAAAAAAAAAAAA"), "leaderId -2"),
            (&with("1", "-1", "AAAAAAAAAAAAAAAAAAAAAA"), "leaderEpoch -1"),
            (&with("1", "99999999999", "AAAAAAAAAAAAAAAAAAAAAA"), "malformed"),
            (&with("1", "1", "A"), "malformed"),
        ] {
            let error = Election::decode(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    fn with(leader: &str, epoch: &str, directory: &str) -> String {
        format!(
            r#"{{"leaderId":{leader},"leaderEpoch":{epoch},"votedId":-1,"votedDirectoryId":"{directory}","data_version":1}}"#
        )
    }
}
