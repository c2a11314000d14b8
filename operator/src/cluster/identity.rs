//! Who a cluster is: its id, the voters it begins with, and whether it has come to life.
//!
//! Drawn once. It stands in the status of the object and on every volume, so that neither a lost
//! object nor a lost volume can turn an old cluster into a new one.

use serde::{Deserialize, Serialize};
use types::Uuid;

use crate::crd::ClusterStatus;
use crate::crd::cluster::{QuorumStatus, VoterStatus};

/// Who a cluster is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Kafka's cluster id.
    pub cluster_id: String,
    /// The voters it begins with, and whether it has begun.
    pub quorum: QuorumStatus,
}

/// A voter that still needs the id of its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FirstVoter {
    /// The node's id.
    pub id: i32,
    /// Where the other controllers reach it.
    pub endpoint: String,
}

impl Identity {
    /// Draws the ids of a new cluster.
    #[must_use]
    pub fn draw(voters: &[FirstVoter], mut uuid: impl FnMut() -> Uuid) -> Self {
        let cluster_id = uuid().to_string();
        let voters = voters.iter().map(|voter| VoterStatus {
            id: voter.id,
            directory_id: uuid().to_string(),
            endpoint: voter.endpoint.clone(),
        });
        Self { cluster_id, quorum: QuorumStatus { bootstrapped: false, voters: voters.collect() } }
    }

    /// What the status says, once it says it.
    #[must_use]
    pub fn of(status: &ClusterStatus) -> Option<Self> {
        let cluster_id = status.cluster_id.clone()?;
        Some(Self { cluster_id, quorum: status.quorum.clone() })
    }

    /// The same cluster after its quorum has come to life.
    #[must_use]
    pub fn bootstrapped(mut self) -> Self {
        self.quorum.bootstrapped = true;
        self
    }

    /// The voters as Kafka's format command writes them: `0@127.0.0.1:29092:directory-id`.
    #[must_use]
    pub fn initial_controllers(&self) -> String {
        let voters = self.quorum.voters.iter();
        let voters =
            voters.map(|voter| format!("{}@{}:{}", voter.id, voter.endpoint, voter.directory_id));
        voters.collect::<Vec<_>>().join(",")
    }
}
