//! One segment of a log: a file of batches and its indexes.
//!
//! A segment knows where its batches begin. It does not know which of them are durable or visible,
//! and it never decides when to make place for the next one.

mod aborted;
mod search;

use std::{io, sync::Arc};

use runtime::File;
use types::{Offset, Timestamp};

use crate::{
    aborted::AbortedEntry,
    entries::Entries,
    error::DiskError,
    index::{IndexEntry, TimeEntry},
    names,
    open_files::FileHandle,
    place::{FileName, Place},
    room,
    tail::Tail,
    walk::{Placed, Walk, size_of},
};

/// A segment; the last one of a log is appended to.
#[derive(Debug)]
pub(crate) struct Segment {
    base: Offset,
    size: u32,
    log: FileHandle,
    indexes: Option<Indexes>,
    /// The aborted transactions, once they are needed.
    aborted: Option<Entries<AbortedEntry>>,
    bytes_since_entry: u32,
    largest: Option<Largest>,
    first_timestamp: Option<Timestamp>,
    /// When the first batch came, or the segment was opened.
    pub(crate) since: Timestamp,
    tail: Tail,
}

/// The indexes, once they are needed.
#[derive(Debug)]
pub(crate) struct Indexes {
    pub(crate) offsets: Entries<IndexEntry>,
    pub(crate) times: Entries<TimeEntry>,
}

/// The largest timestamp of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Largest {
    pub(crate) timestamp: Timestamp,
    /// The last offset of the first batch that has it.
    pub(crate) offset: Offset,
}

impl Indexes {
    pub(crate) fn new() -> Indexes {
        Indexes { offsets: Entries::new(), times: Entries::new() }
    }
}

impl Segment {
    /// Creates the file of a segment that begins at `base`.
    pub(crate) fn create(
        place: &Place,
        base: Offset,
        now: Timestamp,
    ) -> Result<Segment, DiskError> {
        let mut segment = Segment::existing(base, 0, now);
        segment.indexes = Some(Indexes::new());
        segment.aborted = Some(Entries::new());
        let name = place.of(base, names::LOG);
        segment.log.create(name).map_err(name.error("create"))?;
        Ok(segment)
    }

    /// A segment whose file is there; its indexes are read when they are first needed.
    pub(crate) fn existing(base: Offset, size: u32, since: Timestamp) -> Segment {
        Segment {
            base,
            size,
            log: FileHandle::default(),
            indexes: None,
            aborted: None,
            bytes_since_entry: 0,
            largest: None,
            first_timestamp: None,
            since,
            tail: Tail::default(),
        }
    }

    pub(crate) fn base(&self) -> Offset {
        self.base
    }

