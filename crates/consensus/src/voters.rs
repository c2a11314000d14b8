//! Who votes: the voter set, as the log and the bootstrap snapshot record it.

use std::collections::BTreeMap;

use types::{BrokerId, DirectoryId};

/// The kraft.version that this crate speaks: voters are recorded in the log, not configured.
pub const KRAFT_VERSION: i16 = 1;

/// A replica of the metadata log. A broker whose disk was replaced is another replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicaKey {
    /// The broker's or controller's id.
    pub id: BrokerId,
    /// The id of the folder that holds the replica.
    pub directory: DirectoryId,
}

/// Where a voter can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name.
    pub name: String,
    /// A host name, looked up again at every attempt to connect.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// A replica that votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voter {
    /// Which replica it is.
    pub key: ReplicaKey,
    /// Where it can be reached, in the order in which it is recorded.
    pub endpoints: Vec<Endpoint>,
    /// The lowest kraft.version that it speaks.
    pub kraft_version_min: i16,
    /// The highest kraft.version that it speaks.
    pub kraft_version_max: i16,
}

impl Voter {
    /// A voter that runs this software.
    #[must_use]
    pub fn new(key: ReplicaKey, endpoints: Vec<Endpoint>) -> Voter {
        Voter { key, endpoints, kraft_version_min: KRAFT_VERSION, kraft_version_max: KRAFT_VERSION }
    }
}

/// The replicas that vote, by id; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voters(BTreeMap<BrokerId, Voter>);

/// Why some voters are no voter set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVoters {
    /// Nobody could ever be elected.
    #[error("the voter set is empty")]
    Empty,
    /// An id would have two votes.
    #[error("voter {0} is named twice")]
    Duplicate(BrokerId),
}

impl Voters {
    /// The set of these voters.
    ///
    /// # Errors
    /// When there are none or two have the same id.
    pub fn new(voters: impl IntoIterator<Item = Voter>) -> Result<Voters, InvalidVoters> {
        let mut by_id = BTreeMap::new();
        for voter in voters {
            let id = voter.key.id;
            if by_id.insert(id, voter).is_some() {
                return Err(InvalidVoters::Duplicate(id));
            }
        }
        if by_id.is_empty() { Err(InvalidVoters::Empty) } else { Ok(Voters(by_id)) }
    }

    /// The voters in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Voter> {
        self.0.values()
    }

    /// Whether this very replica votes: its id with another folder does not.
    #[must_use]
    pub fn contains(&self, replica: ReplicaKey) -> bool {
        self.0.get(&replica.id).is_some_and(|voter| voter.key == replica)
    }

    /// Whether this replica alone is the quorum.
    #[must_use]
    pub fn is_only(&self, replica: ReplicaKey) -> bool {
        self.0.len() == 1 && self.contains(replica)
    }

    /// Whether so many of the voters are more than half of them.
    #[must_use]
    pub fn is_majority(&self, votes: usize) -> bool {
        votes > self.0.len() / 2
    }

    /// Whether the set records this voter with other endpoints or versions.
    #[must_use]
    pub fn differs_from(&self, voter: &Voter) -> bool {
        self.0.get(&voter.key.id) != Some(voter)
    }

    /// The set with a voter's endpoints and versions replaced.
    #[must_use]
    pub fn updated(&self, voter: &Voter) -> Voters {
        let mut voters = self.clone();
        voters.0.insert(voter.key.id, voter.clone());
        voters
    }
}

#[cfg(test)]
mod tests {
    use types::Uuid;

    use super::*;

    #[test]
    fn a_voter_whose_folder_was_replaced_is_no_voter() {
        let voters = Voters::new([voter(1), voter(2)]).unwrap();
        let stranger =
            ReplicaKey { id: BrokerId(1), directory: DirectoryId(Uuid::from_u128(1_000)) };
        assert!(voters.contains(voter(1).key));
        assert!(!voters.contains(stranger));
    }

    #[test]
    fn a_majority_is_more_than_half() {
        let one = Voters::new([voter(1)]).unwrap();
        let four = Voters::new((1..=4).map(voter)).unwrap();
        assert!(!one.is_majority(0) && one.is_majority(1));
        assert!(!four.is_majority(2) && four.is_majority(3));
    }

    #[test]
    fn a_set_names_at_least_one_voter_and_none_twice() {
        assert_eq!(Voters::new([]), Err(InvalidVoters::Empty));
        let twice = Voters::new([voter(1), voter(1)]);
        assert_eq!(twice, Err(InvalidVoters::Duplicate(BrokerId(1))));
    }

    fn voter(id: i32) -> Voter {
        let directory = DirectoryId(Uuid::from_u128(100 + u128::from(id.unsigned_abs())));
        Voter::new(ReplicaKey { id: BrokerId(id), directory }, Vec::new())
    }
}
