//! The producers' state as of the end of the log: a snapshot and what the batches behind it say.

use std::io;

use protocol::records::BatchHeader;
use types::{Offset, PlantedBug};

use super::Log;
use crate::{
    error::DiskError, marker::Marker, names, place::Place, producer_snapshot, producers::Producers,
    segment::Segment,
};

/// A snapshot with more bytes than this is not ours.
const SNAPSHOT_SIZE_MAX: u64 = 1 << 30;

/// Snapshots keep only the last batch of a producer. The others that may come again are looked for
/// in so many bytes before the snapshot.
const WINDOW_BYTES: u32 = 4 << 20;

impl Log {
    /// Rebuilds the producers' state and removes snapshots that nothing needs.
    ///
    /// `snapshots` are the offsets that there are snapshots of, ascending and not behind the end.
    /// From `unindexed` on aborted transactions may be missing in the indexes; they are added.
    pub(super) fn load_producers(
        &mut self,
        snapshots: &[Offset],
        unindexed: Offset,
    ) -> Result<(), DiskError> {
        self.producers = Producers::default();
        if PlantedBug::ForgetProducers.is_planted() {
            return Ok(());
        }
        let mut from = Offset::ZERO;
        for offset in snapshots.iter().rev().filter(|offset| **offset <= unindexed) {
            if let Some(producers) = self.read_snapshot(*offset)? {
                (self.producers, from) = (producers, *offset);
                break;
            }
        }
        for offset in snapshots {
            let is_needed = *offset == from || self.segments.iter().any(|s| s.base() == *offset);
            if !is_needed {
                self.remove_snapshot(*offset)?;
            }
        }
        self.complete_windows(from)?;
        self.replay_from(from)
    }

    /// A damaged snapshot is none, as is one that is missing.
    pub(super) fn read_snapshot(&self, offset: Offset) -> Result<Option<Producers>, DiskError> {
        let name = self.place.of(offset, names::SNAPSHOT);
        let bytes = match self.place.disk().read(&name.path(), SNAPSHOT_SIZE_MAX) {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::NotFound) =>
            {
                return Ok(None);
            }
            read => read.map_err(name.error("read"))?,
        };
        match producer_snapshot::decode(&bytes) {
            Ok(producers) => Ok(Some(producers)),
            Err(error) => {
                tracing::warn!(path = %name.path().display(), %error, "ignoring a snapshot");
                self.remove_snapshot(offset)?;
                Ok(None)
            }
        }
    }

    fn remove_snapshot(&self, offset: Offset) -> Result<(), DiskError> {
        let name = self.place.of(offset, names::SNAPSHOT);
        match self.place.disk().remove_file(&name.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(name.error("remove")(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Removes the snapshots behind `end`, durably, and returns the others.
    pub(super) fn remove_snapshots_behind(
        &self,
        end: Offset,
        mut snapshots: Vec<Offset>,
    ) -> Result<Vec<Offset>, DiskError> {
        let behind = snapshots.split_off(snapshots.partition_point(|offset| *offset <= end));
        for offset in &behind {
            self.remove_snapshot(*offset)?;
        }
        if !behind.is_empty() {
            // Else a crash could bring them back when the log has grown past them in another way.
            let folder = &self.place.folder;
            self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        }
        Ok(snapshots)
    }

    /// Notes all batches behind the newest good snapshot; the ones that a crash took or damaged are
    /// written again, since retention may remove what they stand for.
    fn replay_from(&mut self, from: Offset) -> Result<(), DiskError> {
        for index in self.segment_index(from).unwrap_or(0)..self.segments.len() {
            let base = self.segments[index].base();
            if base > from
                && let Err(error) = self.write_snapshot(base)
                && !error.is_full()
            {
                return Err(error);
            }
            self.replay_segment(index, from)?;
        }
        Ok(())
    }

    fn replay_segment(&mut self, index: usize, from: Offset) -> Result<(), DiskError> {
        let end = self.segment_end(index);
        let segment = &mut self.segments[index];
        let floor = segment.floor(&self.place, from)?;
        let name = self.place.of(segment.base(), names::LOG);
        let mut walk = segment.walk(&self.place, floor)?;
        while let Some(batch) = walk.next_in(name)? {
            if batch.header.base_offset() < from {
                continue;
            }
            let marker = match batch.header.is_control() {
                true => Marker::in_bytes(&segment.read_batch(&self.place, &batch)?),
                false => None,
            };
            if let Some(aborted) = self.producers.note(&batch.header, marker) {
                segment.note_aborted(&self.place, aborted)?;
            }
            // When the batch was appended is not known any more, and the times in its records say
            // little: the producer may have been at work a moment ago.
            self.producers.touch(batch.header.producer_id(), segment.since);
        }
        // What was added may lie before the recovery point: no flush would come to it.
        match segment.store_aborted(&self.place) {
            Ok(Some(file)) => file.sync().map_err(name.error("sync")),
            Ok(None) => Ok(()),
            Err(error) if error.is_full() && end > self.flush.recovery_point() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Finds the batches before a snapshot that clients may still send again.
    fn complete_windows(&mut self, snapshot: Offset) -> Result<(), DiskError> {
        let Some(last) = self.segment_index(snapshot.plus(-1)) else { return Ok(()) };
        let mut left = if self.producers.len() == 0 { 0 } else { WINDOW_BYTES };
        for index in (0..=last).rev() {
            if left == 0 {
                break;
            }
            let segment = &mut self.segments[index];
            let from = segment.size().saturating_sub(left);
            left = left.saturating_sub(segment.size());
            for header in batches_of_producers(&self.place, segment, from)?.iter().rev() {
                if header.base_offset() < snapshot {
                    self.producers.note_earlier(header);
                }
            }
        }
        Ok(())
    }
}

/// The batches of idempotent producers from about a position on.
fn batches_of_producers(
    place: &Place,
    segment: &mut Segment,
    from: u32,
) -> Result<Vec<BatchHeader>, DiskError> {
    let name = place.of(segment.base(), names::LOG);
    let from = segment.floor_of_position(place, from)?;
    let mut walk = segment.walk(place, from)?;
    let mut found = Vec::new();
    while let Some(batch) = walk.next_in(name)? {
        if batch.header.has_producer() {
            found.push(batch.header);
        }
    }
    Ok(found)
}
