//! Why a log is not cleaned.

use std::io;

use types::Offset;

use crate::{error::DiskError, place::FileName};

/// Why a round ends early. The log is as it was, but for the groups that were swapped before.
#[derive(Debug, thiserror::Error)]
pub enum CleanError {
    /// Files are gone: the log was deleted, cut or shortened meanwhile.
    #[error("the log was changed meanwhile")]
    Changed,
    /// The disk failed.
    #[error(transparent)]
    Disk(DiskError),
    /// A sync failed: what of the log's names and files is on disk is unknown, and it must be
    /// closed.
    #[error(transparent)]
    Sync(DiskError),
    /// What is in the log makes no sense; nothing of it is removed.
    #[error("batch at position {position} of the segment at offset {segment} is damaged: {reason}")]
    Corrupt {
        /// The base offset of the segment.
        segment: Offset,
        /// Where the batch begins.
        position: u32,
        /// What is wrong with it.
        reason: String,
    },
    /// Compressed anew, the segments do not fit one file.
    #[error("the segment at offset {segment} would take more than 2 GiB")]
    TooLarge {
        /// The base offset of the segment.
        segment: Offset,
    },
}

impl CleanError {
    /// For `map_err`. A file that is not there was removed by someone else.
    pub(super) fn disk(
        name: FileName<'_>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> CleanError {
        move |error| name.error(action)(error).into()
    }

    /// For `map_err` of a sync. A folder that is not there was removed by someone else.
    pub(super) fn sync(name: FileName<'_>) -> impl FnOnce(io::Error) -> CleanError {
        move |error| {
            let is_gone = error.kind() == io::ErrorKind::NotFound;
            if is_gone { CleanError::Changed } else { CleanError::Sync(name.error("sync")(error)) }
        }
    }

    /// Whether another round would meet the same again: the log should be left alone.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        matches!(self, CleanError::Corrupt { .. } | CleanError::TooLarge { .. })
    }
}

impl From<DiskError> for CleanError {
    fn from(error: DiskError) -> CleanError {
        let gone = [io::ErrorKind::NotFound, io::ErrorKind::UnexpectedEof];
        match gone.contains(&error.error.kind()) {
            true => CleanError::Changed,
            false => CleanError::Disk(error),
        }
    }
}
