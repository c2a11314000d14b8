//! Taking back what was appended, and moving the start of the log.

use types::{Now, Offset, Timestamp};

use super::{AppendError, Log};
use crate::{
    error::DiskError,
    names,
    producers::Producers,
    segment::{Segment, segment_files},
};

impl Log {
    /// Removes everything from `offset` on; the batch that holds it goes whole. What is left is
    /// durable when this returns.
    ///
    /// The recovery point may have moved back: it must be on disk before anything is appended
    /// again, or a crash could take a mixture of the old and the new for recovered.
    ///
    /// # Errors
    /// When the log is closed, or the disk fails, which closes the log.
    pub fn truncate_to(&mut self, offset: Offset, now: Now) -> Result<(), AppendError> {
        self.check_open()?;
        if offset >= self.end {
            return Ok(());
        }
        if offset <= self.start {
            return self.restart_at(offset, now);
        }
        if let Some((_, found)) = self.find(offset)?
            && found.base < self.start
        {
            return self.restart_at(self.start, now);
        }
        self.try_truncate(offset).inspect_err(|error| self.fail(error))?;
        Ok(())
    }

    fn try_truncate(&mut self, offset: Offset) -> Result<(), DiskError> {
        self.hints.clear();
        self.forget_cleaning(offset);
        while self.segments.len() > 1 && self.segments.back().is_some_and(|s| s.base() >= offset) {
            let segment = self.segments.pop_back().expect("there are two");
            self.remove_files(segment.base())?;
        }
        let interval = self.config.index_interval_bytes;
        let active = self.segments.back_mut().expect("what lies behind the start is in a segment");
        let found = active.find(&self.place, offset)?;
        let end = found.map_or(offset, |found| found.base.min(offset));
        let size = found.map_or_else(|| active.size(), |found| found.position);
        active.cut(&self.place, size, interval)?;
        let end_of_batches = active.end_of_batches();
        self.end = end;
        self.epochs.truncate_end(end);
        self.flush.truncate(end_of_batches);
        let snapshots = self.snapshot_offsets()?;
        let snapshots = self.remove_snapshots_behind(end, snapshots)?;
        let folder = &self.place.folder;
        self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        self.load_producers(&snapshots, Offset(i64::MAX))?;
        self.save_epochs()
    }

    /// Removes everything and goes on at `offset`, as a follower does that is too far behind.
    ///
    /// # Errors
    /// When the log is closed, or the disk fails, which closes the log.
    pub fn restart_at(&mut self, offset: Offset, now: Now) -> Result<(), AppendError> {
        self.check_open()?;
        self.try_restart(offset, now.wall).inspect_err(|error| self.fail(error))?;
        Ok(())
    }

    pub(super) fn try_restart(&mut self, offset: Offset, now: Timestamp) -> Result<(), DiskError> {
        self.hints.clear();
        self.forget_cleaning(offset);
        while let Some(segment) = self.segments.pop_back() {
            self.remove_files(segment.base())?;
        }
        self.remove_snapshots_behind(Offset::NONE, self.snapshot_offsets()?)?;
        self.producers = Producers::default();
        (self.start, self.end) = (offset, offset);
        self.epochs.truncate_end(Offset::NONE);
        self.flush.truncate(offset);
        // The empty segment keeps the offset.
        let segment = Segment::create(&self.place, offset, now)?;
        self.segments.push_back(segment);
        let folder = &self.place.folder;
        self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        self.flush.complete(offset);
        self.save_epochs()
    }

    /// Removes the files of the segment that begins at `base`.
    pub(super) fn remove_files(&self, base: Offset) -> Result<(), DiskError> {
        for name in segment_files(&self.place, base) {
            let path = name.path();
            if self.place.disk().exists(&path) {
                self.place.disk().remove_file(&path).map_err(name.error("remove"))?;
            }
        }
        Ok(())
    }

    /// Writes the epochs now, when there is something to write.
    pub(super) fn save_epochs(&mut self) -> Result<(), DiskError> {
        if let Some(epochs) = self.epochs.unsaved(&self.epoch_file) {
            let path = self.place.path(names::LEADER_EPOCHS);
            self.epoch_file.save(&epochs).map_err(DiskError::at("write", &path))?;
        }
        Ok(())
    }

    /// Hides everything before `offset`, up to the end of the log; whole segments go with the next
    /// retention. The new start belongs into `log-start-offset-checkpoint`.
    pub fn advance_start_offset(&mut self, offset: Offset) {
        let offset = offset.min(self.end);
        if offset > self.start {
            self.start = offset;
            self.epochs.truncate_start(offset);
        }
    }
}
