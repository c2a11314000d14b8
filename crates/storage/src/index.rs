//! The two indexes of a segment: from offsets to positions and from timestamps to offsets.
//!
//! Both are sparse. An entry of the offset index is the last offset of a batch and the position
//! where that batch begins; an entry of the time index is the largest timestamp so far and the last
//! offset of the batch it came with.

use types::Timestamp;

use crate::entries::Entry;

/// An entry of the offset index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    /// The last offset of the batch, from the segment's base offset on.
    pub(crate) relative_offset: u32,
    /// Where the batch begins.
    pub(crate) position: u32,
}

impl Entry for IndexEntry {
    const SIZE: usize = 8;

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.relative_offset.to_be_bytes());
        bytes.extend(self.position.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> IndexEntry {
        IndexEntry { relative_offset: u32_at(bytes, 0), position: u32_at(bytes, 4) }
    }

    fn precedes(&self, next: &IndexEntry) -> bool {
        self.relative_offset < next.relative_offset && self.position < next.position
    }
}

/// An entry of the time index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeEntry {
    /// The largest timestamp of all batches so far.
    pub(crate) timestamp: Timestamp,
    /// The last offset of the first batch that has it, from the segment's base offset on.
    pub(crate) relative_offset: u32,
}

impl Entry for TimeEntry {
    const SIZE: usize = 12;

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.timestamp.0.to_be_bytes());
        bytes.extend(self.relative_offset.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> TimeEntry {
        let timestamp = (u64::from(u32_at(bytes, 0)) << 32) | u64::from(u32_at(bytes, 4));
        TimeEntry {
            timestamp: Timestamp(timestamp.cast_signed()),
            relative_offset: u32_at(bytes, 8),
        }
    }

    fn precedes(&self, next: &TimeEntry) -> bool {
        self.timestamp < next.timestamp && self.relative_offset < next.relative_offset
    }
}

fn u32_at(bytes: &[u8], position: usize) -> u32 {
    let field = bytes[position..position + 4].try_into().expect("the range has four bytes");
    u32::from_be_bytes(field)
}
