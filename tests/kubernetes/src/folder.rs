//! Where a cluster keeps what both sides of its namespaces read: keys, logs, its control socket.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The longest name: sockets in the folder must fit into 108 bytes.
const NAME_LENGTH_MAX: usize = 30;

/// The folder of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder of the cluster with this name, which need not exist.
    pub fn named(name: &str) -> Result<Folder> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.chars().all(is_plain) {
            bail!("a cluster's name is up to {NAME_LENGTH_MAX} of a-z, 0-9 and `-`, not `{name}`");
        }
        Ok(Folder(root().join(name)))
    }

    /// One that exists already.
    #[must_use]
    pub fn at(path: PathBuf) -> Folder {
        Folder(path)
    }

    /// The folders of all clusters on this machine, also of those that have ended.
    pub fn all() -> Result<Vec<Folder>> {
        let Ok(listing) = fs::read_dir(root()) else { return Ok(Vec::new()) };
        let folders = listing.map(|entry| Ok(Folder(entry?.path())));
        folders.collect::<Result<_>>().context("failed to list the clusters")
    }

    /// The path itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// A file of the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What gives its reader all rights in the cluster.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.file("kubeconfig")
    }

    /// Keys and certificates.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.file("keys")
    }

    /// What a part of the cluster printed.
    #[must_use]
    pub fn log(&self, part: &str) -> PathBuf {
        self.file("logs").join(format!("{part}.log"))
    }

    /// Where a part's number in the cluster's own process namespace is noted.
    #[must_use]
    pub fn number(&self, part: &str) -> PathBuf {
        self.file("pids").join(part)
    }

    /// Data of the cluster; a file system in memory that only the cluster sees.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.file("data")
    }

    /// A node's share of the data.
    #[must_use]
    pub fn node(&self, node: u8) -> PathBuf {
        self.data().join(format!("node{node}"))
    }
}

fn root() -> PathBuf {
    std::env::temp_dir().join("klamm-kubernetes")
}
