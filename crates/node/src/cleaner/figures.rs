//! What the cleaner tells of itself, for metrics.

use std::time::Duration;

use storage::CleaningStats;
use types::Instant;

use super::choice::Candidate;

/// Kafka's figures of its cleaner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CleanerFigures {
    /// How dirty the dirtiest log was at the last look, from 0 to 1.
    pub dirty_ratio_max: f64,
    /// When the last look was.
    pub last_look: Instant,
    /// How long a record had waited beyond `max.compaction.lag.ms` at the last look, at most.
    pub compaction_delay_max: Duration,
    /// How long the last round took.
    pub last_round: Duration,
    /// How much of what the last round read it wrote again, from 0 to 1.
    pub recopied: f64,
    /// How full the map of keys was in the last round, from 0 to 1.
    pub buffer_utilization: f64,
    /// How many logs are left alone because they hold something damaged.
    pub uncleanable_partitions: usize,
    /// How much of them could be cleaned.
    pub uncleanable_bytes: u64,
}

impl CleanerFigures {
    pub(super) fn new(now: Instant) -> CleanerFigures {
        CleanerFigures {
            dirty_ratio_max: 0.0,
            last_look: now,
            compaction_delay_max: Duration::ZERO,
            last_round: Duration::ZERO,
            recopied: 0.0,
            buffer_utilization: 0.0,
            uncleanable_partitions: 0,
            uncleanable_bytes: 0,
        }
    }

    pub(super) fn note_look(&mut self, now: Instant, candidates: &[Candidate]) {
        self.last_look = now;
        let ratios = candidates.iter().map(|one| one.cleanable.dirty_ratio());
        self.dirty_ratio_max = ratios.fold(0.0, f64::max);
        let delays = candidates.iter().map(|one| one.cleanable.overdue_ms);
        let longest = u64::try_from(delays.max().unwrap_or(0)).unwrap_or(0);
        self.compaction_delay_max = Duration::from_millis(longest);
    }

    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    pub(super) fn note_round(&mut self, stats: &CleaningStats, took: Duration) {
        self.last_round = took;
        self.recopied = stats.bytes_written as f64 / stats.bytes_read.max(1) as f64;
        self.buffer_utilization = stats.map_utilization;
    }
}
