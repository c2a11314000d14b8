//! A segment in the making: it has its own names until it takes the place of others.

use protocol::records::BatchView;
use types::{Offset, Timestamp};

use super::{CleanError, Source};
use crate::{
    aborted::AbortedTransaction,
    names,
    place::Place,
    segment::{Segment, index_files},
    walk::{Placed, size_of},
};

/// A file larger than this could not be addressed by Kafka.
const SIZE_MAX: u32 = i32::MAX.cast_unsigned();

/// The segment that a group of others is copied into.
#[derive(Debug)]
pub(super) struct CleanedSegment {
    place: Place,
    segment: Segment,
    /// What belongs at the end of the file and is not there yet.
    pending: Vec<u8>,
    written: u64,
    buffer_bytes: usize,
    interval: u32,
    sources: Vec<Source>,
}

/// A finished segment, durable, and those whose place it is to take.
#[derive(Debug)]
#[must_use = "the log goes on with the old segments until it swaps this in"]
pub struct CleanedGroup {
    pub(crate) place: Place,
    pub(crate) segment: Segment,
    pub(crate) sources: Vec<Source>,
    /// [`Log::rewrites`](crate::Log) when the cleaning began.
    pub(crate) rewrites: u64,
}

impl CleanedSegment {
    /// Creates the files for a group of segments. `place` says by its ending that they are not the
    /// log's yet.
    pub(super) fn create(
        place: &Place,
        sources: Vec<Source>,
        buffer_bytes: usize,
        interval: u32,
    ) -> Result<CleanedSegment, CleanError> {
        let base = sources.first().expect("a group is not empty").base;
        let since = sources.last().map_or(Timestamp::NONE, |last| last.since);
        let name = place.of(base, names::LOG);
        // What was renamed before is durable before anything is made anew under such a name.
        place.disk().sync_folder(&place.folder).map_err(CleanError::sync(name))?;
        remove(place, base)?;
        let segment = Segment::create(place, base, since)?;
        let place = place.clone();
        let pending = Vec::new();
        Ok(CleanedSegment { place, segment, pending, written: 0, buffer_bytes, interval, sources })
    }

    /// Appends a batch.
    pub(super) fn push(&mut self, batch: &BatchView<'_>) -> Result<(), CleanError> {
        let position = self.segment.size();
        let header = *batch.header();
        if position.checked_add(size_of(&header)).is_none_or(|end| end > SIZE_MAX) {
            return Err(CleanError::TooLarge { segment: self.segment.base() });
        }
        self.segment.note(&self.place, &Placed { position, header }, self.interval)?;
        self.pending.extend_from_slice(batch.bytes());
        if self.pending.len() >= self.buffer_bytes {
            self.write()?;
        }
        Ok(())
    }

    pub(super) fn note_aborted(&mut self, aborted: AbortedTransaction) -> Result<(), CleanError> {
        Ok(self.segment.note_aborted(&self.place, aborted)?)
    }

    fn write(&mut self) -> Result<(), CleanError> {
        let name = self.place.of(self.segment.base(), names::LOG);
        self.segment
            .file(&self.place)?
            .write_all_at(&self.pending, self.written)
            .map_err(CleanError::disk(name, "write"))?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        self.pending.shrink_to(self.buffer_bytes);
        Ok(())
    }

    pub(super) fn size(&self) -> u32 {
        self.segment.size()
    }

    /// Makes all of it durable, names included.
    pub(super) fn finish(mut self, rewrites: u64) -> Result<CleanedGroup, CleanError> {
        self.write()?;
        self.segment.note_largest(&self.place)?;
        let base = self.segment.base();
        let name = self.place.of(base, names::LOG);
        let mut files = vec![self.segment.file(&self.place)?];
        files.extend(self.segment.store_indexes(&self.place)?);
        // Also an empty one: whether it is there says whether the old one was replaced.
        files.push(self.segment.create_aborted(&self.place)?);
        for file in files {
            file.sync().map_err(CleanError::sync(name))?;
        }
        let folder = &self.place.folder;
        self.place.disk().sync_folder(folder).map_err(CleanError::sync(name))?;
        self.segment.retire();
        Ok(CleanedGroup {
            place: self.place,
            segment: self.segment,
            sources: self.sources,
            rewrites,
        })
    }

    /// Removes what was written so far.
    pub(super) fn discard(self) {
        discard(&self.place, &self.segment);
    }
}

impl CleanedGroup {
    /// Removes the files: the log went another way.
    pub fn discard(self) {
        discard(&self.place, &self.segment);
    }
}

/// What a failed removal leaves behind goes when the log is next opened.
fn discard(place: &Place, segment: &Segment) {
    if let Err(error) = remove(place, segment.base()) {
        tracing::debug!(folder = %place.folder.display(), %error, "left a cleaned segment behind");
    }
}

fn remove(place: &Place, base: Offset) -> Result<(), CleanError> {
    for name in [place.of(base, names::LOG)].into_iter().chain(index_files(place, base)) {
        let path = name.path();
        if place.disk().exists(&path) {
            place.disk().remove_file(&path).map_err(CleanError::disk(name, "remove"))?;
        }
    }
    Ok(())
}
