//! How often a broker looks after its logs, and how long it waits for itself.

use std::time::Duration;

use super::reader::Reader;

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
            retention_check_interval: reader.milliseconds("log.retention.check.interval.ms"),
            recovery_point_interval: reader.milliseconds("log.flush.offset.checkpoint.interval.ms"),
            log_start_interval: reader
                .milliseconds("log.flush.start.offset.checkpoint.interval.ms"),
            high_watermark_interval: reader
                .milliseconds("replica.high.watermark.checkpoint.interval.ms"),
            producer_expiration: reader.milliseconds("producer.id.expiration.ms"),
            producer_expiration_check_interval: reader
                .milliseconds("producer.id.expiration.check.interval.ms"),
            request_timeout: reader.milliseconds("request.timeout.ms"),
            snapshot_bytes: reader
                .number("metadata.log.max.record.bytes.between.snapshots")
                .unsigned_abs(),
            open_files_max: reader.size("klamm.log.open.files.max"),
        }
    }
}
