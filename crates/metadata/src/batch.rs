//! Metadata records in record batches: what the log and snapshots hold.

use bytes::Bytes;
use protocol::{
    EncodeError,
    records::{
        BatchBuilder, BatchView, Codec, Compression, DecompressError,
        RecordError as BatchRecordError,
        control::{ControlRecord, ControlRecordError},
    },
};
use types::{LeaderEpoch, Offset, Timestamp};

use crate::records::{MetadataRecord, RecordError};

/// The most that the records of one batch may take up in memory; Kafka writes at most 8 MiB.
pub const BATCH_SIZE_MAX: usize = 64 << 20;

/// Where a batch stands in its log or snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchPlace {
    /// The offset of its first record.
    pub base_offset: Offset,
    /// The epoch of the leader that appends it.
    pub epoch: LeaderEpoch,
    /// When it is appended.
    pub timestamp: Timestamp,
}

impl BatchPlace {
    /// An empty batch here.
    #[must_use]
    pub fn builder(self) -> BatchBuilder {
        BatchBuilder::new(Compression::new(Codec::None))
            .base_offset(self.base_offset)
            .partition_leader_epoch(self.epoch)
    }
}

/// Puts records into one batch.
///
/// # Errors
/// When a record cannot be written.
///
/// # Panics
/// When there are no records.
pub fn write_batch(place: BatchPlace, records: &[MetadataRecord]) -> Result<Bytes, EncodeError> {
    let mut builder = place.builder();
    for record in records {
        builder.push(place.timestamp, None, Some(&record.encode()?), &[]);
    }
    Ok(builder.build())
}

/// What one batch of the metadata log or a snapshot holds.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchContent {
    /// Records about the quorum; those of unknown types are left out, as in Kafka.
    Control(Vec<ControlRecord>),
    /// Records of the image.
    Metadata(Vec<MetadataRecord>),
}

/// Why a batch is none of metadata.
#[derive(Debug, thiserror::Error)]
pub enum ReadBatchError {
    /// The checksum is of other bytes.
    #[error("the batch at offset {0} is damaged")]
    Damaged(Offset),
    /// The records cannot be decompressed.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// The batch does not hold the records it says.
    #[error(transparent)]
    Record(#[from] BatchRecordError),
    /// A record has no value.
    #[error("the metadata record at offset {0} is empty")]
    Empty(Offset),
    /// A record is not of metadata.
    #[error("the record at offset {offset} is no metadata record")]
    Metadata {
        /// Where it is.
        offset: Offset,
        /// What is wrong with it.
        source: RecordError,
    },
    /// A record is no control record.
    #[error(transparent)]
    Control(#[from] ControlRecordError),
}

/// Reads what a batch holds.
///
/// # Errors
/// When anything in it is not as it should be; nothing is skipped.
pub fn read_batch(batch: &BatchView<'_>) -> Result<BatchContent, ReadBatchError> {
    if !batch.crc_is_valid() {
        return Err(ReadBatchError::Damaged(batch.base_offset()));
    }
    let payload = batch.payload(BATCH_SIZE_MAX)?;
    if batch.is_control() {
        let mut records = Vec::new();
        for record in payload.records() {
            records.extend(ControlRecord::decode(&record?)?);
        }
        return Ok(BatchContent::Control(records));
    }
    let mut records = Vec::new();
    for record in payload.records() {
        let record = record?;
        let value = record.value.ok_or(ReadBatchError::Empty(record.offset))?;
        let decoded = MetadataRecord::decode(Bytes::copy_from_slice(value));
        let offset = record.offset;
        records.push(decoded.map_err(|source| ReadBatchError::Metadata { offset, source })?);
    }
    Ok(BatchContent::Metadata(records))
}
