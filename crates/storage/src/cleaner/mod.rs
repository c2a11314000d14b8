//! Compaction: of each key only the last record is kept.
//!
//! A round of it reads the part of a log that was appended since the last one and notes the last
//! offset of each key; then it copies all segments up to there, without the records that have been
//! superseded, into fresh files, which take the place of the old ones. Offsets never change, and
//! nothing is removed that has not been superseded by something durable. What decides here is pure;
//! the work goes on in bounded steps on a thread of its own, without the log's lock, and only the
//! swap at the end of a group of segments needs the log.

mod batches;
mod cleaned_segment;
mod cleaning;
mod error;
mod filter;
mod groups;
mod offset_map;
mod range;
mod transactions;

pub use cleaned_segment::CleanedGroup;
pub use cleaning::{Cleaning, Progress, Stats};
pub use error::CleanError;
pub use range::Cleanable;

pub(crate) use cleaning::Assignment;
pub(crate) use filter::LastOfProducer;
pub(crate) use groups::Source;
pub(crate) use range::{Limits, SegmentFacts};

/// What all cleaning on a broker goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CleanerSettings {
    /// The share of `log.cleaner.dedupe.buffer.size` that one round may take for the keys.
    pub map_bytes: usize,
    /// `log.cleaner.io.buffer.load.factor`: how full the map of keys may become.
    pub load_factor: f64,
    /// The share of `log.cleaner.io.buffer.size` that one round may take for reading, and as much
    /// again for writing.
    pub buffer_bytes: usize,
}

impl CleanerSettings {
    /// How many bytes a key takes in the map, however long it is.
    pub const BYTES_PER_KEY: usize = offset_map::SLOT_BYTES;
}
