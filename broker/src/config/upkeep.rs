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
    pub checkpoint_interval: Duration,
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
            checkpoint_interval: reader.milliseconds(
                "log.flush.offset.checkpoint.interval.ms",
                60_000,
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
