//! Sends records to a topic: collects them into batches, and says what became of each.
//!
//! `partitioner` says where a record goes, `lanes` which batch it is part of and when that is due,
//! both without waiting for anything; `delivery` gets one batch to its leader; `run` joins them. Of
//! each partition one batch is on its way at a time, so that records keep their order also when one
//! has to be sent again.

mod delivery;
mod lanes;
mod partitioner;
mod run;

use std::time::Duration;

use bytes::Bytes;
use protocol::records::Compression;
use types::{Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::PartitionError;

pub use partitioner::partition_of_key;
pub use run::Producer;

/// How a producer works.
#[derive(Debug, Clone)]
pub struct ProducerConfig {
    /// Whether the broker can tell that it has a batch already, so that one whose fate is not known
    /// may be sent again. Needs `Acks::All`.
    pub idempotent: bool,
    /// Whom to wait for.
    pub acks: Acks,
    /// How batches are compressed.
    pub compression: Compression,
    /// How long a record may wait for others.
    pub linger: Duration,
    /// How large a batch grows, before compression.
    pub batch_bytes: usize,
    /// How much may wait or be on its way before no more is taken.
    pub buffer_bytes: usize,
    /// How long a batch may take, all attempts together.
    pub delivery_deadline: Duration,
}

/// Whom to wait for before a record counts as delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// The leader alone.
    Leader,
    /// All replicas in sync.
    All,
}

impl Acks {
    pub(crate) fn number(self) -> i16 {
        match self {
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

impl Default for ProducerConfig {
    fn default() -> ProducerConfig {
        ProducerConfig {
            idempotent: true,
            acks: Acks::All,
            compression: Compression::NONE,
            linger: Duration::from_millis(5),
            batch_bytes: 256 * 1024,
            buffer_bytes: 32 * 1024 * 1024,
            delivery_deadline: Duration::from_secs(30),
        }
    }
}

/// A record to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Where to; the partitioner's choice when nothing is said.
    pub partition: Option<PartitionIndex>,
    /// When it was made.
    pub timestamp: Timestamp,
    /// The key.
    pub key: Option<Bytes>,
    /// The value.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}

impl NewRecord {
    /// About what it takes in a batch.
    fn size(&self) -> usize {
        const OVERHEAD: usize = 21;
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self.headers.iter().map(|(key, value)| key.len() + length(value) + 4);
        OVERHEAD + length(&self.key) + length(&self.value) + headers.sum::<usize>()
    }
}

/// What became of a record.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The number its sender gave it.
    pub ticket: u64,
    /// Where it went, or why it did not.
    pub outcome: Result<Delivered, DeliveryError>,
}

/// Where a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// The partition.
    pub partition: PartitionIndex,
    /// Its place there; none when the broker had it already and does not remember where.
    pub offset: Option<Offset>,
}

/// Why nobody has acknowledged a record.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeliveryError {
    /// It is not in the log.
    #[error(transparent)]
    Refused(#[from] PartitionError),
    /// The broker found something wrong with this one.
    #[error("{0}")]
    Invalid(String),
    /// There is no such partition.
    #[error("the topic has no partition {0}")]
    NoPartition(PartitionIndex),
    /// It may be in the log or not.
    #[error("not acknowledged, and it may be in the log or not: {0}")]
    Unknown(PartitionError),
    /// Batches can no longer be told apart, because there is no new producer id.
    #[error("not sent, since a producer id was needed and not given: {0}")]
    NoProducerId(crate::CallError),
}

/// Which producer sent a batch, and the number of its first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
    pub(crate) sequence: Sequence,
}
