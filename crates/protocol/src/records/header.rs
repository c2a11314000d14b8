//! The 61 bytes in front of every batch.

use bytes::{Buf, BufMut};
use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use super::Codec;

/// Where the fields that are rewritten or hashed lie in a batch.
pub(super) mod position {
    /// The partition leader epoch, an `i32`.
    pub(in crate::records) const LEADER_EPOCH: usize = 12;
    /// The format, an `i8`.
    pub(in crate::records) const MAGIC: usize = 16;
    /// The checksum, a `u32`.
    pub(in crate::records) const CRC: usize = 17;
    /// The attributes, an `i16`; the checksum covers everything from here on.
    pub(in crate::records) const ATTRIBUTES: usize = 21;
    /// The largest timestamp, an `i64`.
    pub(in crate::records) const MAX_TIMESTAMP: usize = 35;
}

const MAGIC: i8 = 2;

/// The bits of the attributes.
pub(super) mod attribute {
    pub(in crate::records) const CODEC: i16 = 0b111;
    pub(in crate::records) const LOG_APPEND_TIME: i16 = 1 << 3;
    pub(in crate::records) const TRANSACTIONAL: i16 = 1 << 4;
    pub(in crate::records) const CONTROL: i16 = 1 << 5;
    pub(in crate::records) const DELETE_HORIZON: i16 = 1 << 6;
}

/// Whose clock the timestamps of a batch come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer's; every record has its own.
    CreateTime,
    /// The leader's; all records have the batch's largest.
    LogAppendTime,
}

/// Why bytes are no batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end before the batch does.
    #[error("batch of {needed} bytes ends after {available}")]
    Torn {
        /// How many bytes the batch, or at least its header, has.
        needed: usize,
        /// How many there are.
        available: usize,
    },
    /// The length field leaves no place for the header.
    #[error("batch length {0} is too small")]
    Length(i32),
    /// The batch is of another format.
    #[error("batch has format {0}, only 2 is supported")]
    Magic(i8),
    /// The attributes name a codec that does not exist.
    #[error("compression codec {0} is unknown")]
    Codec(i16),
    /// The offsets do not fit an `i64`, or the batch ends before it starts.
    #[error("offsets from {base} by {delta} are no range")]
    Offsets {
        /// The base offset.
        base: i64,
        /// The last offset's distance from it.
        delta: i32,
    },
    /// There are fewer than zero records, or more than there are offsets.
    #[error("{count} records do not fit into {offsets} offsets")]
    Count {
        /// The number of records.
        count: i32,
        /// The number of offsets the batch spans.
        offsets: i64,
    },
}

/// A batch's header, decoded; everything but its format, which is 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    pub(super) base_offset: Offset,
    pub(super) length: i32,
    pub(super) partition_leader_epoch: LeaderEpoch,
    pub(super) crc: u32,
    pub(super) attributes: i16,
    pub(super) last_offset_delta: i32,
    pub(super) base_timestamp: Timestamp,
    pub(super) max_timestamp: Timestamp,
    pub(super) producer_id: ProducerId,
    pub(super) producer_epoch: ProducerEpoch,
    pub(super) base_sequence: Sequence,
    pub(super) count: i32,
}

impl BatchHeader {
    /// How many bytes a header takes.
    pub const SIZE: usize = 61;
    /// How many bytes come before what the length field counts.
    pub const LENGTH_PREFIX: usize = 12;

