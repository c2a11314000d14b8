//! What a topic demands of the batches that clients produce to it.

use super::Compression;

/// What a topic, and the version of the request, demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProduceRules {
    /// `max.message.bytes`: the most a batch takes, compressed as it is stored.
    pub batch_size_max: usize,
    /// The most the records of one batch take when they are decompressed.
    pub decompressed_size_max: usize,
    /// What `compression.type` names; none for `producer`, which keeps what comes in.
    pub compression: Option<Compression>,
    /// Whether zstd may come in: in Produce requests from version 7 on.
    pub accepts_zstd: bool,
    /// Whether transactional batches may come in: when the request names a transactional id.
    pub accepts_transactional: bool,
    /// Whether every record needs a key: on compacted topics.
    pub requires_keys: bool,
    /// Whose time the records carry.
    pub timestamps: TimestampRule,
}

/// `message.timestamp.type` and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampRule {
    /// The producer's time, when it is close enough to the leader's.
    CreateTime {
        /// `message.timestamp.before.max.ms`: how old a record may be.
        before_ms_max: i64,
        /// `message.timestamp.after.max.ms`: how far in the future.
        after_ms_max: i64,
    },
    /// The leader's time, which replaces the producer's.
    LogAppendTime,
}
