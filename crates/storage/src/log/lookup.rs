//! Looking for records by their time.
//!
//! The log says which segment to look into; the look itself reads batches, may take long, and needs
//! the log no more.

use std::{path::PathBuf, sync::Arc};

use protocol::records::{BatchError, BatchView, DecompressError, RecordError};
use runtime::File;
use types::{LeaderEpoch, Offset, Timestamp};

use super::Log;
use crate::{
    error::DiskError,
    names,
    segment::Segment,
    walk::{Placed, Walk},
};

/// A record and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampOffset {
    /// The record's time.
    pub timestamp: Timestamp,
    /// The record's offset.
    pub offset: Offset,
    /// The epoch of the leader that appended it.
    pub leader_epoch: LeaderEpoch,
}

/// Why no record was found that may be there.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A batch is damaged.
    #[error("failed to read the batch at offset {offset}: {error}")]
    Batch {
        /// The first offset of the batch.
        offset: Offset,
        /// What is wrong with it.
        error: DamagedBatch,
    },
}

/// What is wrong with a batch in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DamagedBatch {
    /// Its header.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The compressed records.
    #[error(transparent)]
    Payload(#[from] DecompressError),
    /// A record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Records are decompressed up to this size to look for one.
const UNCOMPRESSED_SIZE_MAX: usize = 256 << 20;

/// A look into one segment; it can be taken on any thread while the log goes on.
#[derive(Debug)]
#[must_use = "nothing is found before this is run"]
pub struct TimeSearch {
    sought: Sought,
    file: Arc<dyn File>,
    path: PathBuf,
    segment: Offset,
    /// The boundaries between which batches are looked at.
    from: u32,
    end: u32,
    /// The start of the log: what lies before it does not count.
    start: Offset,
}

/// Which record is looked for.
#[derive(Debug, Clone, Copy)]
enum Sought {
    /// The first of this time or a later one.
    From(Timestamp),
    /// The first of the latest time.
    Latest,
}

impl Log {
    /// The first record whose time is `timestamp` or later.
    ///
    /// # Errors
    /// When the disk fails or the batch is damaged.
    pub fn offset_for_timestamp(
        &mut self,
        timestamp: Timestamp,
    ) -> Result<Option<TimestampOffset>, LookupError> {
        let mut after = Offset::NONE;
        while let Some(search) = self.time_search(timestamp, after)? {
            let found = search.run()?;
            if found.is_some() {
                return Ok(found);
            }
            after = search.segment();
        }
        Ok(None)
    }

    /// The first record that has the largest time in the log.
    ///
    /// # Errors
    /// When the disk fails or the batch is damaged.
    pub fn offset_of_max_timestamp(&mut self) -> Result<Option<TimestampOffset>, LookupError> {
        TimeSearch::latest(&self.latest_searches()?)
    }

    /// Reads the largest time of one segment of which it is not known; false when all are known.
    /// Who does so before a search holds the log up for one small read at a time.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn learn_times(&mut self) -> Result<bool, LookupError> {
        let unknown = self.segments.iter_mut().find(|segment| !segment.has_indexes());
        match unknown {
            Some(segment) => Ok(segment.largest(&self.place).map(|_| true)?),
            None => Ok(false),
        }
    }

    /// Where to look for the first record whose time is `timestamp` or later, in segments that begin
    /// behind `after`; none when there is no such record.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn time_search(
        &mut self,
        timestamp: Timestamp,
        after: Offset,
    ) -> Result<Option<TimeSearch>, LookupError> {
        let first = self.segments.partition_point(|segment| segment.base() <= after);
        for index in first..self.segments.len() {
            let largest = self.segments[index].largest(&self.place)?;
            if largest.is_some_and(|largest| largest.timestamp >= timestamp) {
                return Ok(Some(self.search(index, Sought::From(timestamp))?));
            }
        }
        Ok(None)
    }

    /// Where to look for the first record that has the largest time in the log.
    ///
    /// Of the segment that the log starts in, the record with the largest time can be one that is
    /// gone: it is looked through.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn latest_searches(&mut self) -> Result<Vec<TimeSearch>, LookupError> {
        let mut searches = Vec::new();
        let mut best: Option<(usize, Timestamp)> = None;
        for index in self.segment_index(self.start).unwrap_or(0)..self.segments.len() {
            if self.segments[index].base() < self.start {
                searches.push(self.search(index, Sought::Latest)?);
                continue;
            }
            let Some(largest) = self.segments[index].largest(&self.place)? else { continue };
            if best.is_none_or(|(_, best)| best < largest.timestamp) {
                best = Some((index, largest.timestamp));
            }
        }
        if let Some((index, timestamp)) = best {
            searches.push(self.search(index, Sought::From(timestamp))?);
        }
        Ok(searches)
    }

    fn search(&mut self, index: usize, sought: Sought) -> Result<TimeSearch, DiskError> {
        let start = self.start;
        let segment: &mut Segment = &mut self.segments[index];
        let mut from = segment.floor(&self.place, start)?;
        if let Sought::From(timestamp) = sought {
            from = from.max(segment.floor_of_time(&self.place, timestamp)?);
        }
        Ok(TimeSearch {
            sought,
            file: segment.file(&self.place)?,
            path: self.place.of(segment.base(), names::LOG).path(),
            segment: segment.base(),
            from,
            end: segment.size(),
            start,
        })
    }
}

