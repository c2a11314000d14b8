//! The batches of a segment file, read in pieces of bounded size, each with its checksum checked.

use std::sync::Arc;

use protocol::records::{BatchError, BatchView};
use runtime::File;

use super::{CleanError, Source};
use crate::{names, place::Place};

/// Reads one segment from front to back.
pub(super) struct Batches {
    file: Arc<dyn File>,
    source: Source,
    /// Where the next batch begins.
    position: u32,
    chunk: Vec<u8>,
    /// How much of the chunk is done with.
    done: usize,
    chunk_bytes: usize,
}

impl Batches {
    /// Opens the file of a segment. One that is gone was removed meanwhile.
    pub(super) fn open(
        place: &Place,
        source: Source,
        chunk_bytes: usize,
    ) -> Result<Batches, CleanError> {
        let name = place.of(source.base, names::LOG);
        let file = place.disk().open(&name.path()).map_err(CleanError::disk(name, "open"))?;
        Ok(Batches { file, source, position: 0, chunk: Vec::new(), done: 0, chunk_bytes })
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// How many bytes have been given out.
    pub(super) fn position(&self) -> u32 {
        self.position
    }

    /// The next batch; none at the end of the segment.
    pub(super) fn next(&mut self, place: &Place) -> Result<Option<BatchView<'_>>, CleanError> {
        if self.position >= self.source.size {
            return Ok(None);
        }
        let mut needed = match BatchView::parse(&self.chunk[self.done..]) {
            Err(BatchError::Torn { needed, .. }) => needed,
            Err(error) => return Err(self.corrupt(&error)),
            Ok(_) => 0,
        };
        // The header may come with the first piece, and ask for more than that.
        while needed > self.chunk.len() - self.done {
            self.read(place, needed)?;
            needed = match BatchView::parse(&self.chunk) {
                Err(BatchError::Torn { needed, .. }) => needed,
                Err(error) => return Err(self.corrupt(&error)),
                Ok(_) => 0,
            };
        }
        let batch = BatchView::parse(&self.chunk[self.done..]).expect("it was just parsed");
        if !batch.crc_is_valid() {
            return Err(self.corrupt(&"its checksum does not match"));
        }
        let size = batch.size();
        self.done += size;
        self.position += u32::try_from(size).expect("a batch lies within its segment");
        let start = self.done - size;
        Ok(Some(BatchView::parse(&self.chunk[start..]).expect("it was just parsed")))
    }

    /// Reads a piece from the next batch on, at least `needed` bytes of it.
    fn read(&mut self, place: &Place, needed: usize) -> Result<(), CleanError> {
        // No more is read than there is, whatever a damaged header asks for.
        let left = (self.source.size - self.position) as usize;
        if needed > left {
            return Err(self.corrupt(&format!("it has {needed} bytes where {left} are left")));
        }
        let wanted = needed.max(self.chunk_bytes).min(left);
        self.chunk.resize(wanted, 0);
        self.chunk.shrink_to(self.chunk_bytes.max(wanted));
        self.done = 0;
        let name = place.of(self.source.base, names::LOG);
        self.file
            .read_exact_at(&mut self.chunk, u64::from(self.position))
            .map_err(CleanError::disk(name, "read"))
    }

    pub(super) fn corrupt(&self, reason: &dyn std::fmt::Display) -> CleanError {
        CleanError::Corrupt {
            segment: self.source.base,
            position: self.position,
            reason: reason.to_string(),
        }
    }
}
