//! How often a broker looks after its logs, its registration and the metadata quorum.

use std::time::Duration;

use super::reader::Reader;

const I32_MAX: i64 = i32::MAX as i64;

/// Periods and time-outs of what runs by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upkeep {
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval: Duration,
    /// `log.segment.delete.delay.ms`: how long removed files are kept.
    pub file_delete_delay: Duration,
    /// `log.flush.offset.checkpoint.interval.ms`: how often recovery points are written.
    pub recovery_point_interval: Duration,
    /// `replica.high.watermark.checkpoint.interval.ms`.
    pub high_watermark_interval: Duration,
    /// `num.recovery.threads.per.data.dir`.
    pub recovery_threads: usize,
    /// `producer.id.expiration.ms`: how long an idle producer's sequence is remembered.
    pub producer_id_expiration: Duration,
    /// `broker.session.timeout.ms`.
    pub broker_session_timeout: Duration,
    /// `broker.heartbeat.interval.ms`.
    pub broker_heartbeat_interval: Duration,
    /// `controller.quorum.election.timeout.ms`.
    pub election_timeout: Duration,
    /// `controller.quorum.election.backoff.max.ms`.
    pub election_backoff_max: Duration,
    /// `controller.quorum.fetch.timeout.ms`.
    pub quorum_fetch_timeout: Duration,
    /// `controller.quorum.request.timeout.ms`.
    pub quorum_request_timeout: Duration,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_bytes: u64,
    /// `metadata.log.max.snapshot.interval.ms`; zero makes none by time.
    pub snapshot_interval: Duration,
    /// `metadata.log.segment.bytes`.
    pub metadata_segment_bytes: u32,
    /// `metadata.max.idle.interval.ms`: how often the active controller writes when nothing
    /// happens.
    pub metadata_idle_interval: Duration,
}

impl Upkeep {
    pub(super) fn read(reader: &mut Reader) -> Upkeep {
        let mut ms = |key, default, least| reader.milliseconds(key, default, least..=I32_MAX);
        let retention_check_interval = ms("log.retention.check.interval.ms", 300_000, 1);
        let file_delete_delay = ms("log.segment.delete.delay.ms", 60_000, 0);
        let recovery_point_interval = ms("log.flush.offset.checkpoint.interval.ms", 60_000, 0);
        let high_watermark_interval = ms("replica.high.watermark.checkpoint.interval.ms", 5000, 1);
        let producer_id_expiration = ms("producer.id.expiration.ms", 86_400_000, 1);
        let broker_session_timeout = ms("broker.session.timeout.ms", 9000, 1);
        let broker_heartbeat_interval = ms("broker.heartbeat.interval.ms", 2000, 1);
        let election_timeout = ms("controller.quorum.election.timeout.ms", 1000, 0);
        let election_backoff_max = ms("controller.quorum.election.backoff.max.ms", 1000, 0);
        let quorum_fetch_timeout = ms("controller.quorum.fetch.timeout.ms", 2000, 0);
        let quorum_request_timeout = ms("controller.quorum.request.timeout.ms", 2000, 0);
        let snapshot_interval = ms("metadata.log.max.snapshot.interval.ms", 3_600_000, 0);
        let metadata_idle_interval = ms("metadata.max.idle.interval.ms", 500, 0);
        Upkeep {
            retention_check_interval,
            file_delete_delay,
            recovery_point_interval,
            high_watermark_interval,
            recovery_threads: reader.size("num.recovery.threads.per.data.dir", 2, 1..=1024),
            producer_id_expiration,
            broker_session_timeout,
            broker_heartbeat_interval,
            election_timeout,
            election_backoff_max,
            quorum_fetch_timeout,
            quorum_request_timeout,
            snapshot_bytes: snapshot_bytes(reader),
            snapshot_interval,
            metadata_segment_bytes: metadata_segment_bytes(reader),
            metadata_idle_interval,
        }
    }
}

fn snapshot_bytes(reader: &mut Reader) -> u64 {
    let key = "metadata.log.max.record.bytes.between.snapshots";
    reader.number(key, 20 << 20, 1..=i64::MAX).unsigned_abs()
}

fn metadata_segment_bytes(reader: &mut Reader) -> u32 {
    let bytes = reader.number("metadata.log.segment.bytes", 1 << 30, 8 << 20..=I32_MAX);
    u32::try_from(bytes).expect("the bounds are those of an i32")
}
