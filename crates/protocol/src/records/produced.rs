//! A batch that may be appended by a leader: its head can still be rewritten, its records lie
//! where they came in.

use bytes::Bytes;
use types::{LeaderEpoch, Offset, Timestamp};

use super::{
    BatchError, BatchHeader, BatchView, TimestampType,
    header::{attribute, position},
};

/// A checked batch without an offset yet. Head and records lie apart, so that the offset can be
/// written without touching or copying the frame that the records came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducedBatch {
    header: BatchHeader,
    payload: Bytes,
}

impl ProducedBatch {
    /// A batch that this broker built itself, which nobody needs to validate.
    ///
    /// # Errors
    /// When the bytes are no batch.
    pub fn trusted(bytes: &Bytes) -> Result<ProducedBatch, BatchError> {
        let header = *BatchView::parse(bytes)?.header();
        Ok(ProducedBatch { header, payload: bytes.slice(BatchHeader::SIZE..header.size()) })
    }

    /// A batch whose header fits its records in every way.
    pub(super) fn unchanged(header: BatchHeader, payload: Bytes) -> ProducedBatch {
        ProducedBatch { header, payload }
    }

    /// A batch with some header and records that fit it, but for the checksum.
    pub(super) fn with_new_crc(header: BatchHeader, payload: Bytes) -> ProducedBatch {
        let mut batch = ProducedBatch { header, payload };
        batch.compute_crc();
        batch
    }

    /// The header as it will be written.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// How many bytes the batch takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.header.size()
    }

    /// The first bytes of the batch, encoded; [`payload`](Self::payload) follows them.
    #[must_use]
    pub fn head(&self) -> [u8; BatchHeader::SIZE] {
        self.header.encode()
    }

    /// The records as they are stored, compressed or not.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// All bytes of the batch, copied together.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        [&self.head()[..], &self.payload].concat().into()
    }

    /// Sets the offset of the first record.
    ///
    /// # Panics
    /// When the last record's offset would not be one.
    pub fn set_base_offset(&mut self, offset: Offset) {
        let end = offset.0.checked_add(i64::from(self.header.last_offset_delta) + 1);
        assert!(offset >= Offset::ZERO && end.is_some(), "a log's offsets are below 2^63");
        self.header.base_offset = offset;
    }

    /// Sets the epoch of the leader that appends the batch.
    pub fn set_partition_leader_epoch(&mut self, epoch: LeaderEpoch) {
        self.header.partition_leader_epoch = epoch;
    }

    /// Gives all records the leader's time, and the batch the checksum that fits.
    pub fn set_log_append_time(&mut self, time: Timestamp) {
        self.header.attributes |= attribute::LOG_APPEND_TIME;
        self.header.max_timestamp = time;
        self.compute_crc();
    }

    /// The leader's time, when it is what the records carry.
    #[must_use]
    pub fn log_append_time(&self) -> Option<Timestamp> {
        match self.header.timestamp_type() {
            TimestampType::CreateTime => None,
            TimestampType::LogAppendTime => Some(self.header.max_timestamp),
        }
    }

    fn compute_crc(&mut self) {
        let head = crc32c::crc32c(&self.head()[position::ATTRIBUTES..]);
        self.header.crc = crc32c::crc32c_append(head, &self.payload);
    }
}
