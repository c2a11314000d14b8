//! What can be set for a log, by Kafka's names.

use protocol::records::TimestampType;

/// The settings of one log. The defaults are Kafka's.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment gets no larger than this; 1 GiB.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment takes no batch that is this much younger than its first; 7 days.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: up to this much is taken from `segment.ms`, so that many logs do not
    /// roll together; 0.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment whose index is this large is full; 10 MiB.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: the index gets an entry after about so many bytes; 4096.
    pub index_interval_bytes: u32,
    /// `cleanup.policy`: what becomes of old records; they are deleted.
    pub cleanup_policy: CleanupPolicy,
    /// `retention.ms`: segments whose records are all older are removed; 7 days, -1 for never.
    pub retention_ms: i64,
    /// `retention.bytes`: the oldest segments are removed while the rest has this many bytes; -1
    /// for never, the default.
    pub retention_bytes: i64,
    /// `min.cleanable.dirty.ratio`: the log is compacted once this share of it was appended since
    /// the last time; 0.5.
    pub dirty_ratio_min: f64,
    /// `min.compaction.lag.ms`: a record is not compacted before it is so old; 0.
    pub compaction_lag_ms_min: i64,
    /// `max.compaction.lag.ms`: a record is compacted when it is so old, whatever the dirty ratio;
    /// `i64::MAX` for never, the default.
    pub compaction_lag_ms_max: i64,
    /// `delete.retention.ms`: how long compaction leaves tombstones and the ends of transactions
    /// for those who read the log from its start; 1 day.
    pub delete_retention_ms: i64,
    /// `flush.messages`: the log is flushed after so many records; `i64::MAX` for never, the
    /// default.
    pub flush_messages: i64,
    /// `flush.ms`: the log is flushed after so many milliseconds; `i64::MAX` for never, the default.
    pub flush_ms: i64,
    /// `max.message.bytes`: no batch may be larger; 1 MiB and 12 bytes.
    pub max_message_bytes: u32,
    /// `file.delete.delay.ms`: removed files stay on disk for so long; 1 minute.
    pub file_delete_delay_ms: i64,
    /// `message.timestamp.type`: whose clock records are dated by; `CreateTime`.
    pub message_timestamp_type: TimestampType,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * 60 * 60 * 1000,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            cleanup_policy: CleanupPolicy::DELETE,
            retention_ms: 7 * 24 * 60 * 60 * 1000,
            retention_bytes: -1,
            dirty_ratio_min: 0.5,
            compaction_lag_ms_min: 0,
            compaction_lag_ms_max: i64::MAX,
            delete_retention_ms: 24 * 60 * 60 * 1000,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            max_message_bytes: (1 << 20) + 12,
            file_delete_delay_ms: 60_000,
            message_timestamp_type: TimestampType::CreateTime,
        }
    }
}

impl LogConfig {
    /// How long a segment takes batches: `segment.ms`, or `max.compaction.lag.ms` where that is
    /// less, since nothing is compacted in the segment that is appended to.
    #[must_use]
    pub fn segment_ms_max(&self) -> i64 {
        match self.cleanup_policy.compact {
            true => self.segment_ms.min(self.compaction_lag_ms_max),
            false => self.segment_ms,
        }
    }
}

/// What becomes of old records. With neither, they are kept for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// Whole segments are removed by time and size.
    pub delete: bool,
    /// Of each key only the last record is kept.
    pub compact: bool,
}

impl CleanupPolicy {
    /// The policy of logs that do not say.
    pub const DELETE: CleanupPolicy = CleanupPolicy { delete: true, compact: false };

    /// The policy of a log that only compaction makes smaller.
    pub const COMPACT: CleanupPolicy = CleanupPolicy { delete: false, compact: true };
}
