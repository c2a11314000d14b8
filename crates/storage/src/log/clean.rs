//! What compaction needs of a log: what can be cleaned, and the work itself to be handed out.

use std::sync::Arc;

use types::{Offset, ProducerId, Timestamp};

use super::Log;
use crate::{
    cleaner::{
        Assignment, CleanError, Cleanable, CleanerSettings, Cleaning, LastOfProducer, Limits,
        SegmentFacts, Source,
    },
    error::DiskError,
    producers::Producer,
};

impl Log {
    /// Everything before this offset has been compacted. It belongs into
    /// `cleaner-offset-checkpoint`.
    #[must_use]
    pub fn first_dirty_offset(&self) -> Offset {
        match self.first_dirty {
            // Another cleaner's checkpoint can be of a log that was longer or is shorter.
            first if first < self.start || first > self.end => self.start,
            first => first,
        }
    }

    /// What belongs into the checkpoint, when anything does.
    #[must_use]
    pub fn cleaned_to_note(&self) -> Option<Offset> {
        self.config.cleanup_policy.compact.then(|| self.first_dirty_offset())
    }

    /// What a cleaner could do, when everything before `stable`, the last stable offset, is decided.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn cleanable(&mut self, stable: Offset, now: Timestamp) -> Result<Cleanable, DiskError> {
        let first_dirty = self.first_dirty_offset();
        let config = Arc::clone(&self.config);
        let first = self.segment_index(first_dirty).unwrap_or(0);
        let mut facts = Vec::with_capacity(self.segments.len());
        for (index, segment) in self.segments.iter_mut().enumerate() {
            let mut known = SegmentFacts {
                base: segment.base(),
                size: segment.size(),
                first_timestamp: None,
                largest_timestamp: None,
            };
            if index >= first && config.compaction_lag_ms_max < i64::MAX {
                known.first_timestamp = segment.first_timestamp(&self.place)?;
            }
            if index >= first && config.compaction_lag_ms_min > 0 {
                let largest = segment.largest(&self.place)?.map(|largest| largest.timestamp);
                let dated = largest.filter(|largest| largest.0 >= 0);
                known.largest_timestamp = Some(dated.unwrap_or(segment.since));
            }
            facts.push(known);
        }
        let limits = Limits { stable, durable: self.flush.recovery_point() };
        Ok(Cleanable::of(&facts, first_dirty, limits, &config, now))
    }

    /// Hands out the work of cleaning a range that [`cleanable`](Log::cleanable) has just told.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn begin_cleaning(
        &mut self,
        range: Cleanable,
        settings: CleanerSettings,
        now: Timestamp,
    ) -> Result<Cleaning, DiskError> {
        let mut sources = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if segment.base() >= range.end {
                break;
            }
            let end = self.segment_end(index);
            sources.push(Source::new(segment.base(), end, segment.size(), segment.since));
        }
        let start = sources.first().map_or(range.end, |first| first.base);
        let given = Assignment {
            place: self.place.clone(),
            config: Arc::clone(&self.config),
            range,
            sources,
            aborted: self.aborted_transactions(start, range.end)?,
            producers: self.last_of_producers(range.end)?,
            rewrites: self.rewrites,
        };
        Ok(Cleaning::new(given, settings, now))
    }

    /// The last thing that each live producer wrote, and the last thing before `end`: what lies
    /// behind it may be lost in a crash, and then the one before it is the last.
    fn last_of_producers(
        &self,
        end: Offset,
    ) -> Result<Vec<(ProducerId, LastOfProducer)>, DiskError> {
        let before = self.read_snapshot(end)?.unwrap_or_default();
        let all = before.iter().chain(self.producers.iter());
        Ok(all.map(|(id, known)| (id, last_of(known))).collect())
    }

    /// Notes that everything before an offset is clean.
    pub fn finish_cleaning(&mut self, cleaning: &Cleaning, first_dirty: Offset) {
        if self.rewrites == cleaning.rewrites() {
            self.first_dirty = first_dirty;
        }
    }

    /// Takes the end of a round that cannot go on: a sync that failed closes the log.
    pub fn give_up_cleaning(&mut self, error: &CleanError) {
        if matches!(error, CleanError::Sync(_)) {
            self.fail(error);
        }
    }

    /// Notes that everything from an offset on may have been written anew.
    pub(super) fn forget_cleaning(&mut self, from: Offset) {
        self.rewrites += 1;
        self.first_dirty = self.first_dirty.min(from);
    }
}

fn last_of(producer: &Producer) -> LastOfProducer {
    match producer.batches.back() {
        Some(last) => LastOfProducer::Data(last.last_offset),
        None => LastOfProducer::Marker(producer.epoch),
    }
}
