//! How often a broker looks after its logs, and how long it waits for itself.

use std::time::Duration;

use super::reader::Reader;

const I32_MAX: i64 = i32::MAX as i64;

/// Periods and time-outs of what runs by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upkeep {
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval: Duration,
    /// `log.flush.offset.checkpoint.interval.ms`: how often it is written down from where on logs
    /// would have to be recovered.
    pub recovery_point_interval: Duration,
    /// `log.flush.start.offset.checkpoint.interval.ms`: how often it is written down where logs
    /// start that do not start with a segment. DeleteRecords does not wait for it.
    pub log_start_interval: Duration,
    /// `replica.high.watermark.checkpoint.interval.ms`.
    pub high_watermark_interval: Duration,
    /// `producer.id.expiration.ms`: how long a producer is remembered that writes nothing.
    pub producer_expiration: Duration,
    /// `producer.id.expiration.check.interval.ms`.
    pub producer_expiration_check_interval: Duration,
    /// `request.timeout.ms`: how long a request may wait that brings no limit of its own.
    pub request_timeout: Duration,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_bytes: u64,
    /// `klamm.log.open.files.max`: files of logs held open at a time, over all partitions.
    pub open_files_max: usize,
}

impl Upkeep {
    pub(super) fn read(reader: &mut Reader) -> Upkeep {
        Upkeep {
            retention_check_interval: reader.milliseconds(
                "log.retention.check.interval.ms",
                300_000,
                1..=I32_MAX,
            ),
            recovery_point_interval: reader.milliseconds(
                "log.flush.offset.checkpoint.interval.ms",
                60_000,
                1..=I32_MAX,
            ),
            log_start_interval: reader.milliseconds(
                "log.flush.start.offset.checkpoint.interval.ms",
                60_000,
                1..=I32_MAX,
            ),
            high_watermark_interval: reader.milliseconds(
                "replica.high.watermark.checkpoint.interval.ms",
                5_000,
                1..=i64::MAX,
            ),
            producer_expiration: reader.milliseconds(
                "producer.id.expiration.ms",
                86_400_000,
                1..=I32_MAX,
            ),
            producer_expiration_check_interval: reader.milliseconds(
                "producer.id.expiration.check.interval.ms",
                600_000,
                1..=I32_MAX,
            ),
            request_timeout: reader.milliseconds("request.timeout.ms", 30_000, 1..=I32_MAX),
            snapshot_bytes: snapshot_bytes(reader),
            open_files_max: reader.size("klamm.log.open.files.max", 4096, 16..=I32_MAX),
        }
    }
}

fn snapshot_bytes(reader: &mut Reader) -> u64 {
    let key = "metadata.log.max.record.bytes.between.snapshots";
    reader.number(key, 20 << 20, 1..=i64::MAX).unsigned_abs()
}
