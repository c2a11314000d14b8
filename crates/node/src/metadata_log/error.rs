//! What goes wrong with the metadata log.

use std::{io, path::PathBuf};

use consensus::{InvalidElection, InvalidVoters};
use metadata::{batch::ReadBatchError, image::ApplyError, snapshot::SnapshotError};
use protocol::records::BatchError;
use types::Offset;

/// Why the metadata log cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum MetadataLogError {
    /// The disk failed.
    #[error("failed to read {}: {error}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the disk said.
        error: io::Error,
    },
    /// The log cannot be opened.
    #[error("failed to open the metadata log: {0}")]
    Open(#[from] storage::OpenError),
    /// The log cannot be read.
    #[error("failed to read the metadata log: {0}")]
    Read(#[from] storage::ReadError),
    /// Bytes that are no batches.
    #[error("the metadata log is damaged: {0}")]
    Batch(#[from] BatchError),
    /// A batch that makes no sense.
    #[error("the metadata log is damaged: {0}")]
    Content(#[from] ReadBatchError),
    /// A snapshot that makes no sense.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Voters that cannot vote.
    #[error("the metadata log is damaged: {0}")]
    Voters(#[from] InvalidVoters),
    /// A record that does not fit the ones before it.
    #[error("a record of the metadata log makes no sense: {0}")]
    Apply(#[from] ApplyError),
    /// The election cannot be read.
    #[error(transparent)]
    Election(#[from] InvalidElection),
    /// The log begins after the last snapshot ends.
    #[error("the metadata log begins at offset {start}, but no snapshot reaches that far")]
    Gap {
        /// Where the log begins.
        start: Offset,
    },
    /// Nothing says who votes.
    #[error("neither the metadata log nor its snapshots say who votes")]
    NoVoters,
}
