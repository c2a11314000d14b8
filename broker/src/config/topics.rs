//! What topics get when neither their creator nor their own configuration says otherwise.

use std::time::Duration;

use super::reader::Reader;

const I32_MAX: i64 = i32::MAX as i64;
const HOUR_MS: i64 = 3_600_000;

/// Defaults for topics and their logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDefaults {
    /// `num.partitions`.
    pub partitions: i32,
    /// `default.replication.factor`.
    pub replication_factor: i16,
    /// `min.insync.replicas`.
    pub min_insync_replicas: i32,
    /// `auto.create.topics.enable`: whether asking for an unknown topic creates it.
    pub auto_create: bool,
    /// `delete.topic.enable`.
    pub may_be_deleted: bool,
    /// `log.segment.bytes`.
    pub segment_bytes: u32,
    /// `log.roll.ms`, else `log.roll.hours`.
    pub segment_age_max: Duration,
    /// `log.roll.jitter.ms`, else `log.roll.jitter.hours`.
    pub segment_jitter: Duration,
    /// `log.retention.ms`, else `.minutes`, else `.hours`; none keeps records for ever.
    pub retention_age: Option<Duration>,
    /// `log.retention.bytes`; none keeps records for ever.
    pub retention_bytes: Option<u64>,
    /// `log.index.interval.bytes`.
    pub index_interval_bytes: u32,
    /// `log.index.size.max.bytes`.
    pub index_bytes_max: u32,
    /// `log.flush.interval.messages`: flush before acknowledging when 1; none leaves it to the
    /// operating system.
    pub flush_messages: Option<u64>,
    /// `log.flush.interval.ms`.
    pub flush_age_max: Option<Duration>,
    /// `message.max.bytes`: the largest batch.
    pub batch_bytes_max: u32,
    /// `log.message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `log.message.timestamp.before.max.ms`.
    pub timestamp_before_max: Duration,
    /// `log.message.timestamp.after.max.ms`.
    pub timestamp_after_max: Duration,
}

/// Which time a record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// When the producer made it.
    CreateTime,
    /// When the broker appended it.
    LogAppendTime,
}

impl TopicDefaults {
    pub(super) fn read(reader: &mut Reader) -> TopicDefaults {
        TopicDefaults {
            partitions: int(reader, "num.partitions", 1, 1),
            replication_factor: replication_factor(reader),
            min_insync_replicas: int(reader, "min.insync.replicas", 1, 1),
            auto_create: reader.flag("auto.create.topics.enable", true),
            may_be_deleted: reader.flag("delete.topic.enable", true),
            segment_bytes: bytes(reader, "log.segment.bytes", 1 << 30, 1 << 20),
            segment_age_max: hours_or_ms(reader, "log.roll.hours", 168, "log.roll.ms"),
            segment_jitter: hours_or_ms(reader, "log.roll.jitter.hours", 0, "log.roll.jitter.ms"),
            retention_age: retention_age(reader),
            retention_bytes: u64::try_from(reader.number("log.retention.bytes", -1, -1..=i64::MAX))
                .ok(),
            index_interval_bytes: bytes(reader, "log.index.interval.bytes", 4096, 0),
            index_bytes_max: bytes(reader, "log.index.size.max.bytes", 10 << 20, 4),
            flush_messages: flush_messages(reader),
            flush_age_max: flush_age_max(reader),
            batch_bytes_max: bytes(reader, "message.max.bytes", 1_048_588, 0),
            timestamp_type: reader.choice(
                "log.message.timestamp.type",
                &[
                    ("CreateTime", TimestampType::CreateTime),
                    ("LogAppendTime", TimestampType::LogAppendTime),
                ],
            ),
            timestamp_before_max: reader.milliseconds(
                "log.message.timestamp.before.max.ms",
                i64::MAX,
                0..=i64::MAX,
            ),
            timestamp_after_max: reader.milliseconds(
                "log.message.timestamp.after.max.ms",
                HOUR_MS,
                0..=i64::MAX,
            ),
        }
    }
}

fn int(reader: &mut Reader, key: &'static str, default: i64, least: i64) -> i32 {
    i32::try_from(reader.number(key, default, least..=I32_MAX))
        .expect("the bounds are those of an i32")
}

fn bytes(reader: &mut Reader, key: &'static str, default: i64, least: i64) -> u32 {
    int(reader, key, default, least).unsigned_abs()
}

fn replication_factor(reader: &mut Reader) -> i16 {
    let factor = reader.number("default.replication.factor", 1, 1..=i64::from(i16::MAX));
    i16::try_from(factor).expect("the bounds are those of an i16")
}

/// Kafka has two keys for such a duration, of which the one in milliseconds wins.
fn hours_or_ms(
    reader: &mut Reader,
    hours_key: &'static str,
    hours_default: i64,
    ms_key: &'static str,
) -> Duration {
    let least = hours_default.min(1);
    let hours = reader.number(hours_key, hours_default, least..=I32_MAX);
    reader.milliseconds(ms_key, hours * HOUR_MS, least..=i64::MAX)
}

fn retention_age(reader: &mut Reader) -> Option<Duration> {
    let hours = reader.number("log.retention.hours", 168, -1..=I32_MAX);
    let from_hours = if hours < 0 { -1 } else { hours * 60 };
    let minutes = reader.number("log.retention.minutes", from_hours, -1..=I32_MAX * 60);
    let from_minutes = if minutes < 0 { -1 } else { minutes * 60_000 };
    let ms = reader.number("log.retention.ms", from_minutes, -1..=i64::MAX);
    u64::try_from(ms).ok().map(Duration::from_millis)
}

fn flush_messages(reader: &mut Reader) -> Option<u64> {
    let messages = reader.number("log.flush.interval.messages", i64::MAX, 1..=i64::MAX);
    (messages < i64::MAX).then_some(messages.unsigned_abs())
}

fn flush_age_max(reader: &mut Reader) -> Option<Duration> {
    let ms = reader.number("log.flush.interval.ms", i64::MAX, 0..=i64::MAX);
    (ms < i64::MAX).then_some(Duration::from_millis(ms.unsigned_abs()))
}
