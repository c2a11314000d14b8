//! Who a node is: its id, its cluster, its folder, and the voters its cluster begins with.

use std::{path::PathBuf, str::FromStr};

use types::{BrokerId, DirectoryId, Uuid};

use super::{Address, reader::Reader};

/// Who a node is and where its data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `node.id`.
    pub id: BrokerId,
    /// `klamm.cluster.id`: the cluster this node belongs to; a folder of another is refused.
    pub cluster_id: Uuid,
    /// `log.dirs`: the folder that holds the logs.
    pub folder: PathBuf,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// `klamm.initial.controllers`: the voters a new cluster begins with. Only with these an empty
    /// folder may become a voter; without them it joins as an observer.
    pub initial_voters: Vec<InitialVoter>,
}

/// One of the voters a new cluster begins with, written as in Kafka's
/// `kafka-storage format --initial-controllers`: `id@host:port:directory-id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialVoter {
    /// Its `node.id`.
    pub id: BrokerId,
    /// The id its folder is formatted with.
    pub directory: DirectoryId,
    /// Its controller listener.
    pub address: Address,
}

/// Why a text is no [`InitialVoter`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not of the form id@host:port:directory-id")]
pub struct InvalidVoter(String);

impl FromStr for InitialVoter {
    type Err = InvalidVoter;

    fn from_str(text: &str) -> Result<InitialVoter, InvalidVoter> {
        let parse = || {
            let (id, rest) = text.split_once('@')?;
            let (address, directory) = rest.rsplit_once(':')?;
            Some(InitialVoter {
                id: BrokerId(id.parse().ok().filter(|id| *id >= 0)?),
                directory: DirectoryId(directory.parse().ok()?),
                address: address.parse().ok()?,
            })
        };
        parse().ok_or_else(|| InvalidVoter(text.to_owned()))
    }
}

impl Identity {
    pub(super) fn read(reader: &mut Reader) -> Identity {
        check_roles(reader);
        let folder = read_folder(reader);
        let id = reader.required("node.id").parse().unwrap_or_default();
        let cluster_id = reader.required("klamm.cluster.id");
        if !cluster_id.is_empty() && cluster_id.parse::<Uuid>().is_err() {
            let text = format!("'klamm.cluster.id' is '{cluster_id}', not a UUID of 22 characters");
            reader.problem("klamm.cluster.id", text);
        }
        Identity {
            id: BrokerId(id),
            cluster_id: cluster_id.parse().unwrap_or_default(),
            folder,
            rack: reader.text("broker.rack"),
            initial_voters: read_voters(reader),
        }
    }
}

fn check_roles(reader: &mut Reader) {
    let mut roles = reader.list("process.roles");
    roles.sort();
    if roles != ["broker", "controller"] {
        let text = "'process.roles' has to be broker,controller: separate roles are not built yet";
        reader.problem("process.roles", text.to_owned());
    }
}

fn read_folder(reader: &mut Reader) -> PathBuf {
    let key = if reader.sets("log.dirs") { "log.dirs" } else { "log.dir" };
    if !reader.sets(key) {
        // Kafka's default is a folder that no data should lie in.
        reader.problem(key, "'log.dirs' is missing".to_owned());
        return PathBuf::new();
    }
    let folders = reader.list(key);
    if folders.len() > 1 {
        let text = format!("'{key}' names {} folders; Klamm has one so far", folders.len());
        reader.problem(key, text);
    }
    folders.into_iter().next().unwrap_or_default().into()
}

fn read_voters(reader: &mut Reader) -> Vec<InitialVoter> {
    let key = "klamm.initial.controllers";
    let mut voters: Vec<InitialVoter> = Vec::new();
    for item in reader.list(key) {
        match item.parse() {
            Ok(voter) => voters.push(voter),
            Err(error) => reader.problem(key, format!("'{key}': {error}")),
        }
    }
    if voters.len() > 1 {
        let text = format!("'{key}' names {} voters; Klamm has one so far", voters.len());
        reader.problem(key, text);
    }
    voters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_voter_is_written_as_in_kafkas_format_command() {
        let voter: InitialVoter = "1@127.0.0.1:29092:AAAAAAAAAAAAAAAAAAAAZw".parse().unwrap();
        assert_eq!(voter.id, BrokerId(1));
        assert_eq!(voter.address.port, 29092);
        assert_eq!(voter.directory, DirectoryId(Uuid::from_u128(103)));
        assert!("1@127.0.0.1:29092".parse::<InitialVoter>().is_err());
        assert!("-1@h:1:AAAAAAAAAAAAAAAAAAAAZw".parse::<InitialVoter>().is_err());
    }
}