    pub(crate) fn size(&self) -> u32 {
        self.size
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The file of batches.
    pub(crate) fn file(&mut self, place: &Place) -> Result<Arc<dyn File>, DiskError> {
        let name = place.of(self.base, names::LOG);
        self.log.open(name).map_err(name.error("open"))
    }

    /// Notes a batch that was written at the end, or found there.
    ///
    /// `interval` is `index.interval.bytes`.
    pub(crate) fn note(
        &mut self,
        place: &Place,
        batch: &Placed,
        interval: u32,
    ) -> Result<(), DiskError> {
        assert!(batch.position == self.size, "a batch is noted where the segment ends");
        let last = batch.header.last_offset();
        self.note_timestamp(batch.header.max_timestamp(), last);
        if self.bytes_since_entry > interval {
            let relative_offset = self.relative(last);
            let entry = IndexEntry { relative_offset, position: batch.position };
            let full_page = self.indexes(place)?.offsets.push(entry);
            if full_page {
                let name = place.of(self.base, names::INDEX);
                let stored = self.indexes(place)?.offsets.store(name);
                room::or_later(stored).map_err(name.error("write"))?;
            }
            self.note_largest(place)?;
            self.bytes_since_entry = 0;
        }
        self.skip(batch);
        Ok(())
    }

    /// Takes a batch over that the indexes already know.
    pub(crate) fn skip(&mut self, batch: &Placed) {
        self.bytes_since_entry = self.bytes_since_entry.saturating_add(size_of(&batch.header));
        self.size = batch.end();
        self.tail.push(batch);
    }

    fn note_timestamp(&mut self, timestamp: Timestamp, offset: Offset) {
        if self.size == 0 {
            self.first_timestamp = Some(timestamp);
        }
        if self.largest.is_none_or(|largest| largest.timestamp < timestamp) {
            self.largest = Some(Largest { timestamp, offset });
        }
    }

    /// Adds the largest timestamp so far to the time index, unless it is there.
    pub(crate) fn note_largest(&mut self, place: &Place) -> Result<(), DiskError> {
        let Some(largest) = self.largest else { return Ok(()) };
        let relative_offset = self.relative(largest.offset);
        let entry = TimeEntry { timestamp: largest.timestamp, relative_offset };
        let times = &mut self.indexes(place)?.times;
        let known = times.last().map_or(Timestamp::NONE, |last| last.timestamp);
        if entry.timestamp > known && times.push(entry) {
            let name = place.of(self.base, names::TIME_INDEX);
            let stored = self.indexes(place)?.times.store(name);
            room::or_later(stored).map_err(name.error("write"))?;
        }
        Ok(())
    }

    /// Whether `last`, the last offset of a batch, can be told from the base offset by 31 bits.
    pub(crate) fn reaches(&self, last: Offset) -> bool {
        i32::try_from(last.since(self.base)).is_ok_and(|relative| relative >= 0)
    }

    fn relative(&self, offset: Offset) -> u32 {
        u32::try_from(offset.since(self.base)).expect("batches that do not reach are not appended")
    }

    /// How many entries both indexes have.
    pub(crate) fn index_entries(&mut self, place: &Place) -> Result<(usize, usize), DiskError> {
        let indexes = self.indexes(place)?;
        Ok((indexes.offsets.len(), indexes.times.len()))
    }

    /// Writes the entries that are in memory only and returns the files for syncing.
    pub(crate) fn store_indexes(&mut self, place: &Place) -> Result<Vec<Arc<dyn File>>, DiskError> {
        let base = self.base;
        let indexes = self.indexes(place)?;
        let name = place.of(base, names::INDEX);
        let offsets = indexes.offsets.store(name).map_err(name.error("write"))?;
        let name = place.of(base, names::TIME_INDEX);
        let times = indexes.times.store(name).map_err(name.error("write"))?;
        let aborted = self.store_aborted(place)?;
        Ok([offsets, times].into_iter().chain(aborted).collect())
    }

    /// The first batch's timestamp, from which on `segment.ms` counts in the records' own time.
    pub(crate) fn first_timestamp(
        &mut self,
        place: &Place,
    ) -> Result<Option<Timestamp>, DiskError> {
        if self.first_timestamp.is_none() {
            let name = place.of(self.base, names::LOG);
            let first = self.walk(place, 0)?.next_in(name)?;
            self.first_timestamp = first.map(|first| first.header.max_timestamp());
        }
        Ok(self.first_timestamp)
    }

    /// The largest timestamp and the last offset of its batch; none while there are no batches.
    pub(crate) fn largest(&mut self, place: &Place) -> Result<Option<Largest>, DiskError> {
        self.indexes(place)?;
        Ok(self.largest)
    }

    /// Whether the indexes were read.
    pub(crate) fn has_indexes(&self) -> bool {
        self.indexes.is_some()
    }

    fn indexes(&mut self, place: &Place) -> Result<&mut Indexes, DiskError> {
        if self.indexes.is_none() {
            let name = place.of(self.base, names::INDEX);
            let offsets = Entries::open(name).map_err(name.error("open"))?;
            let name = place.of(self.base, names::TIME_INDEX);
            let times = Entries::<TimeEntry>::open(name).map_err(name.error("open"))?;
            self.take_indexes(Indexes { offsets, times });
        }
        Ok(self.indexes.as_mut().expect("the indexes were just opened"))
    }

    /// Sets indexes that were read elsewhere.
    pub(crate) fn take_indexes(&mut self, indexes: Indexes) {
        self.indexes = Some(indexes);
        self.largest = self.largest_indexed();
    }

    /// Cuts the file and the indexes at the boundary `size`, durably.
    pub(crate) fn cut(&mut self, place: &Place, size: u32, interval: u32) -> Result<(), DiskError> {
        let name = place.of(self.base, names::LOG);
        let file = self.file(place)?;
        file.set_size(u64::from(size)).map_err(name.error("cut"))?;
        file.sync().map_err(name.error("sync"))?;
        self.cut_indexes(place, size)?;
        self.rescan(place, size, interval)?;
        self.cut_aborted(place, self.end_of_batches())
    }

    fn cut_indexes(&mut self, place: &Place, size: u32) -> Result<(), DiskError> {
        let base = self.base;
        let indexes = self.indexes(place)?;
        let name = place.of(base, names::INDEX);
        indexes.offsets.truncate(name, |entry| entry.position < size).map_err(name.error("cut"))?;
        let last = indexes.offsets.last().map(|entry| entry.relative_offset);
        let name = place.of(base, names::TIME_INDEX);
        // What the time index says of the stretch behind the last entry is found again there.
        indexes
            .times
            .truncate(name, |entry| Some(entry.relative_offset) <= last)
            .map_err(name.error("cut"))?;
        Ok(())
    }

    /// Notes the batches again that lie between the last index entry and `size`; fails as at invalid
    /// data where the index names a place without a batch or offsets go back, which no checksum tells.
    pub(crate) fn rescan(
        &mut self,
        place: &Place,
        size: u32,
        interval: u32,
    ) -> Result<(), DiskError> {
        let entry = self.indexes(place)?.offsets.last();
        self.largest = self.largest_indexed();
        self.restart(entry.map_or(0, |entry| entry.position));
        let name = place.of(self.base, names::LOG);
        let mut walk = Walk::new(self.file(place)?, self.size, size);
        if entry.is_some() {
            let nothing = || name.error("read")(nonsense("an index entry lies behind the end"));
            let indexed = walk.next_in(name)?.ok_or_else(nothing)?;
            self.check_follows(&indexed).map_err(name.error("read"))?;
            self.skip(&indexed);
        }
        while let Some(batch) = walk.next_in(name)? {
            self.check_follows(&batch).map_err(name.error("read"))?;
            self.note(place, &batch, interval)?;
        }
        Ok(())
    }

    fn check_follows(&self, batch: &Placed) -> io::Result<()> {
        let (first, last) = (batch.header.base_offset(), batch.header.last_offset());
        if first < self.end_of_batches() || last < first {
            return Err(nonsense("the offsets go back"));
        }
        Ok(())
    }

    fn largest_indexed(&self) -> Option<Largest> {
        let entry = self.indexes.as_ref()?.times.last()?;
        let offset = self.base.plus(i64::from(entry.relative_offset));
        Some(Largest { timestamp: entry.timestamp, offset })
    }

    /// Goes back to the boundary `size`: the batches behind it come again.
    pub(crate) fn restart(&mut self, size: u32) {
        self.size = size;
        self.bytes_since_entry = 0;
        self.first_timestamp = None;
        self.tail.clear();
    }

    /// The offset after the last batch of the segment that is appended to.
    pub(crate) fn end_of_batches(&self) -> Offset {
        self.tail.end().unwrap_or(self.base)
    }

    /// Forgets what only the last segment of a log needs.
    pub(crate) fn retire(&mut self) {
        self.tail.clear();
    }
}

fn nonsense(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The indexes of the segment that begins at `base`, which need not exist.
pub(crate) fn index_files(place: &Place, base: Offset) -> [FileName<'_>; 3] {
    let suffixes = [names::INDEX, names::TIME_INDEX, names::TRANSACTION_INDEX];
    suffixes.map(|suffix| place.of(base, suffix))
}

/// The files of the segment that begins at `base`, those included that need not exist.
pub(crate) fn segment_files(place: &Place, base: Offset) -> [FileName<'_>; 5] {
    let suffixes =
        [names::LOG, names::INDEX, names::TIME_INDEX, names::TRANSACTION_INDEX, names::SNAPSHOT];
    suffixes.map(|suffix| place.of(base, suffix))
}