    /// Decodes the header at the start of `bytes`; the records behind it need not be there.
    ///
    /// # Errors
    /// When there are fewer than [`SIZE`](Self::SIZE) bytes or they contradict themselves.
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        // Older formats have shorter headers, but their magic lies at the same place.
        if let Some(&[magic, ..]) = bytes.get(position::MAGIC..)
            && magic.cast_signed() != MAGIC
        {
            return Err(BatchError::Magic(magic.cast_signed()));
        }
        let available = bytes.len();
        let Some(mut fields) = bytes.get(..BatchHeader::SIZE) else {
            return Err(BatchError::Torn { needed: BatchHeader::SIZE, available });
        };
        let base_offset = Offset(fields.get_i64());
        let length = fields.get_i32();
        let partition_leader_epoch = LeaderEpoch(fields.get_i32());
        let _magic = fields.get_i8();
        let header = BatchHeader {
            base_offset,
            length,
            partition_leader_epoch,
            crc: fields.get_u32(),
            attributes: fields.get_i16(),
            last_offset_delta: fields.get_i32(),
            base_timestamp: Timestamp(fields.get_i64()),
            max_timestamp: Timestamp(fields.get_i64()),
            producer_id: ProducerId(fields.get_i64()),
            producer_epoch: ProducerEpoch(fields.get_i16()),
            base_sequence: Sequence(fields.get_i32()),
            count: fields.get_i32(),
        };
        header.check()?;
        Ok(header)
    }

    fn check(&self) -> Result<(), BatchError> {
        if usize::try_from(self.length).is_err() || self.size() < BatchHeader::SIZE {
            return Err(BatchError::Length(self.length));
        }
        let codec = self.attributes & attribute::CODEC;
        if Codec::from_bits(codec).is_none() {
            return Err(BatchError::Codec(codec));
        }
        let base = self.base_offset.0;
        let delta = self.last_offset_delta;
        // One more than the last offset must be an offset, too: it is the log's end.
        let end = base.checked_add(i64::from(delta)).and_then(|last| last.checked_add(1));
        if base < 0 || delta < 0 || end.is_none() {
            return Err(BatchError::Offsets { base, delta });
        }
        let offsets = i64::from(delta) + 1;
        if self.count < 0 || i64::from(self.count) > offsets {
            return Err(BatchError::Count { count: self.count, offsets });
        }
        Ok(())
    }

    /// The bytes of the header, for writing.
    #[must_use]
    pub fn encode(&self) -> [u8; BatchHeader::SIZE] {
        let mut bytes = [0; BatchHeader::SIZE];
        let mut fields = &mut bytes[..];
        fields.put_i64(self.base_offset.0);
        fields.put_i32(self.length);
        fields.put_i32(self.partition_leader_epoch.0);
        fields.put_i8(MAGIC);
        fields.put_u32(self.crc);
        fields.put_i16(self.attributes);
        fields.put_i32(self.last_offset_delta);
        fields.put_i64(self.base_timestamp.0);
        fields.put_i64(self.max_timestamp.0);
        fields.put_i64(self.producer_id.0);
        fields.put_i16(self.producer_epoch.0);
        fields.put_i32(self.base_sequence.0);
        fields.put_i32(self.count);
        bytes
    }

    /// The offset of the first record the batch had when it was written.
    #[must_use]
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// The offset of the last record the batch had when it was written.
    #[must_use]
    pub fn last_offset(&self) -> Offset {
        self.base_offset.plus(i64::from(self.last_offset_delta))
    }

    /// The distance between the first offset and the last.
    #[must_use]
    pub fn last_offset_delta(&self) -> i32 {
        self.last_offset_delta
    }

    /// How many bytes the whole batch takes, header included.
    #[must_use]
    pub fn size(&self) -> usize {
        let length = usize::try_from(self.length).expect("a parsed length is not negative");
        BatchHeader::LENGTH_PREFIX + length
    }

    /// The epoch of the leader that appended the batch.
    #[must_use]
    pub fn partition_leader_epoch(&self) -> LeaderEpoch {
        self.partition_leader_epoch
    }

    /// The stored checksum.
    #[must_use]
    pub fn crc(&self) -> u32 {
        self.crc
    }

    /// How the records are compressed.
    #[must_use]
    pub fn codec(&self) -> Codec {
        Codec::from_bits(self.attributes & attribute::CODEC).expect("a parsed codec is known")
    }

    /// Whose clock the timestamps come from.
    #[must_use]
    pub fn timestamp_type(&self) -> TimestampType {
        match self.attributes & attribute::LOG_APPEND_TIME {
            0 => TimestampType::CreateTime,
            1.. | ..0 => TimestampType::LogAppendTime,
        }
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes & attribute::TRANSACTIONAL != 0
    }

    /// Whether the records are for brokers, not for consumers.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes & attribute::CONTROL != 0
    }

    /// When the tombstones in the batch may go, once a cleaner has set it.
    #[must_use]
    pub fn delete_horizon(&self) -> Option<Timestamp> {
        (self.attributes & attribute::DELETE_HORIZON != 0).then_some(self.base_timestamp)
    }

    /// What the records' timestamps are counted from.
    #[must_use]
    pub fn base_timestamp(&self) -> Timestamp {
        self.base_timestamp
    }

    /// The largest timestamp of a record.
    #[must_use]
    pub fn max_timestamp(&self) -> Timestamp {
        self.max_timestamp
    }

    /// The producer's id, [`ProducerId::NONE`] when it is not idempotent.
    #[must_use]
    pub fn producer_id(&self) -> ProducerId {
        self.producer_id
    }

    /// Whether an idempotent or transactional producer made the batch.
    #[must_use]
    pub fn has_producer(&self) -> bool {
        self.producer_id > ProducerId::NONE
    }

    /// The producer's epoch.
    #[must_use]
    pub fn producer_epoch(&self) -> ProducerEpoch {
        self.producer_epoch
    }

    /// The sequence of the first record.
    #[must_use]
    pub fn base_sequence(&self) -> Sequence {
        self.base_sequence
    }

    /// The sequence of the last record; [`Sequence::NONE`] when there are no sequences.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        if self.base_sequence < Sequence(0) {
            return Sequence::NONE;
        }
        self.base_sequence.plus(self.last_offset_delta)
    }

    /// How many records there are. Compaction can leave fewer than there are offsets.
    #[must_use]
    pub fn count(&self) -> i32 {
        self.count
    }
}
