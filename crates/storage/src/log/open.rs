//! Opening a log, and making it whole again after a crash.
//!
//! After a crash everything from the recovery point on is read and checked; the log ends before the
//! first byte that makes no sense. What lies before the recovery point was synced, indexes
//! included, and is taken as it is.

use std::{collections::VecDeque, io, path::Path, sync::Arc};

use types::{Now, Offset};

use super::{Log, flush::FlushState, read::Hints};
use crate::{
    checkpoint::CheckpointError,
    config::LogConfig,
    distrust,
    epochs::{EpochFile, Epochs},
    error::DiskError,
    names,
    open_files::OpenFiles,
    place::Place,
    producers::Producers,
    recovery::{Found, Recovered, recover_segment},
    segment::Segment,
};

/// An epoch checkpoint with more bytes than this is not ours.
const EPOCHS_SIZE_MAX: u64 = 64 << 20;

/// What is known of a log before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    /// The last process closed the log in good order: there is nothing to recover.
    pub clean: bool,
    /// From `recovery-point-offset-checkpoint`; 0 when it is not in there.
    pub recovery_point: Offset,
    /// From `log-start-offset-checkpoint`; 0 when it is not in there.
    pub start_offset: Offset,
    /// From `cleaner-offset-checkpoint`; none when it is not in there.
    pub first_dirty: Option<Offset>,
    /// The time.
    pub now: Now,
}

/// What opening a log found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// So many bytes were read and checked.
    pub bytes_checked: u64,
    /// So many bytes made no sense, or came behind such, and were removed.
    pub bytes_removed: u64,
    /// So many segments went whole.
    pub segments_removed: usize,
}

/// What is known once the segments are there.
struct Loaded {
    recovery: Recovery,
    /// From here on aborted transactions may be missing in the indexes.
    unindexed: Offset,
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A segment is larger than any we write.
    #[error("segment {segment} has {size} bytes, more than a segment can have")]
    SegmentTooLarge {
        /// The base offset.
        segment: Offset,
        /// The size of its file.
        size: u64,
    },
}

impl OpenError {
    /// Whether only room is missing: it can be tried again.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, OpenError::Disk(error) if error.is_full())
    }
}

impl Log {
    /// Opens the log in a folder, which must exist, and recovers it unless it was closed cleanly.
    ///
    /// When the recovery point is then less than the one given, because the log is shorter than it
    /// should be, it must be on disk before anything is appended.
    ///
    /// # Errors
    /// When the disk fails or a file is not of Kafka's making.
    pub fn open(
        files: &Arc<OpenFiles>,
        folder: &Path,
        config: Arc<LogConfig>,
        mut opening: Opening,
    ) -> Result<(Log, Recovery), OpenError> {
        let place = Place { files: Arc::clone(files), folder: folder.to_owned(), ending: "" };
        let mut listed = list(&place)?;
        let epochs_path = place.path(names::LEADER_EPOCHS);
        let mut log = Log {
            epoch_file: EpochFile::new(Arc::clone(files.disk()), epochs_path),
            place,
            config,
            segments: VecDeque::new(),
            start: opening.start_offset,
            end: opening.start_offset,
            epochs: Epochs::default(),
            producers: Producers::default(),
            flush: FlushState::default(),
            hints: Hints::default(),
            first_dirty: opening.first_dirty.unwrap_or(opening.start_offset),
            rewrites: 0,
            closed: None,
        };
        if listed.iter().any(|name| name.ends_with(names::SWAP)) {
            log.finish_swaps(&listed)?;
            listed = list(&log.place)?;
        }
        log.remove_leftovers(&listed)?;
        if let Err(error) = log.load_epochs(&listed)? {
            let folder = log.place.folder.display();
            tracing::warn!(%folder, %error, "reading the leader epochs from the whole log");
            (opening.clean, opening.recovery_point) = (false, Offset::ZERO);
        }
        let recovery = log.recover(&listed, &opening).inspect_err(|_| {
            distrust::leave_note(log.place.disk(), &log.place.folder);
        })?;
        Ok((log, recovery))
    }

    fn recover(&mut self, listed: &[String], opening: &Opening) -> Result<Recovery, OpenError> {
        let is_distrusted = distrust::is_noted(listed);
        let opening = Opening { clean: opening.clean && !is_distrusted, ..*opening };
        if is_distrusted {
            self.write_anew(listed, opening.recovery_point)?;
        }
        let loaded = self.load_segments(listed, &opening)?;
        self.settle(&opening, offsets_of(listed, names::SNAPSHOT), loaded.unindexed)?;
        Ok(loaded.recovery)
    }

