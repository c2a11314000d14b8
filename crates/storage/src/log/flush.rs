//! Making what was appended durable, on whatever thread may wait for the disk.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use runtime::{Disk, File};
use types::{Instant, Offset};

use super::{Closed, Log};
use crate::{
    distrust,
    epochs::{EpochFile, EpochsToSave},
    error::DiskError,
    names, room,
    segment::Segment,
};

/// When indexes or epochs found no room, it is tried again after so long.
const NO_ROOM_PAUSE: Duration = Duration::from_secs(1);

/// With so many index entries that are not durable a flush takes the indexes along: it bounds what
/// recovery has to read again.
const INDEX_ENTRIES_MAX: usize = 64;

/// What is durable and what is being made so.
#[derive(Debug, Default)]
pub(super) struct FlushState {
    flushed: Offset,
    recovery_point: Offset,
    /// Of the last segment, how many index entries are durable.
    durable_entries: usize,
    in_flight: Option<InFlight>,
    last: Instant,
    /// Half a batch was taken away from the end of the last segment, but not durably.
    pub(super) is_cut: bool,
    /// Indexes or epochs found no room with the last flush.
    found_no_room: bool,
    /// The folder itself and the id in it are not durable.
    pub(super) is_new: bool,
    /// Names in the folder are not durable.
    pub(super) folder_changed: bool,
    /// Snapshots that are not durable.
    pub(super) snapshots: Vec<Arc<dyn File>>,
}

/// What the flush on its way will make true; truncation takes some of it back.
#[derive(Debug)]
struct InFlight {
    upto: Offset,
    with_indexes: bool,
    with_folder: bool,
}

/// A flush to be run, and then handed back with its outcome.
#[must_use = "the log waits for the outcome"]
pub struct Flush {
    upto: Offset,
    files: Vec<Arc<dyn File>>,
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    sync_folder: bool,
    sync_parent: bool,
    epochs: Option<(Arc<EpochFile>, EpochsToSave)>,
    /// The disk had no room for the epochs: recovery has to read them from the log.
    epochs_found_no_room: AtomicBool,
}

/// Why a log is not flushed.
#[derive(Debug, thiserror::Error)]
pub enum FlushError {
    /// The log was closed before.
    #[error("failed to flush: {0}")]
    Closed(#[from] Closed),
    /// The disk failed. The log is closed: what a later flush would say proves nothing.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl FlushState {
    pub(super) fn durable_until(end: Offset, recovery_point: Offset) -> FlushState {
        FlushState { flushed: end, recovery_point, ..FlushState::default() }
    }

    pub(super) fn flushed(&self) -> Offset {
        self.flushed
    }

    pub(super) fn recovery_point(&self) -> Offset {
        self.recovery_point
    }

    /// Whether a crash can take names from the folder.
    pub(super) fn names_can_be_lost(&self) -> bool {
        self.folder_changed || self.in_flight.as_ref().is_some_and(|flush| flush.with_folder)
    }

    /// Takes back what was said of offsets from `end` on; what is before is durable.
    pub(super) fn truncate(&mut self, end: Offset) {
        self.flushed = self.flushed.min(end);
        self.recovery_point = self.recovery_point.min(end);
        self.durable_entries = 0;
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.upto = in_flight.upto.min(end);
            in_flight.with_indexes = false;
        }
    }

    /// Everything before `end` is durable, indexes included.
    pub(super) fn complete(&mut self, end: Offset) {
        self.flushed = end;
        self.recovery_point = end;
        self.folder_changed = false;
        self.is_new = false;
    }
}

impl Flush {
    /// Everything before this offset is durable once the flush has succeeded.
    #[must_use]
    pub fn upto(&self) -> Offset {
        self.upto
    }

    /// Waits for the disk.
    ///
    /// # Errors
    /// When the disk fails: the log closes when it is told.
    pub fn run(&self) -> io::Result<()> {
        let outcome = self.sync();
        if outcome.is_err() {
            distrust::leave_note(&*self.disk, &self.folder);
        }
        outcome
    }

