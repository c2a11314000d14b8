//! The producers' state as of the end of the log: a snapshot and what the batches behind it say.

use std::io;

use protocol::records::BatchHeader;
use types::Offset;

use super::Log;
use crate::{error::DiskError, names, producer_snapshot, producers::Producers};

/// A snapshot with more bytes than this is not ours.
const SNAPSHOT_SIZE_MAX: u64 = 1 << 30;

/// Snapshots keep only the last batch of a producer. The others that may come again are looked for
/// in so many bytes before the snapshot.
const WINDOW_BYTES: u32 = 4 << 20;

impl Log {
    /// Rebuilds the producers' state and removes snapshots that nothing needs.
    pub(super) fn load_producers(&mut self) -> Result<(), DiskError> {
        let snapshots = self.snapshot_offsets()?;
        let mut from = Offset::ZERO;
        self.producers = Producers::default();
        for offset in snapshots.iter().rev().filter(|offset| **offset <= self.end) {
            if let Some(producers) = self.read_snapshot(*offset)? {
                (self.producers, from) = (producers, *offset);
                break;
            }
        }
        for offset in snapshots {
            let is_needed = offset == from || self.segments.iter().any(|s| s.base() == offset);
            if !is_needed {
                self.remove_snapshot(offset)?;
            }
        }
        self.complete_windows(from)?;
        self.replay_from(from)
    }

    /// A damaged snapshot is none.
    fn read_snapshot(&self, offset: Offset) -> Result<Option<Producers>, DiskError> {
        let name = self.place.of(offset, names::SNAPSHOT);
        let bytes = match self.place.disk().read(&name.path(), SNAPSHOT_SIZE_MAX) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
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

    pub(super) fn remove_snapshots_behind(&self, end: Offset) -> Result<(), DiskError> {
        for offset in self.snapshot_offsets()? {
            if offset > end {
                self.remove_snapshot(offset)?;
            }
        }
        Ok(())
    }

    fn replay_from(&mut self, from: Offset) -> Result<(), DiskError> {
        let first = self.segment_index(from).unwrap_or(0);
        let mut producers = std::mem::take(&mut self.producers);
        for segment in self.segments.iter_mut().skip(first) {
            let floor = segment.floor(&self.place, from)?;
            let name = self.place.of(segment.base(), names::LOG);
            let mut walk = segment.walk(&self.place, floor)?;
            while let Some(batch) = walk.next_in(name)? {
                if batch.header.base_offset() >= from {
                    producers.note(&batch.header);
                }
            }
        }
        self.producers = producers;
        Ok(())
    }

    /// Finds the batches before a snapshot that clients may still send again.
    fn complete_windows(&mut self, snapshot: Offset) -> Result<(), DiskError> {
        if self.producers.len() == 0 {
            return Ok(());
        }
        let Some(index) = self.segment_index(snapshot.plus(-1)) else { return Ok(()) };
        let segment = &mut self.segments[index];
        let name = self.place.of(segment.base(), names::LOG);
        let from =
            segment.floor_of_position(&self.place, segment.size().saturating_sub(WINDOW_BYTES))?;
        let mut walk = segment.walk(&self.place, from)?;
        let mut earlier: Vec<BatchHeader> = Vec::new();
        while let Some(batch) = walk.next_in(name)? {
            if batch.header.base_offset() < snapshot && batch.header.has_producer() {
                earlier.push(batch.header);
            }
        }
        for header in earlier.iter().rev() {
            self.producers.note_earlier(header);
        }
        Ok(())
    }
}
