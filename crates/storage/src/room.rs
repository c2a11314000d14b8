//! Whether the disk has room, as far as the last writes could tell, and who is told of it.
//!
//! A full disk is not a broken one: nothing is lost, only refused, and what is there can be read and
//! removed. It concerns all logs on the disk at once, so it is said once for all of them.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use types::Instant;

use crate::error::DiskError;

/// It is said again after so long, while it lasts.
const REPEAT_NS: u64 = 60_000_000_000;

/// What is known of the room on one disk.
#[derive(Debug, Default)]
pub(crate) struct Room {
    is_full: AtomicBool,
    /// When it was last said, in nanoseconds; 0 for never.
    said: AtomicU64,
}

impl Room {
    /// A write found no room: says so, but not every time.
    pub(crate) fn refused(&self, folder: &Path, error: &DiskError, now: Instant) {
        let was_full = self.is_full.swap(true, Ordering::Relaxed);
        let said = self.said.load(Ordering::Relaxed);
        if was_full && now.0.saturating_sub(said) < REPEAT_NS {
            return;
        }
        self.said.store(now.0, Ordering::Relaxed);
        tracing::error!(
            folder = %folder.display(), %error,
            "the disk is full: producers are refused until there is room again; delete topics or \
             records, lower the retention, or make the volume larger"
        );
    }

    /// A write found room.
    pub(crate) fn granted(&self, folder: &Path) {
        // A load, since this comes with every append.
        if self.is_full.load(Ordering::Relaxed) && self.is_full.swap(false, Ordering::Relaxed) {
            tracing::info!(folder = %folder.display(), "the disk has room again");
        }
    }
}

/// Whether the error says that there is no room, or none left for us.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Takes it when entries of an index found no room: they stay in memory, are stored with later ones,
/// and are found again by recovery.
pub(crate) fn or_later<T>(stored: io::Result<T>) -> io::Result<()> {
    match stored {
        Err(error) if is_full(&error) => Ok(()),
        stored => stored.map(drop),
    }
}
