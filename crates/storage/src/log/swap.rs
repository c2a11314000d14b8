//! Putting a cleaned segment in the place of others, so that a crash leaves the one or the others.
//!
//! The cleaned segment's files end in `.cleaned`, and mean nothing. Once its batches are renamed to
//! `.swap`, durably, it counts, and what it replaces does not: that is moved out of the way, the
//! indexes take their names, and last the batches lose their ending. Opening a log finishes that.

use std::{path::PathBuf, sync::Arc, time::Duration};

use runtime::Disk;
use types::Offset;

use super::{AppendError, Log, Removal};
use crate::{
    cleaner::{CleanedGroup, Source},
    error::DiskError,
    names,
    place::Place,
    segment::{Segment, index_files, segment_files},
    walk::Walk,
};

impl Log {
    /// Puts a cleaned segment in the place of those it was made of, and hands out their files for
    /// removal. Readers of the old files go on undisturbed. When the log has gone another way
    /// meanwhile, the cleaned segment is dropped, and nothing is returned.
    ///
    /// # Errors
    /// When the log is closed, or the disk fails, which closes the log.
    pub fn swap(&mut self, cleaned: CleanedGroup) -> Result<Option<Removal>, AppendError> {
        let Some(first) = self.check_open().map(|()| self.find_sources(&cleaned))? else {
            cleaned.discard();
            return Ok(None);
        };
        self.hints.clear();
        let paths = self.try_swap(&cleaned).inspect_err(|error| self.fail(error))?;
        let CleanedGroup { segment, sources, .. } = cleaned;
        drop(self.segments.drain(first..first + sources.len()));
        self.segments.insert(first, segment);
        self.flush.folder_changed = true;
        let delay = u64::try_from(self.config.file_delete_delay_ms).unwrap_or(0);
        let disk = Arc::clone(self.place.files.disk());
        Ok(Some(Removal::of_files(disk, paths, Duration::from_millis(delay))))
    }

    /// Where the segments are that a cleaned one is made of; none when one of them has changed.
    fn find_sources(&self, cleaned: &CleanedGroup) -> Option<usize> {
        let base = cleaned.sources.first()?.base;
        let first = self.segment_index(base)?;
        let is_same = |(source, segment): (&Source, &Segment)| {
            source.base == segment.base() && source.size == segment.size()
        };
        let behind = first + cleaned.sources.len();
        let is_there = cleaned.rewrites == self.rewrites
            && behind < self.segments.len()
            && cleaned.sources.iter().zip(self.segments.range(first..behind)).all(is_same);
        is_there.then_some(first)
    }

    fn try_swap(&self, cleaned: &CleanedGroup) -> Result<Vec<PathBuf>, DiskError> {
        let (disk, folder) = (self.place.disk(), &self.place.folder);
        let base = cleaned.segment.base();
        let from = cleaned.place.of(base, names::LOG).path();
        let swap = Place { ending: names::SWAP, ..self.place.clone() };
        let to = swap.of(base, names::LOG).path();
        disk.rename(&from, &to).map_err(DiskError::at("rename", &from))?;
        disk.sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        // From here on the cleaned segment counts.
        let mut paths = Vec::new();
        for source in &cleaned.sources {
            let snapshot = self.place.of(source.base, names::SNAPSHOT).path();
            for name in segment_files(&self.place, source.base) {
                let path = name.path();
                let stays = source.base == base && path == snapshot;
                if !stays && disk.exists(&path) {
                    paths.push(rename_deleted(disk, path)?);
                }
            }
        }
        finish(&self.place, base)?;
        Ok(paths)
    }

    /// Finishes the swaps that a crash cut off, and removes what never counted.
    pub(super) fn finish_swaps(&self, listed: &[String]) -> Result<(), DiskError> {
        let cleaned = bases(listed, names::CLEANED).min();
        for base in bases(listed, names::SWAP) {
            let swap = Place { ending: names::SWAP, ..self.place.clone() };
            let name = swap.of(base, names::LOG);
            if cleaned.is_some_and(|cleaned| cleaned <= base) {
                // Kafka split a segment that was too large, and did not finish: the whole one counts.
                self.place.disk().remove_file(&name.path()).map_err(name.error("remove"))?;
                continue;
            }
            tracing::info!(path = %name.path().display(), "finishing a swap");
            let end = end_of(&swap, base)?;
            for other in plain_bases(listed).filter(|other| base < *other && *other < end) {
                self.remove_files(other)?;
            }
            finish(&self.place, base)?;
            let folder = &self.place.folder;
            self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        }
        Ok(())
    }
}

/// Gives a cleaned segment its names: the batches last, after all else is durable.
fn finish(place: &Place, base: Offset) -> Result<(), DiskError> {
    let (disk, folder) = (place.disk(), &place.folder);
    let cleaned = Place { ending: names::CLEANED, ..place.clone() };
    let swap = Place { ending: names::SWAP, ..place.clone() };
    for ending in [&cleaned, &swap] {
        // Kafka lets the indexes follow the batches from ending to ending.
        for (from, to) in index_files(ending, base).iter().zip(index_files(place, base)) {
            if disk.exists(&from.path()) {
                disk.rename(&from.path(), &to.path()).map_err(from.error("rename"))?;
            }
        }
    }
    disk.sync_folder(folder).map_err(DiskError::at("sync", folder))?;
    let (from, to) = (swap.of(base, names::LOG), place.of(base, names::LOG));
    disk.rename(&from.path(), &to.path()).map_err(from.error("rename"))
}

fn rename_deleted(disk: &dyn Disk, path: PathBuf) -> Result<PathBuf, DiskError> {
    let mut renamed = path.as_os_str().to_owned();
    renamed.push(names::DELETED);
    let renamed = PathBuf::from(renamed);
    disk.rename(&path, &renamed).map_err(DiskError::at("rename", &path))?;
    Ok(renamed)
}

/// Where the batches of a segment end.
fn end_of(place: &Place, base: Offset) -> Result<Offset, DiskError> {
    let name = place.of(base, names::LOG);
    let file = name.disk().open(&name.path()).map_err(name.error("open"))?;
    let size = file.size().map_err(name.error("read"))?;
    let mut walk = Walk::new(file, 0, u32::try_from(size).unwrap_or(u32::MAX));
    let mut end = base;
    while let Some(batch) = walk.next_in(name)? {
        end = batch.header.last_offset().next();
    }
    Ok(end)
}

/// The offsets of the files of batches that have an ending.
fn bases<'a>(listed: &'a [String], ending: &'a str) -> impl Iterator<Item = Offset> + 'a {
    let plain = listed.iter().filter_map(move |name| name.strip_suffix(ending));
    plain.filter_map(names::parse).filter(|(_, suffix)| *suffix == names::LOG).map(|(base, _)| base)
}

fn plain_bases(listed: &[String]) -> impl Iterator<Item = Offset> {
    bases(listed, "")
}
