//! Which part of a log can be cleaned, and how much it is worth.

use types::{Offset, Timestamp};

use crate::config::LogConfig;

/// What can be cleaned of a log at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleanable {
    /// Everything before this offset was cleaned before.
    pub first_dirty: Offset,
    /// Nothing from this offset on may be cleaned yet; segments before it end there.
    pub end: Offset,
    /// How many bytes lie before the first dirty offset.
    pub clean_bytes: u64,
    /// How many bytes could be cleaned that never were.
    pub dirty_bytes: u64,
    /// For how many milliseconds a record has been waiting longer than `max.compaction.lag.ms`; 0
    /// when none has.
    pub overdue_ms: i64,
}

/// What is known of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentFacts {
    pub(crate) base: Offset,
    pub(crate) size: u32,
    /// The first batch's time, where it is asked for and there is one.
    pub(crate) first_timestamp: Option<Timestamp>,
    /// The largest time, where it is asked for.
    pub(crate) largest_timestamp: Option<Timestamp>,
}

/// What cleaning may not go beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The last stable offset: behind it nothing is decided.
    pub(crate) stable: Offset,
    /// What lies behind it may be lost in a crash, and must not supersede what is durable.
    pub(crate) durable: Offset,
}

impl Cleanable {
    /// `segments` are all of a log, of which the last one is appended to. The times of those from
    /// the first dirty offset on are known as far as `config` makes them matter.
    pub(crate) fn of(
        segments: &[SegmentFacts],
        first_dirty: Offset,
        limits: Limits,
        config: &LogConfig,
        now: Timestamp,
    ) -> Cleanable {
        let none = Cleanable {
            first_dirty,
            end: first_dirty,
            clean_bytes: 0,
            dirty_bytes: 0,
            overdue_ms: 0,
        };
        let Some((active, inactive)) = segments.split_last() else { return none };
        let dirty = match first_dirty < active.base {
            true => &inactive[holding(inactive, first_dirty)..],
            false => &[],
        };
        let young = first_young(dirty, config.compaction_lag_ms_min, now);
        let uncleanable = [limits.stable, limits.durable, young.unwrap_or(active.base)];
        let end = uncleanable.into_iter().min().expect("there are three").max(first_dirty);
        // Only whole segments are copied.
        let end = segments[holding(segments, end)].base;
        let clean = inactive.iter().take_while(|segment| segment.base < first_dirty);
        let cleanable = dirty.iter().take_while(|segment| segment.base < end);
        Cleanable {
            first_dirty,
            end,
            clean_bytes: clean.map(|segment| u64::from(segment.size)).sum(),
            dirty_bytes: cleanable.map(|segment| u64::from(segment.size)).sum(),
            overdue_ms: overdue_ms(dirty, config.compaction_lag_ms_max, now),
        }
    }

    /// How much of the log is dirty, from 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    pub fn dirty_ratio(&self) -> f64 {
        match self.clean_bytes + self.dirty_bytes {
            0 => 0.0,
            all => self.dirty_bytes as f64 / all as f64,
        }
    }

    /// Whether it is time to clean the log.
    #[must_use]
    pub fn is_due(&self, dirty_ratio_min: f64) -> bool {
        let is_overdue = self.overdue_ms > 0 && self.dirty_bytes > 0;
        is_overdue || self.dirty_ratio() > dirty_ratio_min
    }
}

/// The segment that holds `offset`, or would.
fn holding(segments: &[SegmentFacts], offset: Offset) -> usize {
    segments.partition_point(|segment| segment.base <= offset).saturating_sub(1)
}

/// Where the first segment begins that has a record younger than `min.compaction.lag.ms`.
fn first_young(dirty: &[SegmentFacts], lag_ms_min: i64, now: Timestamp) -> Option<Offset> {
    if lag_ms_min == 0 {
        return None;
    }
    let youngest = now.0.saturating_sub(lag_ms_min);
    let is_young = |segment: &&SegmentFacts| {
        segment.largest_timestamp.is_some_and(|largest| largest.0 > youngest)
    };
    dirty.iter().find(is_young).map(|segment| segment.base)
}

