//! Which cluster a command is about, and the folder it lies in.

use std::path::PathBuf;

use clap::Args;
use operator::local::admission::one_cluster;
use operator::local::up::Options;
use operator::local::{Folder, Program};
use operator::manifest::Manifest;

use crate::{Failure, VERSION};

/// Which cluster is meant.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The cluster's name; not needed with manifests, or when there is only one
    #[arg(short, long, value_name = "NAME")]
    cluster: Option<String>,
    /// The cluster's folder [default: the user's data directory, below it one folder per cluster]
    #[arg(long, value_name = "DIR", env = "KLAMM_DATA")]
    data: Option<PathBuf>,
}

impl Place {
    /// The cluster of this name, or in this folder, or the only one.
    pub(crate) fn new(cluster: Option<String>, data: Option<PathBuf>) -> Place {
        Place { cluster, data }
    }

    /// What the operator needs to work there.
    pub(crate) fn options(&self, manifests: &[Manifest]) -> Result<Options, Failure> {
        let program = std::env::current_exe();
        let program = program
            .map_err(|error| Failure::Failed(format!("this program cannot be found: {error}")))?;
        Ok(Options {
            folder: self.folder(manifests)?,
            program: Program::at(program),
            version: VERSION.to_owned(),
        })
    }

    /// The folder, whether it is there or not.
    pub(crate) fn folder(&self, manifests: &[Manifest]) -> Result<Folder, Failure> {
        let named = one_cluster(manifests)?;
        if let Some(data) = &self.data {
            // Brokers are given paths, which must mean the same wherever they are started.
            let data =
                std::path::absolute(data).map_err(|error| Failure::Input(error.to_string()))?;
            if data.is_file() {
                let sentence = format!("--data, or KLAMM_DATA: {} is a file", data.display());
                return Err(Failure::Input(sentence));
            }
            return Ok(Folder::at(data));
        }
        match (named, &self.cluster) {
            (Some(named), Some(cluster)) if named != *cluster => Err(Failure::Input(format!(
                "the manifests are about cluster {named}, not about {cluster}"
            ))),
            (Some(name), _) => Ok(Folder::of_cluster(&name)?),
            (None, Some(name)) => Ok(Folder::of_cluster(name)?),
            (None, None) => only_one(),
        }
    }
}

/// The only cluster there is, or the only one that runs.
fn only_one() -> Result<Folder, Failure> {
    let names = Folder::clusters()?;
    let folders: Result<Vec<Folder>, _> =
        names.iter().map(|name| Folder::of_cluster(name)).collect();
    let mut folders = folders?;
    if folders.len() > 1 {
        folders.retain(|folder| folder.is_in_use().unwrap_or(false));
    }
    match folders.len() {
        1 => Ok(folders.remove(0)),
        _ if names.is_empty() => Err(Failure::Input(
            "there is no cluster yet: start one with `klamm up -f examples/chat.yaml`, or name a folder with --data".to_owned(),
        )),
        _ => Err(Failure::Input(format!("say with --cluster which one is meant: {}", names.join(", ")))),
    }
}
