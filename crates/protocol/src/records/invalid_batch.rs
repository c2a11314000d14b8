//! Why a produced batch is not appended.

use types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use super::{BatchError, Codec, DecompressError, RecordError};

/// Why a batch is not appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBatch {
    /// There is no batch, or something follows it.
    #[error("expected exactly one record batch")]
    NotOneBatch,
    /// The bytes are no batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The batch is larger than the topic allows.
    #[error("batch of {size} bytes exceeds the limit of {limit}")]
    TooLarge {
        /// Its size as it would be stored.
        size: usize,
        /// `max.message.bytes`.
        limit: usize,
    },
    /// The checksum does not match.
    #[error("checksum does not match the batch")]
    Checksum,
    /// The offsets do not start at 0.
    #[error("base offset is {0}, a producer sends 0")]
    BaseOffset(Offset),
    /// There is no record, or not one for each offset.
    #[error("batch of {count} records spans {offsets} offsets")]
    Count {
        /// The number of records.
        count: i32,
        /// The number of offsets.
        offsets: i64,
    },
    /// Only brokers write control records.
    #[error("clients must not write control records")]
    Control,
    /// An idempotent producer's numbers do not fit together.
    #[error("producer id {id}, epoch {epoch} and sequence {sequence} do not fit together")]
    Producer {
        /// The producer's id.
        id: ProducerId,
        /// Its epoch.
        epoch: ProducerEpoch,
        /// The sequence of the first record.
        sequence: Sequence,
    },
    /// The batch belongs to a transaction, but the request or the producer does not.
    #[error("transactional batch outside a transaction")]
    Transactional,
    /// Only a leader sets its own time.
    #[error("producers must not set the timestamp type to LogAppendTime")]
    TimestampType,
    /// The request's version has no such codec.
    #[error("{0} needs a later version of the produce request")]
    UnsupportedCodec(Codec),
    /// The compressed records cannot be had.
    #[error(transparent)]
    Decompress(DecompressError),
    /// A record is malformed.
    #[error("record {index}: {error}")]
    Record {
        /// Which one, counted from 0.
        index: usize,
        /// What is wrong with it.
        error: RecordError,
    },
    /// Records are well-formed, but the topic does not take them.
    #[error("{} records are not acceptable, the first: {}", .0.len(), .0[0])]
    Faults(Vec<RecordFault>),
}

/// A record that the topic does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("record {index} {reason}")]
pub struct RecordFault {
    /// Which one, counted from 0.
    pub index: usize,
    /// Why not.
    pub reason: FaultReason,
}

/// Why a topic does not take a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultReason {
    /// The topic is compacted, and the record has no key.
    #[error("has no key, which a compacted topic requires")]
    NoKey,
    /// The time is too far from the leader's.
    #[error("has timestamp {timestamp}, which is not within {earliest} to {latest}")]
    Timestamp {
        /// The record's time.
        timestamp: Timestamp,
        /// The earliest time that is taken.
        earliest: Timestamp,
        /// The latest time that is taken.
        latest: Timestamp,
    },
}