fn overdue_ms(dirty: &[SegmentFacts], lag_ms_max: i64, now: Timestamp) -> i64 {
    let times = dirty.iter().filter_map(|segment| segment.first_timestamp);
    let Some(earliest) = times.filter(|time| time.0 > 0).min() else { return 0 };
    now.0.saturating_sub(lag_ms_max).saturating_sub(earliest.0).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(10_000);

    /// Segments of 100 bytes and 10 offsets; the times of the first and last record lie 99 apart.
    fn segments(count: i64) -> Vec<SegmentFacts> {
        let segment = |number: i64| SegmentFacts {
            base: Offset(number * 10),
            size: 100,
            first_timestamp: Some(Timestamp(1000 + number * 100)),
            largest_timestamp: Some(Timestamp(1099 + number * 100)),
        };
        (0..count).map(segment).collect()
    }

    fn cleanable(first_dirty: i64, stable: i64, durable: i64, config: &LogConfig) -> Cleanable {
        let limits = Limits { stable: Offset(stable), durable: Offset(durable) };
        Cleanable::of(&segments(5), Offset(first_dirty), limits, config, NOW)
    }

    #[test]
    fn the_active_segment_is_never_cleaned() {
        let all = cleanable(0, 50, 50, &LogConfig::default());
        assert_eq!((all.first_dirty, all.end), (Offset(0), Offset(40)));
        assert_eq!((all.clean_bytes, all.dirty_bytes, all.overdue_ms), (0, 400, 0));
        assert!(all.is_due(0.99) && !all.is_due(1.0));
    }

    #[test]
    fn nothing_is_cleaned_past_the_last_stable_offset_or_what_is_durable() {
        assert_eq!(cleanable(0, 25, 50, &LogConfig::default()).end, Offset(20));
        assert_eq!(cleanable(0, 50, 39, &LogConfig::default()).end, Offset(30));
        assert_eq!(cleanable(0, 20, 20, &LogConfig::default()).end, Offset(20));
    }

    #[test]
    fn the_dirty_ratio_is_that_of_the_bytes_that_can_be_cleaned() {
        let half = cleanable(20, 50, 50, &LogConfig::default());
        assert_eq!((half.clean_bytes, half.dirty_bytes), (200, 200));
        assert!(!half.is_due(0.5) && half.is_due(0.49));
        let none = cleanable(40, 50, 50, &LogConfig::default());
        assert!(none.dirty_bytes == 0 && !none.is_due(0.0));
    }

    #[test]
    fn a_segment_that_was_cleaned_in_part_counts_on_both_sides() {
        let part = cleanable(15, 50, 50, &LogConfig::default());
        assert_eq!((part.clean_bytes, part.dirty_bytes), (200, 300));
    }

    #[test]
    fn records_younger_than_the_least_lag_are_left_alone() {
        let config = LogConfig { compaction_lag_ms_min: 8801, ..LogConfig::default() };
        assert_eq!(cleanable(0, 50, 50, &config).end, Offset(20));
    }

    #[test]
    fn a_record_older_than_the_most_lag_makes_cleaning_due_at_once() {
        let config = LogConfig { compaction_lag_ms_max: 8700, ..LogConfig::default() };
        let overdue = cleanable(20, 50, 50, &config);
        assert_eq!(overdue.overdue_ms, 100);
        assert!(overdue.is_due(1.0));
        assert_eq!(cleanable(30, 50, 50, &config).overdue_ms, 0);
    }

    #[test]
    fn a_log_without_segments_has_nothing_to_clean() {
        let limits = Limits { stable: Offset(0), durable: Offset(0) };
        let none = Cleanable::of(&[], Offset(0), limits, &LogConfig::default(), NOW);
        assert!(!none.is_due(0.0));
    }
}
