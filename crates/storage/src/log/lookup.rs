//! Looking for records by their time.

use protocol::records::{BatchError, BatchView, DecompressError, RecordError};
use types::{LeaderEpoch, Offset, Timestamp};

use super::Log;
use crate::{error::DiskError, names};

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

impl Log {
    /// The first record whose time is `timestamp` or later.
    ///
    /// # Errors
    /// When the disk fails or the batch is damaged.
    pub fn offset_for_timestamp(
        &mut self,
        timestamp: Timestamp,
    ) -> Result<Option<TimestampOffset>, LookupError> {
        for index in 0..self.segments.len() {
            let largest = self.segments[index].largest(&self.place)?;
            if largest.is_none_or(|largest| largest.timestamp < timestamp) {
                continue;
            }
            let found = self.first_in_segment(index, timestamp)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The first record that has the largest time in the log.
    ///
    /// # Errors
    /// When the disk fails or the batch is damaged.
    pub fn offset_of_max_timestamp(&mut self) -> Result<Option<TimestampOffset>, LookupError> {
        let mut best = None;
        for index in 0..self.segments.len() {
            let largest = self.segments[index].largest(&self.place)?;
            let timestamp = largest.map_or(Timestamp::NONE, |largest| largest.timestamp);
            if best.map_or(Timestamp::NONE, |(_, best)| best) < timestamp {
                best = Some((index, timestamp));
            }
        }
        match best {
            Some((index, timestamp)) => self.first_in_segment(index, timestamp),
            None => Ok(None),
        }
    }

    fn first_in_segment(
        &mut self,
        index: usize,
        timestamp: Timestamp,
    ) -> Result<Option<TimestampOffset>, LookupError> {
        let start = self.start;
        let segment = &mut self.segments[index];
        let floor = segment.floor_of_time(&self.place, timestamp)?;
        let floor = floor.max(segment.floor(&self.place, start)?);
        let name = self.place.of(segment.base(), names::LOG);
        let mut walk = segment.walk(&self.place, floor)?;
        while let Some(batch) = walk.next_in(name)? {
            if batch.header.max_timestamp() < timestamp || batch.header.last_offset() < start {
                continue;
            }
            let bytes = segment.read_batch(&self.place, &batch)?;
            let found = first_record(&bytes, timestamp, start);
            let offset = batch.header.base_offset();
            if let Some(found) = found.map_err(|error| LookupError::Batch { offset, error })? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

fn first_record(
    bytes: &[u8],
    timestamp: Timestamp,
    start: Offset,
) -> Result<Option<TimestampOffset>, DamagedBatch> {
    let batch = BatchView::parse(bytes)?;
    let payload = batch.payload(UNCOMPRESSED_SIZE_MAX)?;
    for record in payload.records() {
        let record = record?;
        if record.timestamp >= timestamp && record.offset >= start {
            return Ok(Some(TimestampOffset {
                timestamp: record.timestamp,
                offset: record.offset,
                leader_epoch: batch.partition_leader_epoch(),
            }));
        }
    }
    Ok(None)
}
