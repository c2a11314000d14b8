//! Making a batch out of records.

use bytes::Bytes;
use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use super::{
    BatchHeader, Codec, Compression, Header,
    header::{attribute, position},
    varint::{put_varint, put_varlong, varint_size, varlong_size},
};

/// Collects records and encodes them as one batch.
///
/// ```
/// use protocol::records::{BatchBuilder, BatchView, Codec, Compression};
/// use types::{Offset, Timestamp};
///
/// let mut builder = BatchBuilder::new(Compression::new(Codec::Lz4)).base_offset(Offset(40));
/// builder.push(Timestamp(1), Some(b"key"), Some(b"value"), &[]);
/// builder.push(Timestamp(2), None, None, &[]);
/// let bytes = builder.build();
/// assert_eq!(BatchView::parse(&bytes).unwrap().last_offset(), Offset(41));
/// ```
#[derive(Debug, Clone)]
pub struct BatchBuilder {
    compression: Compression,
    header: BatchHeader,
    payload: Vec<u8>,
}

impl BatchBuilder {
    /// A batch without a producer, at offset 0.
    #[must_use]
    pub fn new(compression: Compression) -> BatchBuilder {
        let header = BatchHeader {
            base_offset: Offset::ZERO,
            length: 0,
            partition_leader_epoch: LeaderEpoch::NONE,
            crc: 0,
            attributes: compression.codec().bits(),
            last_offset_delta: -1,
            base_timestamp: Timestamp::NONE,
            max_timestamp: Timestamp::NONE,
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            base_sequence: Sequence::NONE,
            count: 0,
        };
        BatchBuilder { compression, header, payload: Vec::new() }
    }

    /// Sets the offset of the first record.
    #[must_use]
    pub fn base_offset(mut self, offset: Offset) -> BatchBuilder {
        self.header.base_offset = offset;
        self
    }

    /// Sets the epoch of the leader that appends the batch.
    #[must_use]
    pub fn partition_leader_epoch(mut self, epoch: LeaderEpoch) -> BatchBuilder {
        self.header.partition_leader_epoch = epoch;
        self
    }

    /// Names the idempotent producer and the sequence of its first record.
    #[must_use]
    pub fn producer(
        mut self,
        id: ProducerId,
        epoch: ProducerEpoch,
        base_sequence: Sequence,
    ) -> BatchBuilder {
        self.header.producer_id = id;
        self.header.producer_epoch = epoch;
        self.header.base_sequence = base_sequence;
        self
    }

    /// Makes the batch part of its producer's transaction.
    #[must_use]
    pub fn transactional(mut self) -> BatchBuilder {
        self.header.attributes |= attribute::TRANSACTIONAL;
        self
    }

    /// Makes the records control records, which no consumer sees.
    #[must_use]
    pub fn control(mut self) -> BatchBuilder {
        self.header.attributes |= attribute::CONTROL;
        self
    }

    /// Appends a record at the offset after the last one.
    ///
    /// # Panics
    /// When the batch would take more than 2 GiB.
    pub fn push(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        let delta = self.header.last_offset_delta.checked_add(1).expect(TOO_LARGE);
        if self.header.count == 0 {
            self.header.base_timestamp = timestamp;
        }
        self.header.last_offset_delta = delta;
        self.header.count += 1;
        self.header.max_timestamp = self.header.max_timestamp.max(timestamp);
        let timestamp_delta = timestamp.0.wrapping_sub(self.header.base_timestamp.0);
        put_record(&mut self.payload, timestamp_delta, delta, key, value, headers);
    }

    /// How many records there are.
    #[must_use]
    pub fn count(&self) -> i32 {
        self.header.count
    }

    /// How many bytes the batch would take without compression.
    #[must_use]
    pub fn uncompressed_size(&self) -> usize {
        BatchHeader::SIZE + self.payload.len()
    }

    /// The finished batch.
    ///
    /// # Panics
    /// When there are no records.
    #[must_use]
    pub fn build(self) -> Bytes {
        assert!(self.header.count > 0, "a batch has at least one record");
        seal(self.header, self.compression, &self.payload)
    }
}

/// Puts header and records together: compresses them and fills in codec, length and checksum.
pub(super) fn seal(mut header: BatchHeader, compression: Compression, payload: &[u8]) -> Bytes {
    let room = if compression.codec() == Codec::None { payload.len() } else { payload.len() / 2 };
    let mut bytes = Vec::with_capacity(BatchHeader::SIZE + room);
    bytes.resize(BatchHeader::SIZE, 0);
    compression.compress(payload, &mut bytes);

    header.attributes = (header.attributes & !attribute::CODEC) | compression.codec().bits();
    header.length = i32::try_from(bytes.len() - BatchHeader::LENGTH_PREFIX).expect(TOO_LARGE);
    bytes[..BatchHeader::SIZE].copy_from_slice(&header.encode());
    let crc = crc32c::crc32c(&bytes[position::ATTRIBUTES..]);
    bytes[position::CRC..][..4].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

/// Appends one record to the payload of a batch.
fn put_record(
    out: &mut Vec<u8>,
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header<'_>],
) {
    let header_count = length(headers.len());
    let headers_size: usize =
        headers.iter().map(|header| field_size(Some(header.key)) + field_size(header.value)).sum();
    let size = field_size(key) + field_size(value) + varint_size(header_count) + headers_size;
    put_record_start(out, timestamp_delta, offset_delta, size);
    put_field(out, key);
    put_field(out, value);
    put_varint(out, header_count);
    for header in headers {
        put_field(out, Some(header.key));
        put_field(out, header.value);
    }
}

/// Appends what comes before a record's key, given how many bytes come from there on.
pub(super) fn put_record_start(
    out: &mut Vec<u8>,
    timestamp_delta: i64,
    offset_delta: i32,
    rest: usize,
) {
    let size = 1 + varlong_size(timestamp_delta) + varint_size(offset_delta) + rest;
    put_varint(out, length(size));
    out.push(0);
    put_varlong(out, timestamp_delta);
    put_varint(out, offset_delta);
}

fn field_size(field: Option<&[u8]>) -> usize {
    match field {
        Some(field) => varint_size(length(field.len())) + field.len(),
        None => varint_size(-1),
    }
}

fn put_field(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        Some(field) => {
            put_varint(out, length(field.len()));
            out.extend_from_slice(field);
        }
        None => put_varint(out, -1),
    }
}

fn length(size: usize) -> i32 {
    i32::try_from(size).expect(TOO_LARGE)
}

const TOO_LARGE: &str = "a batch takes less than 2 GiB";
