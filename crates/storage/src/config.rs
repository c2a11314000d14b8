//! What can be set for a log, by Kafka's names.

use protocol::records::TimestampType;

/// The settings of one log. The defaults are Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// `retention.ms`: segments whose records are all older are removed; 7 days, -1 for never.
    pub retention_ms: i64,
    /// `retention.bytes`: the oldest segments are removed while the rest has this many bytes; -1
    /// for never, the default.
    pub retention_bytes: i64,
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
            retention_ms: 7 * 24 * 60 * 60 * 1000,
            retention_bytes: -1,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            max_message_bytes: (1 << 20) + 12,
            file_delete_delay_ms: 60_000,
            message_timestamp_type: TimestampType::CreateTime,
        }
    }
}
