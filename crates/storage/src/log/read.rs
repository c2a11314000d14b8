//! Reading: stretches of a segment that hold whole batches.

use runtime::FileSlice;
use types::Offset;

use super::Log;
use crate::{error::DiskError, tail::Found};

/// What a reader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// No more bytes than this.
    pub bytes_max: usize,
    /// But the first batch, however large it is.
    pub at_least_one_batch: bool,
    /// Only batches that end before this offset: the high watermark, or the end of the log.
    pub upper: Offset,
}

/// What a reader gets.
#[derive(Debug, Clone)]
pub struct Read {
    /// Whole batches, of which the first may begin before the offset that was asked for; none when
    /// nothing is there yet, or the first batch is too large.
    pub slice: Option<FileSlice>,
    /// The offset to go on from.
    pub next_offset: Offset,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such offset, or no longer.
    #[error("offset {offset} is not between {start} and {end}")]
    OutOfRange {
        /// What was asked for.
        offset: Offset,
        /// The start of the log.
        start: Offset,
        /// The end of the log.
        end: Offset,
    },
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Where the last reads stopped: a reader that goes on from there searches nothing.
#[derive(Debug, Default)]
pub(super) struct Hints {
    hints: Vec<Hint>,
    oldest: usize,
}

#[derive(Debug, Clone, Copy)]
struct Hint {
    segment: Offset,
    found: Found,
}

/// How many readers of one log are remembered.
const HINTS: usize = 8;

impl Hints {
    fn find(&self, segment: Offset, offset: Offset) -> Option<Found> {
        let hint =
            self.hints.iter().find(|hint| hint.segment == segment && hint.found.base == offset);
        hint.map(|hint| hint.found)
    }

    fn remember(&mut self, segment: Offset, found: Found) {
        let hint = Hint { segment, found };
        if self.hints.len() < HINTS {
            self.hints.push(hint);
        } else {
            self.hints[self.oldest] = hint;
            self.oldest = (self.oldest + 1) % HINTS;
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Hints::default();
    }
}

impl Log {
    /// Finds the batches from the one that holds `offset` on, up to the end of their segment.
    ///
    /// # Errors
    /// When the offset is not in the log, or the disk fails.
    pub fn read(&mut self, offset: Offset, limits: ReadLimits) -> Result<Read, ReadError> {
        let (start, end) = (self.start, self.end);
        if offset < start || offset > end {
            return Err(ReadError::OutOfRange { offset, start, end });
        }
        let upper = limits.upper.min(end);
        let nothing = Read { slice: None, next_offset: offset };
        if offset >= upper {
            return Ok(nothing);
        }
        let Some((index, first)) = self.find(offset)? else { return Ok(nothing) };
        let stop = self.stop(index, first, upper, limits)?;
        if stop.position <= first.position {
            return Ok(nothing);
        }
        let segment = &mut self.segments[index];
        self.hints.remember(segment.base(), stop);
        let slice = FileSlice {
            file: segment.file(&self.place)?,
            position: u64::from(first.position),
            size: (stop.position - first.position) as usize,
        };
        Ok(Read { slice: Some(slice), next_offset: stop.base })
    }

    /// The batch that holds `offset`, or the first one behind it, and the number of its segment.
    pub(super) fn find(&mut self, offset: Offset) -> Result<Option<(usize, Found)>, DiskError> {
        let Some(first) = self.segment_index(offset) else { return Ok(None) };
        for index in first..self.segments.len() {
            let segment = &mut self.segments[index];
            let found = match self.hints.find(segment.base(), offset) {
                Some(found) => Some(found),
                None => segment.find(&self.place, offset)?,
            };
            // Compaction can leave no batch at the end of a segment.
            if let Some(found) = found {
                return Ok(Some((index, found)));
            }
        }
        Ok(None)
    }

    /// The boundary to read up to, and the offset that comes next.
    fn stop(
        &mut self,
        index: usize,
        first: Found,
        upper: Offset,
        limits: ReadLimits,
    ) -> Result<Found, DiskError> {
        let end = self.visible_end(index, upper)?;
        let bytes_max = u32::try_from(limits.bytes_max).unwrap_or(u32::MAX);
        let limit = first.position.saturating_add(bytes_max);
        if end.position <= limit {
            return Ok(end);
        }
        let segment = &mut self.segments[index];
        let Some(crossing) = segment.crossing(&self.place, first.position, limit)? else {
            return Ok(end);
        };
        if crossing.position == first.position && limits.at_least_one_batch {
            let next = crossing.header.last_offset().next();
            let behind = Found { base: next, position: crossing.end() };
            // The batch that reaches behind the upper offset is not to be seen.
            return Ok(if behind.position <= end.position { behind } else { first });
        }
        Ok(Found { base: crossing.header.base_offset(), position: crossing.position })
    }

    /// Where the batches of a segment end that lie before `upper`.
    fn visible_end(&mut self, index: usize, upper: Offset) -> Result<Found, DiskError> {
        let segment_end = self.segment_end(index);
        let segment = &mut self.segments[index];
        let whole = Found { base: segment_end, position: segment.size() };
        if upper >= segment_end {
            return Ok(whole);
        }
        Ok(segment.find(&self.place, upper)?.unwrap_or(whole))
    }
}
