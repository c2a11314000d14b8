//! The log of one partition: batches in segments, with offsets that only grow.
//!
//! A `Log` is an ordinary value that one owner calls; it asks no clock and starts nothing. What may
//! wait for the disk for long, a flush or a removal, is handed out as a value that runs on any
//! thread and comes back with its outcome. Which records are committed or visible is not its
//! business.

mod append;
mod clean;
mod close;
mod flush;
mod lookup;
mod open;
mod read;
mod replay;
mod retention;
mod roll;
mod swap;
mod transactions;
mod truncate;

use std::{collections::VecDeque, sync::Arc};

use types::{LeaderEpoch, Offset, Timestamp};

pub use append::{AppendError, Appended};
pub use close::CloseError;
pub use flush::{Flush, FlushError};
pub use lookup::{LookupError, TimeSearch, TimestampOffset};
pub use open::{OpenError, Opening, Recovery};
pub use read::{Read, ReadError, ReadLimits};
pub use retention::Removal;

use crate::{
    config::LogConfig,
    epochs::{EpochEnd, EpochFile, Epochs},
    place::Place,
    producers::{ActiveProducer, Producers},
    segment::Segment,
};
use flush::FlushState;
use read::Hints;

/// The log of one partition.
#[derive(Debug)]
pub struct Log {
    place: Place,
    config: Arc<LogConfig>,
    /// In order; the last one is appended to. None before the first append.
    segments: VecDeque<Segment>,
    start: Offset,
    end: Offset,
    epochs: Epochs,
    epoch_file: Arc<EpochFile>,
    producers: Producers,
    flush: FlushState,
    hints: Hints,
    /// Everything before it has been compacted.
    first_dirty: Offset,
    /// How often something was taken back: what was read before may be wrong.
    rewrites: u64,
    closed: Option<Closed>,
}

/// Why a log takes nothing more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// It was closed in good order.
    #[error("the log was closed")]
    Cleanly,
    /// It was deleted.
    #[error("the log was deleted")]
    Deleted,
    /// The disk failed; what of the last writes is on it is unknown.
    #[error("the log was closed because the disk failed: {0}")]
    Failed(String),
}

impl Log {
    /// The first offset that may be read.
    #[must_use]
    pub fn start_offset(&self) -> Offset {
        self.start
    }

    /// Where the log starts, when only `log-start-offset-checkpoint` can say so.
    #[must_use]
    pub fn start_to_note(&self) -> Option<Offset> {
        let first = self.segments.front().map_or(Offset::ZERO, Segment::base);
        (self.start > first).then_some(self.start)
    }

    /// The offset that the next record gets.
    #[must_use]
    pub fn end_offset(&self) -> Offset {
        self.end
    }

    /// Everything before this offset is on disk, whatever becomes of this machine.
    #[must_use]
    pub fn flushed_end(&self) -> Offset {
        self.flush.flushed()
    }

    /// Recovery after a crash need not look at what lies before this offset. It belongs into
    /// `recovery-point-offset-checkpoint`.
    #[must_use]
    pub fn recovery_point(&self) -> Offset {
        self.flush.recovery_point()
    }

    /// How many bytes of batches there are.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.size())).sum()
    }

    /// How many segments there are.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// How many producers are remembered.
    #[must_use]
    pub fn producer_count(&self) -> usize {
        self.producers.len()
    }

    /// What can be seen of each producer that is remembered, by id.
    #[must_use]
    pub fn active_producers(&self) -> Vec<ActiveProducer> {
        self.producers.active()
    }

    /// The folder of the log.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        &self.place.folder
    }

    /// The settings of the log.
    #[must_use]
    pub fn config(&self) -> &Arc<LogConfig> {
        &self.config
    }

    /// Changes the settings; they hold from the next call on.
    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        self.config = config;
    }

    /// Why the log takes nothing more, when that is so.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// Notes that this replica leads from here on: the epoch begins at the end of the log.
    pub fn begin_epoch(&mut self, epoch: LeaderEpoch) {
        self.epochs.begin(epoch, self.end);
    }

    /// The newest leader epoch that began in this log.
    #[must_use]
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest()
    }

    /// The leader epoch that a record was appended in.
    #[must_use]
    pub fn epoch_of(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.of(offset)
    }

    /// Where an epoch ends in this log; none when it has not begun here.
    #[must_use]
    pub fn epoch_end_offset(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        self.epochs.end_of(epoch, self.end)
    }

    /// Forgets producers that have written nothing since `oldest`.
    pub fn expire_producers(&mut self, oldest: Timestamp) {
        self.producers.expire(oldest);
    }

    /// The segment that holds `offset`, or would: the last that begins at it or before it.
    fn segment_index(&self, offset: Offset) -> Option<usize> {
        self.segments.partition_point(|segment| segment.base() <= offset).checked_sub(1)
    }

    /// Where a segment ends.
    fn segment_end(&self, index: usize) -> Offset {
        self.segments.get(index + 1).map_or(self.end, Segment::base)
    }

    fn fail(&mut self, error: &impl std::fmt::Display) {
        if self.closed.is_none() {
            tracing::error!(
                folder = %self.place.folder.display(), %error,
                "the disk failed, so the log is closed: see to the disk, then restart the broker"
            );
            self.closed = Some(Closed::Failed(error.to_string()));
        }
    }

    fn check_open(&self) -> Result<(), Closed> {
        self.closed.clone().map_or(Ok(()), Err)
    }
}
