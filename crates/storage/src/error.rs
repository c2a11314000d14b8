//! What goes wrong with a disk, with the place where it did.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::room;

/// The disk refused something.
#[derive(Debug, thiserror::Error)]
#[error("failed to {action} {path}: {error}", path = path.display())]
pub struct DiskError {
    /// What was tried.
    pub action: &'static str,
    /// The file or folder it was tried with.
    pub path: PathBuf,
    /// What the disk said.
    pub error: io::Error,
}

impl DiskError {
    /// Whether there was no room, and nothing but that is wrong. A sync that finds no room has lost
    /// what it was to make durable, and a file that cannot be cut has too much in it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        room::is_full(&self.error) && !["sync", "flush", "cut"].contains(&self.action)
    }

    /// For `map_err`: adds what was tried and with which file.
    pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
        move |error| DiskError { action, path: path.to_owned(), error }
    }
}