    fn sync(&self) -> io::Result<()> {
        for file in &self.files {
            file.sync()?;
        }
        if self.sync_folder {
            self.disk.sync_folder(&self.folder)?;
        }
        if self.sync_parent {
            self.disk.sync_folder(self.folder.parent().unwrap_or_else(|| Path::new("")))?;
        }
        if let Some((file, epochs)) = &self.epochs {
            match file.save(epochs) {
                Err(error) if room::is_full(&error) => {
                    self.epochs_found_no_room.store(true, Ordering::Release);
                }
                saved => saved?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Flush {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Flush").field("upto", &self.upto).finish_non_exhaustive()
    }
}

impl Log {
    /// Whether the settings, a full segment or a new leader epoch ask for a flush.
    #[must_use]
    pub fn flush_due(&self, now: Instant) -> bool {
        if self.closed.is_some() || self.flush.in_flight.is_some() {
            return false;
        }
        let unflushed = self.end.since(self.flush.flushed);
        let is_old = || {
            u64::try_from(self.config.flush_ms)
                .is_ok_and(|most| now.since(self.flush.last) >= Duration::from_millis(most))
        };
        let rolled = || {
            let active = self.segments.back().map_or(Offset::ZERO, Segment::base);
            self.flush.recovery_point < active
        };
        let may_try_again =
            || !self.flush.found_no_room || now.since(self.flush.last) >= NO_ROOM_PAUSE;
        let has_new_epoch =
            || self.epochs.differs_from(&self.epoch_file) && !self.segments.is_empty();
        unflushed >= self.config.flush_messages
            || (unflushed > 0 && is_old())
            || ((rolled() || has_new_epoch()) && may_try_again())
    }

    /// Prepares a flush of everything that was appended so far; none when that is durable or a flush
    /// is on its way. What is appended meanwhile is for the next one.
    ///
    /// # Errors
    /// When the disk fails, which closes the log.
    pub fn begin_flush(&mut self) -> Result<Option<Flush>, FlushError> {
        self.check_open()?;
        if self.flush.in_flight.is_some() || !self.is_dirty() {
            return Ok(None);
        }
        match self.prepare_flush() {
            Ok(flush) => Ok(Some(flush)),
            Err(error) => {
                self.fail(&error);
                Err(error.into())
            }
        }
    }

    fn is_dirty(&self) -> bool {
        let active = self.segments.back().map_or(Offset::ZERO, Segment::base);
        self.end > self.flush.flushed
            || self.flush.folder_changed
            || self.flush.recovery_point < active
            || (self.epochs.differs_from(&self.epoch_file) && !self.segments.is_empty())
    }

    fn prepare_flush(&mut self) -> Result<Flush, DiskError> {
        let first = self.first_dirty_segment();
        let mut files = Vec::new();
        for index in first..self.segments.len() {
            if self.segment_end(index) > self.flush.flushed {
                files.push(self.segments[index].file(&self.place)?);
            }
        }
        let indexes = self.store_due_indexes(first)?;
        let with_indexes = indexes.is_some();
        files.extend(indexes.into_iter().flatten());
        files.append(&mut self.flush.snapshots);
        if self.flush.is_new {
            files.extend(self.partition_metadata()?);
        }
        let epochs = self.epochs.unsaved(&self.epoch_file);
        let sync_folder = std::mem::take(&mut self.flush.folder_changed);
        self.flush.in_flight =
            Some(InFlight { upto: self.end, with_indexes, with_folder: sync_folder });
        Ok(Flush {
            upto: self.end,
            files,
            disk: Arc::clone(self.place.files.disk()),
            folder: self.place.folder.clone(),
            sync_folder,
            sync_parent: std::mem::take(&mut self.flush.is_new),
            epochs: epochs.map(|epochs| (Arc::clone(&self.epoch_file), epochs)),
            epochs_found_no_room: AtomicBool::new(false),
        })
    }

    /// Writes the indexes from a segment on, when that is due and there is room.
    fn store_due_indexes(&mut self, first: usize) -> Result<Option<Vec<Arc<dyn File>>>, DiskError> {
        self.flush.found_no_room = false;
        let Some(entries) = self.due_index_entries()? else { return Ok(None) };
        let mut files = Vec::new();
        for segment in self.segments.range_mut(first..) {
            match segment.store_indexes(&self.place) {
                Err(error) if error.is_full() => {
                    self.flush.found_no_room = true;
                    return Ok(None);
                }
                stored => files.extend(stored?),
            }
            self.flush.folder_changed = true;
        }
        self.flush.durable_entries = entries;
        Ok(Some(files))
    }

    /// The first segment that may have something in it that is not durable: also one that ends at
    /// the recovery point, since its indexes were completed after the flush that got there.
    pub(super) fn first_dirty_segment(&self) -> usize {
        self.segment_index(self.flush.recovery_point.plus(-1)).unwrap_or(0)
    }

    /// The file with the topic's id; tests and the metadata log may have none.
    fn partition_metadata(&self) -> Result<Option<Arc<dyn File>>, DiskError> {
        let path = self.place.path(names::PARTITION_METADATA);
        match self.place.disk().open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some).map_err(DiskError::at("open", &path)),
        }
    }

    /// How many entries the indexes of the last segment have, when they are to be written.
    fn due_index_entries(&mut self) -> Result<Option<usize>, DiskError> {
        let Some(active) = self.segments.back_mut() else { return Ok(None) };
        let rolled = self.flush.recovery_point < active.base();
        let (offsets, times) = active.index_entries(&self.place)?;
        let entries = offsets + times;
        let due = rolled || entries >= self.flush.durable_entries + INDEX_ENTRIES_MAX;
        Ok(due.then_some(entries))
    }

    /// Takes the outcome of a flush and returns up to where the log is durable.
    ///
    /// # Errors
    /// When the flush failed: the log takes nothing more.
    pub fn finish_flush(
        &mut self,
        flush: &Flush,
        outcome: io::Result<()>,
        now: Instant,
    ) -> Result<Offset, FlushError> {
        let in_flight = self.flush.in_flight.take();
        if let Err(error) = outcome {
            let error = DiskError { action: "flush", path: flush.folder.clone(), error };
            self.fail(&error);
            return Err(error.into());
        }
        self.check_open()?;
        let has_epochs = !flush.epochs_found_no_room.load(Ordering::Acquire);
        self.flush.found_no_room |= !has_epochs;
        if let Some(InFlight { upto, with_indexes, .. }) = in_flight {
            self.flush.flushed = self.flush.flushed.max(upto);
            if with_indexes && has_epochs {
                self.flush.recovery_point = self.flush.recovery_point.max(upto);
            }
        }
        self.flush.last = now;
        Ok(self.flush.flushed)
    }

    /// Flushes here and now.
    ///
    /// # Errors
    /// When the disk fails, which closes the log.
    pub fn flush(&mut self, now: Instant) -> Result<Offset, FlushError> {
        match self.begin_flush()? {
            Some(flush) => {
                let outcome = flush.run();
                self.finish_flush(&flush, outcome, now)
            }
            None => Ok(self.flush.flushed),
        }
    }
}