    /// Makes durable what the cache may only pretend to be.
    fn write_anew(&self, listed: &[String], recovery_point: Offset) -> Result<(), DiskError> {
        let bases = offsets_of(listed, names::LOG);
        for (index, base) in bases.iter().enumerate() {
            if bases.get(index + 1).is_some_and(|end| *end < recovery_point) {
                continue;
            }
            let name = self.place.of(*base, names::LOG);
            distrust::write_anew(self.place.disk(), &name.path())
                .map_err(name.error("write anew"))?;
        }
        let folder = &self.place.folder;
        distrust::remove_note(self.place.disk(), folder)
            .map_err(DiskError::at("remove the note in", folder))
    }

    fn remove_leftovers(&self, listed: &[String]) -> Result<(), DiskError> {
        for name in listed {
            let is_orphan = names::parse(name).is_some_and(|(base, suffix)| {
                names::is_index(suffix)
                    && listed.binary_search(&names::of_offset(base, names::LOG)).is_err()
            });
            let endings = [names::DELETED, names::TEMPORARY, names::CLEANED, names::SWAP];
            let is_leftover = endings.iter().any(|ending| name.ends_with(ending));
            if is_leftover || is_orphan {
                let path = self.place.path(name);
                self.place.disk().remove_file(&path).map_err(DiskError::at("remove", &path))?;
            }
        }
        Ok(())
    }

    /// The inner error is that of a file that makes no sense.
    fn load_epochs(&mut self, listed: &[String]) -> Result<Result<(), CheckpointError>, DiskError> {
        if !listed.iter().any(|name| name == names::LEADER_EPOCHS) {
            return Ok(Ok(()));
        }
        let path = self.place.path(names::LEADER_EPOCHS);
        let read = self.place.disk().read(&path, EPOCHS_SIZE_MAX);
        let bytes = read.map_err(DiskError::at("read", &path))?;
        Ok(Epochs::decode(&bytes).map(|epochs| self.epochs = epochs))
    }

    fn load_segments(&mut self, listed: &[String], opening: &Opening) -> Result<Loaded, OpenError> {
        let bases = offsets_of(listed, names::LOG);
        let mut recovery = Recovery::default();
        let mut unindexed = Offset(i64::MAX);
        let compacted = self.first_dirty.max(opening.recovery_point);
        let is_unknown = opening.first_dirty.is_none() && opening.recovery_point == Offset::ZERO;
        // Without checkpoints a segment tells by itself whether it was compacted. Kafka lets such a
        // one end before the next begins.
        let believes_segments = is_unknown && self.config.cleanup_policy.compact;
        // The end of the segment before, when that was checked.
        let mut checked_end = None;
        for (index, base) in bases.iter().enumerate() {
            let size = self.size_of_segment(*base)?;
            // Names become durable in order, and nothing behind the recovery point is compacted:
            // offsets are missing there only when a crash took them.
            if checked_end.is_some_and(|end| end != *base) && *base > compacted {
                self.remove_segments(&bases[index..], &mut recovery)?;
                break;
            }
            let end = bases.get(index + 1).copied().unwrap_or(Offset(i64::MAX));
            // One that ends at the recovery point may not have had its indexes completed.
            let trusted =
                (opening.clean || end < opening.recovery_point) && has_indexes(listed, *base);
            let segment = Segment::existing(*base, size, opening.now.wall);
            self.segments.push_back(segment);
            let is_last = index + 1 == bases.len();
            if trusted && (!is_last || self.resume_last(size)?) {
                checked_end = None;
                if !self.aborted_are_sane(listed, is_last, end)? {
                    unindexed = unindexed.min(*base);
                }
                continue;
            }
            unindexed = unindexed.min(*base);
            let recovered = self.recover_last(Found { size, limit: end }, opening)?;
            recovery.bytes_checked += recovered.bytes_checked;
            recovery.bytes_removed += u64::from(size - recovered.size);
            checked_end = (!(believes_segments && recovered.is_compacted)).then_some(recovered.end);
        }
        Ok(Loaded { recovery, unindexed })
    }

    /// Looks at the last segment's index of aborted transactions, when it has one.
    fn aborted_are_sane(
        &mut self,
        listed: &[String],
        is_last: bool,
        end: Offset,
    ) -> Result<bool, DiskError> {
        let segment = self.segments.back_mut().expect("a segment was just added");
        let file = names::of_offset(segment.base(), names::TRANSACTION_INDEX);
        if listed.binary_search(&file).is_err() {
            return Ok(true);
        }
        let end = if is_last { segment.end_of_batches() } else { end };
        let is_sane = segment.check_aborted(&self.place, end)?;
        if !is_sane {
            let path = self.place.path(&file);
            tracing::warn!(path = %path.display(), "reading aborted transactions from the log");
        }
        Ok(is_sane)
    }

