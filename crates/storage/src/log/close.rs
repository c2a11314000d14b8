//! Closing in good order, so that the next start has nothing to recover.

use types::Offset;

use super::{Closed, Log};
use crate::{distrust, error::DiskError, names, segment::Segment};

/// Why a log was not closed in good order: the next start must recover it.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// It was closed before.
    #[error("failed to close the log: {0}")]
    Closed(#[from] Closed),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl Log {
    /// Writes down everything that a start would otherwise have to find out, and makes all of it
    /// durable. A flush on its way is no longer waited for.
    ///
    /// Returns the recovery point, which is the end of the log.
    ///
    /// # Errors
    /// When the log was closed before or the disk fails.
    pub fn close_cleanly(&mut self) -> Result<Offset, CloseError> {
        self.check_open()?;
        if !self.segments.is_empty() {
            self.write_all().inspect_err(|error| {
                if !error.is_full() {
                    distrust::leave_note(self.place.disk(), &self.place.folder);
                }
                self.fail(error);
            })?;
        }
        self.closed = Some(Closed::Cleanly);
        Ok(self.end)
    }

    fn write_all(&mut self) -> Result<(), DiskError> {
        let end = self.segments.back().map_or(self.end, Segment::end_of_batches);
        let is_known = self.snapshot_offsets()?.contains(&end);
        if is_known
            && self.flush.recovery_point() == self.end
            && !self.epochs.differs_from(&self.epoch_file)
        {
            return Ok(());
        }
        let first = self.first_dirty_segment();
        for segment in self.segments.iter_mut().skip(first) {
            segment.note_largest(&self.place)?;
            let name = self.place.of(segment.base(), names::LOG);
            segment.file(&self.place)?.sync().map_err(name.error("sync"))?;
            for file in segment.store_indexes(&self.place)? {
                file.sync().map_err(name.error("sync"))?;
            }
        }
        self.write_snapshot(end)?;
        let name = self.place.of(end, names::SNAPSHOT);
        for file in self.flush.snapshots.drain(..) {
            file.sync().map_err(name.error("sync"))?;
        }
        let folder = &self.place.folder;
        self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        let parent = self.place.parent();
        self.place.disk().sync_folder(parent).map_err(DiskError::at("sync", parent))?;
        self.save_epochs()?;
        self.flush.complete(self.end);
        Ok(())
    }
}
