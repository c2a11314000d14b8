//! What the broker's file says of groups and of the topic they are kept in. Kafka reads these keys
//! when a broker starts; none can be changed while it runs.

use std::{sync::Arc, time::Duration};

use coordinator::Config;
use protocol::records::{Codec, Compression};

use crate::effective::Effective;

/// What coordinators go by.
#[derive(Debug)]
pub(super) struct Settings {
    /// What shards go by.
    pub(super) shard: Arc<Config>,
    /// How long a write may take (`offsets.commit.timeout.ms`).
    pub(super) write_timeout: Duration,
    /// How much is read at a time while a shard is loaded (`offsets.load.buffer.size`).
    pub(super) load_bytes: usize,
    /// How records are stored unless their topic says so (`offsets.topic.compression.codec`).
    pub(super) compression: Compression,
    /// `offsets.topic.num.partitions`.
    pub(super) partitions: i32,
    /// `offsets.topic.replication.factor`; no more than there are brokers.
    pub(super) replicas: i16,
    /// `offsets.topic.segment.bytes`.
    pub(super) segment_bytes: i64,
}

impl Settings {
    pub(super) fn of(effective: &Effective) -> Settings {
        let number = |name| effective.number(name);
        let size = |name| usize::try_from(number(name)).unwrap_or_default();
        let millis = |name| Duration::from_millis(u64::try_from(number(name)).unwrap_or_default());
        let minutes = number("offsets.retention.minutes").unsigned_abs();
        Settings {
            shard: Arc::new(Config {
                initial_rebalance_delay: millis("group.initial.rebalance.delay.ms"),
                session_timeout_min: millis("group.min.session.timeout.ms"),
                session_timeout_max: millis("group.max.session.timeout.ms"),
                members_max: size("group.max.size"),
                offset_metadata_bytes_max: size("offset.metadata.max.bytes"),
                offsets_retention: Duration::from_secs(minutes * 60),
                offsets_check_interval: millis("offsets.retention.check.interval.ms"),
            }),
            write_timeout: millis("offsets.commit.timeout.ms"),
            load_bytes: size("offsets.load.buffer.size"),
            compression: Compression::new(codec(number("offsets.topic.compression.codec"))),
            partitions: i32::try_from(number("offsets.topic.num.partitions")).unwrap_or(i32::MAX),
            replicas: i16::try_from(number("offsets.topic.replication.factor")).unwrap_or(i16::MAX),
            segment_bytes: number("offsets.topic.segment.bytes"),
        }
    }
}

/// Kafka's numbers for codecs; others are refused before a node is opened.
fn codec(number: i64) -> Codec {
    match number {
        1 => Codec::Gzip,
        2 => Codec::Snappy,
        3 => Codec::Lz4,
        4 => Codec::Zstd,
        _ => Codec::None,
    }
}