    fn size_of_segment(&self, base: Offset) -> Result<u32, OpenError> {
        let name = self.place.of(base, names::LOG);
        let file = self.place.disk().open(&name.path()).map_err(name.error("open"))?;
        let size = file.size().map_err(name.error("read"))?;
        u32::try_from(size).map_err(|_| OpenError::SegmentTooLarge { segment: base, size })
    }

    /// Takes the last segment as it was left; false when that makes no sense after all.
    fn resume_last(&mut self, size: u32) -> Result<bool, DiskError> {
        let interval = self.config.index_interval_bytes;
        let segment = self.segments.back_mut().expect("a segment was just added");
        match segment.rescan(&self.place, size, interval) {
            Err(error) if is_nonsense(&error) => Ok(false),
            rescanned => rescanned.map(|()| true),
        }
    }

    fn recover_last(&mut self, found: Found, opening: &Opening) -> Result<Recovered, DiskError> {
        let point = if opening.clean { Offset::ZERO } else { opening.recovery_point };
        let segment = self.segments.back_mut().expect("a segment was just added");
        let interval = self.config.index_interval_bytes;
        // The replay of the producers' state finds the aborted transactions again.
        segment.reset_aborted(&self.place)?;
        recover_segment(&self.place, segment, found, point, interval, |batch| {
            // What is in the log counts, not what the file says of it.
            self.epochs.truncate_end(batch.base_offset());
            self.epochs.begin(batch.partition_leader_epoch(), batch.base_offset());
        })
    }

    fn remove_segments(
        &mut self,
        bases: &[Offset],
        recovery: &mut Recovery,
    ) -> Result<(), OpenError> {
        for base in bases {
            let size = self.size_of_segment(*base)?;
            recovery.bytes_removed += u64::from(size);
            recovery.segments_removed += 1;
            self.remove_files(*base)?;
        }
        // Else another crash could bring them back, behind what is appended in their place.
        let folder = &self.place.folder;
        self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        Ok(())
    }

    /// Makes everything else agree with the segments.
    fn settle(
        &mut self,
        opening: &Opening,
        snapshots: Vec<Offset>,
        unindexed: Offset,
    ) -> Result<(), DiskError> {
        if let (Some(first), Some(last)) = (self.segments.front(), self.segments.back()) {
            self.start = opening.start_offset.max(first.base());
            self.end = last.end_of_batches();
        }
        if self.start > self.end {
            // A crash took what was left behind the start; offsets are not given twice.
            return self.try_restart(self.start, opening.now.wall);
        }
        self.epochs.truncate_end(self.end);
        self.epochs.truncate_start(self.start);
        let snapshots = self.remove_snapshots_behind(self.end, snapshots)?;
        self.flush = if opening.clean {
            FlushState::durable_until(self.end, self.end)
        } else {
            // Not the start instead, where that is more: a crash that tears what lies before it
            // takes what follows along.
            let durable = opening.recovery_point.min(self.end);
            FlushState::durable_until(durable, durable)
        };
        self.flush.folder_changed = !opening.clean && !self.segments.is_empty();
        self.flush.is_new = self.flush.folder_changed;
        self.load_producers(&snapshots, unindexed)?;
        Ok(())
    }
}

fn list(place: &Place) -> Result<Vec<String>, DiskError> {
    place.disk().list(&place.folder).map_err(DiskError::at("list", &place.folder))
}

fn offsets_of(listed: &[String], wanted: &str) -> Vec<Offset> {
    let parsed = listed.iter().filter_map(|name| names::parse(name));
    parsed.filter(|(_, suffix)| *suffix == wanted).map(|(offset, _)| offset).collect()
}

fn has_indexes(listed: &[String], base: Offset) -> bool {
    let has = |suffix| listed.binary_search(&names::of_offset(base, suffix)).is_ok();
    has(names::INDEX) && has(names::TIME_INDEX)
}

fn is_nonsense(error: &DiskError) -> bool {
    matches!(error.error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

impl Log {
    /// The offsets that snapshots of the producers' state were written at, ascending.
    pub(super) fn snapshot_offsets(&self) -> Result<Vec<Offset>, DiskError> {
        Ok(offsets_of(&list(&self.place)?, names::SNAPSHOT))
    }
}
