//! Checking one segment after a crash: every batch from a point on, up to the first byte that makes
//! no sense.

use std::{io, sync::Arc};

use protocol::records::{BatchError, BatchHeader, BatchView};
use runtime::File;
use types::Offset;

use crate::{
    entries::Entries,
    error::DiskError,
    index::{IndexEntry, TimeEntry},
    names,
    place::Place,
    segment::{Indexes, Segment},
    walk::Placed,
};

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// What is left of a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recovered {
    pub(crate) size: u32,
    pub(crate) bytes_checked: u64,
    /// The offset after the last batch.
    pub(crate) end: Offset,
    /// Whether offsets are missing before its end, as only compaction leaves it.
    pub(crate) is_compacted: bool,
}

/// A segment as it was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// The size of its file.
    pub(crate) size: u32,
    /// Where the next one begins: a batch that reaches so far has a damaged offset, which no
    /// checksum covers.
    pub(crate) limit: Offset,
}

/// Checks a segment from the recovery point on, cuts it behind the last whole batch and writes its
/// indexes anew from there. Tells `found` of each batch that was checked.
pub(crate) fn recover_segment(
    place: &Place,
    segment: &mut Segment,
    Found { size, limit }: Found,
    recovery_point: Offset,
    interval: u32,
    mut found: impl FnMut(&BatchHeader),
) -> Result<Recovered, DiskError> {
    let name = place.of(segment.base(), names::LOG);
    let file = segment.file(place)?;
    let first = restore_indexes(place, segment, &file, size, recovery_point)?;
    let start = first.map_or(0, |first| first.position);
    let mut scan = Scan::new(file, start, size);
    let mut end = segment.base();
    let mut is_compacted = false;
    segment.restart(start);
    while let Some(batch) = scan.next().map_err(name.error("read"))? {
        let last = batch.header.last_offset();
        if batch.header.base_offset() < end || last >= limit || !segment.reaches(last) {
            break;
        }
        found(&batch.header);
        is_compacted |= has_holes(&batch.header, end);
        end = last.next();
        match first {
            Some(first) if first.position == batch.position => segment.skip(&batch),
            Some(_) | None => segment.note(place, &batch, interval)?,
        }
    }
    let left = segment.size();
    if left < size {
        let file = segment.file(place)?;
        file.set_size(u64::from(left)).map_err(name.error("cut"))?;
        file.sync().map_err(name.error("sync"))?;
    }
    segment.note_largest(place)?;
    if let Err(error) = segment.store_indexes(place)
        && !error.is_full()
    {
        return Err(error);
    }
    Ok(Recovered { size: left, bytes_checked: u64::from(left - start), end, is_compacted })
}

/// Whether offsets are missing in a batch, or between it and the `end` of the one before.
fn has_holes(batch: &BatchHeader, end: Offset) -> bool {
    batch.base_offset() != end || batch.count() != batch.last_offset_delta() + 1
}

/// Keeps of the indexes what lies before the recovery point and returns the batch of the last entry:
/// where to begin.
fn restore_indexes(
    place: &Place,
    segment: &mut Segment,
    file: &Arc<dyn File>,
    size: u32,
    recovery_point: Offset,
) -> Result<Option<Placed>, DiskError> {
    let base = segment.base();
    let durable = recovery_point.since(base);
    let name = place.of(base, names::INDEX);
    let offsets = Entries::<IndexEntry>::recover(name, |entry| {
        // The first batch never gets an entry; position 0 is the zeros of a hole.
        let is_inside = 0 < entry.position && entry.position < size;
        is_inside && i64::from(entry.relative_offset) < durable
    })
    .map_err(name.error("read"))?;
    let last = offsets.last();
    let first = last.and_then(|last| batch_of(file, size, base, last));
    // Without a batch that fits the last entry, none of them can be believed.
    let believed = first.map(|_| last.map_or(0, |last| last.relative_offset));
    let offsets = match first {
        Some(_) => offsets,
        None => Entries::recover(name, |_| false).map_err(name.error("cut"))?,
    };
    let name = place.of(base, names::TIME_INDEX);
    let times =
        Entries::<TimeEntry>::recover(name, |entry| Some(entry.relative_offset) <= believed)
            .map_err(name.error("read"))?;
    segment.take_indexes(Indexes { offsets, times });
    Ok(first)
}

fn batch_of(file: &Arc<dyn File>, size: u32, base: Offset, entry: IndexEntry) -> Option<Placed> {
    let batch = Scan::new(Arc::clone(file), entry.position, size).next().ok()??;
    let last = base.plus(i64::from(entry.relative_offset));
    (batch.header.last_offset() == last).then_some(batch)
}

/// Whole batches whose checksums match, read in large pieces.
struct Scan {
    file: Arc<dyn File>,
    /// Where the next batch begins.
    position: u32,
    end: u32,
    chunk: Vec<u8>,
    /// How much of the chunk is done with.
    done: usize,
}

impl Scan {
    fn new(file: Arc<dyn File>, from: u32, end: u32) -> Scan {
        Scan { file, position: from, end, chunk: Vec::new(), done: 0 }
    }

    /// The next batch; none where there is nothing more, or no more sense.
    fn next(&mut self) -> io::Result<Option<Placed>> {
        let mut parsed = BatchView::parse(&self.chunk[self.done..]);
        if let Err(BatchError::Torn { needed, .. }) = parsed {
            // No more is read than there is, whatever a damaged header asks for.
            let left = (self.end - self.position) as usize;
            if needed > left {
                return Ok(None);
            }
            self.read_chunk(needed.max(CHUNK).min(left))?;
            parsed = BatchView::parse(&self.chunk);
            // A header that came with this chunk can ask for more than the chunk.
            if let Err(BatchError::Torn { needed, .. }) = parsed {
                if needed > left {
                    return Ok(None);
                }
                self.read_chunk(needed)?;
                parsed = BatchView::parse(&self.chunk);
            }
        }
        let Ok(batch) = parsed else { return Ok(None) };
        if !batch.crc_is_valid() {
            return Ok(None);
        }
        let placed = Placed { position: self.position, header: *batch.header() };
        self.done += batch.size();
        self.position = placed.end();
        Ok(Some(placed))
    }

    fn read_chunk(&mut self, size: usize) -> io::Result<()> {
        self.chunk.resize(size, 0);
        let read = self.file.read_at(&mut self.chunk, u64::from(self.position))?;
        self.chunk.truncate(read);
        self.done = 0;
        Ok(())
    }
}