impl TimeSearch {
    /// The first offset of the segment that is looked into.
    #[must_use]
    pub fn segment(&self) -> Offset {
        self.segment
    }

    /// Looks.
    ///
    /// # Errors
    /// When the disk fails or the batch is damaged.
    pub fn run(&self) -> Result<Option<TimestampOffset>, LookupError> {
        match self.sought {
            Sought::From(timestamp) => self.first_from(timestamp),
            Sought::Latest => self.latest_of_all(),
        }
    }

    /// Takes several looks and returns the latest that was found, the first of them when several
    /// are.
    ///
    /// # Errors
    /// When the disk fails or the batch is damaged.
    pub fn latest(searches: &[TimeSearch]) -> Result<Option<TimestampOffset>, LookupError> {
        let mut best: Option<TimestampOffset> = None;
        for search in searches {
            let Some(found) = search.run()? else { continue };
            if best.is_none_or(|best| best.timestamp < found.timestamp) {
                best = Some(found);
            }
        }
        Ok(best)
    }

    fn first_from(&self, timestamp: Timestamp) -> Result<Option<TimestampOffset>, LookupError> {
        let mut walk = self.walk();
        while let Some(batch) = self.next(&mut walk)? {
            if batch.header.max_timestamp() < timestamp || batch.header.last_offset() < self.start {
                continue;
            }
            let found = self.in_batch(&batch, Sought::From(timestamp))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn latest_of_all(&self) -> Result<Option<TimestampOffset>, LookupError> {
        let mut walk = self.walk();
        let mut best: Option<TimestampOffset> = None;
        while let Some(batch) = self.next(&mut walk)? {
            let is_later = |best: TimestampOffset| batch.header.max_timestamp() > best.timestamp;
            if batch.header.last_offset() < self.start || !best.is_none_or(is_later) {
                continue;
            }
            let found = self.in_batch(&batch, Sought::Latest)?;
            let times = (found.map(|found| found.timestamp), best.map(|best| best.timestamp));
            if times.0 > times.1 {
                best = found;
            }
        }
        Ok(best)
    }

    fn walk(&self) -> Walk {
        Walk::new(Arc::clone(&self.file), self.from, self.end)
    }

    fn next(&self, walk: &mut Walk) -> Result<Option<Placed>, DiskError> {
        walk.next().map_err(DiskError::at("read", &self.path))
    }

    fn in_batch(
        &self,
        batch: &Placed,
        sought: Sought,
    ) -> Result<Option<TimestampOffset>, LookupError> {
        let mut bytes = vec![0; batch.header.size()];
        let read = self.file.read_exact_at(&mut bytes, u64::from(batch.position));
        read.map_err(DiskError::at("read", &self.path))?;
        let offset = batch.header.base_offset();
        record(&bytes, sought, self.start).map_err(|error| LookupError::Batch { offset, error })
    }
}

fn record(
    bytes: &[u8],
    sought: Sought,
    start: Offset,
) -> Result<Option<TimestampOffset>, DamagedBatch> {
    let batch = BatchView::parse(bytes)?;
    let payload = batch.payload(UNCOMPRESSED_SIZE_MAX)?;
    let mut best: Option<TimestampOffset> = None;
    for record in payload.records() {
        let record = record?;
        if record.offset < start {
            continue;
        }
        let found = TimestampOffset {
            timestamp: record.timestamp,
            offset: record.offset,
            leader_epoch: batch.partition_leader_epoch(),
        };
        match sought {
            Sought::From(timestamp) if found.timestamp >= timestamp => return Ok(Some(found)),
            Sought::From(_) => {}
            Sought::Latest if best.is_none_or(|best| best.timestamp < found.timestamp) => {
                best = Some(found);
            }
            Sought::Latest => {}
        }
    }
    Ok(best)
}
