//! Writing values for one vectored write.
//!
//! Small values are gathered in a buffer; large bytes are passed on as they are, and a slot keeps
//! the place of bytes that the sender takes from a file.

use bytes::Bytes;
use types::Uuid;

use crate::Format;

/// A piece of what is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// Bytes in memory.
    Bytes(Bytes),
    /// `size` bytes that the sender takes from elsewhere.
    Slot {
        /// What the sender looks the bytes up by.
        slot: usize,
        /// How many bytes must be sent.
        size: usize,
    },
}

impl Chunk {
    /// How many bytes are to be sent.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Chunk::Bytes(bytes) => bytes.len(),
            Chunk::Slot { size, .. } => *size,
        }
    }
}

/// What was written, in the order it is to be sent.
#[derive(Debug, Default)]
pub struct Encoder {
    /// What belongs into the empty first chunk; kept apart so that a frame's length, known only at
    /// the end, can still be put in front.
    head: Option<Vec<u8>>,
    /// What goes before `buffer`.
    chunks: Vec<Chunk>,
    chunks_size: usize,
    buffer: Vec<u8>,
}

/// Why a message cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// There is no such version of the message.
    #[error("{message} has no version {version}")]
    UnsupportedVersion {
        /// The message's name.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// The version has no place for what a field says.
    #[error("version {version} has no field {field}")]
    FieldUnsupported {
        /// The struct and its field.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// The field cannot be null in this version.
    #[error("{field} cannot be null in version {version}")]
    NullUnsupported {
        /// The struct and its field.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// A value is longer than its length can be written.
    #[error("a value of {size} bytes or elements exceeds the limit of {limit}")]
    TooLong {
        /// How long it is.
        size: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The message holds a slot but was to become bytes.
    #[error("a slot has no bytes of its own")]
    Slot,
}

/// Bytes of this size and more are passed on rather than copied.
const SHARED_SIZE_MIN: usize = 512;

const FRAME_PREFIX_SIZE: usize = 4;

/// Most frames take no more, file slices apart: room for so many bytes is made at once.
const FRAME_SIZE_USUAL: usize = 256;

/// The same for what follows a large piece.
const REST_SIZE_USUAL: usize = 64;

impl Encoder {
    /// With nothing written.
    #[must_use]
    pub fn new() -> Encoder {
        Encoder::default()
    }

    /// How many bytes were written, slots included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.chunks_size + self.buffer.len()
    }

    /// What was written, for a vectored write.
    #[must_use]
    pub fn into_chunks(mut self) -> Vec<Chunk> {
        self.flush();
        if let Some(head) = self.head {
            self.chunks[0] = Chunk::Bytes(head.into());
        }
        self.chunks
    }

    /// With the place kept for a frame's length.
    pub(crate) fn framed() -> Encoder {
        let buffer = Vec::with_capacity(FRAME_SIZE_USUAL);
        let mut encoder = Encoder { buffer, ..Encoder::new() };
        encoder.put_i32(0);
        encoder
    }

    /// Puts the length of what was written into the place kept for it.
    pub(crate) fn into_frame(mut self) -> Result<Vec<Chunk>, EncodeError> {
        let length = long_length(self.size() - FRAME_PREFIX_SIZE)?;
        let head = self.head.as_mut().unwrap_or(&mut self.buffer);
        head[..FRAME_PREFIX_SIZE].copy_from_slice(&length.to_be_bytes());
        Ok(self.into_chunks())
    }

    /// What was written, in one piece.
    ///
    /// # Errors
    /// A slot was written.
    pub fn into_bytes(self) -> Result<Bytes, EncodeError> {
        let size = self.size();
        let mut chunks = self.into_chunks();
        if let [Chunk::Bytes(bytes)] = chunks.as_mut_slice() {
            return Ok(std::mem::take(bytes));
        }
        let mut whole = Vec::with_capacity(size);
        for chunk in chunks {
            match chunk {
                Chunk::Bytes(bytes) => whole.extend_from_slice(&bytes),
                Chunk::Slot { .. } => return Err(EncodeError::Slot),
            }
        }
        Ok(whole.into())
    }

    /// Makes a chunk of what is in the buffer.
    fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let gathered = std::mem::take(&mut self.buffer);
        self.chunks_size += gathered.len();
        if self.chunks.is_empty() {
            self.head = Some(gathered);
            self.chunks.push(Chunk::Bytes(Bytes::new()));
        } else {
            self.chunks.push(Chunk::Bytes(gathered.into()));
        }
    }

    fn push(&mut self, chunk: Chunk) {
        self.chunks_size += chunk.size();
        self.chunks.push(chunk);
        self.buffer.reserve(REST_SIZE_USUAL);
    }

    /// Writes bytes without their length, as a chunk of their own when they are large.
    pub fn put_shared(&mut self, bytes: Bytes) {
        if bytes.len() < SHARED_SIZE_MIN {
            self.put_bytes(&bytes);
        } else {
            self.flush();
            self.push(Chunk::Bytes(bytes));
        }
    }

    /// Keeps a place for `size` bytes that the sender finds by `slot`.
    pub fn put_slot(&mut self, slot: usize, size: usize) {
        self.flush();
        self.push(Chunk::Slot { slot, size });
    }

    /// Writes bytes without their length.
    pub fn put_bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Writes what another encoder holds.
    fn append(&mut self, other: Encoder) {
        for chunk in other.into_chunks() {
            match chunk {
                Chunk::Bytes(bytes) => self.put_shared(bytes),
                Chunk::Slot { slot, size } => self.put_slot(slot, size),
            }
        }
    }

    /// Writes one byte, zero or one.
    pub fn put_bool(&mut self, value: bool) {
        self.buffer.push(u8::from(value));
    }

    /// Writes a signed byte.
    pub fn put_i8(&mut self, value: i8) {
        self.put_bytes(&value.to_be_bytes());
    }

    /// Writes a signed number of two bytes.
    pub fn put_i16(&mut self, value: i16) {
        self.put_bytes(&value.to_be_bytes());
    }

    /// Writes an unsigned number of two bytes.
    pub fn put_u16(&mut self, value: u16) {
        self.put_bytes(&value.to_be_bytes());
    }

    /// Writes a signed number of four bytes.
    pub fn put_i32(&mut self, value: i32) {
        self.put_bytes(&value.to_be_bytes());
    }

    /// Writes a signed number of eight bytes.
    pub fn put_i64(&mut self, value: i64) {
        self.put_bytes(&value.to_be_bytes());
    }

    /// Writes a double.
    pub fn put_f64(&mut self, value: f64) {
        self.put_bytes(&value.to_be_bytes());
    }

    /// Writes a UUID.
    pub fn put_uuid(&mut self, value: Uuid) {
        self.put_bytes(value.as_bytes());
    }

    /// Writes an unsigned number in one to five bytes, seven bits in each, the lowest first.
    pub fn put_unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.buffer.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.buffer.push(value.to_le_bytes()[0]);
    }

    /// Writes the length of an array, bytes or records; `None` is null.
    ///
    /// # Errors
    /// It exceeds 2^31 - 1.
    pub fn put_length(&mut self, length: Option<usize>, format: Format) -> Result<(), EncodeError> {
        if format.flexible {
            return self.put_compact_length(length);
        }
        self.put_i32(length.map_or(Ok(-1), long_length)?);
        Ok(())
    }

    pub(crate) fn put_compact_length(&mut self, length: Option<usize>) -> Result<(), EncodeError> {
        let plus_one = length.map_or(Ok(0), |length| long_length(length).map(|it| it + 1))?;
        self.put_unsigned_varint(plus_one.cast_unsigned());
        Ok(())
    }

    pub(crate) fn put_short_length(&mut self, length: Option<usize>) -> Result<(), EncodeError> {
        let limit = i16::MAX as usize;
        let length = length
            .map(|size| i16::try_from(size).map_err(|_| EncodeError::TooLong { size, limit }));
        self.put_i16(length.unwrap_or(Ok(-1))?);
        Ok(())
    }

    /// Writes the end of a struct without tagged fields.
    pub fn put_no_tagged_fields(&mut self) {
        self.put_unsigned_varint(0);
    }

    /// Writes the end of a struct.
    ///
    /// # Errors
    /// A field exceeds 2^31 - 1 bytes.
    pub fn put_tagged_fields(&mut self, fields: TaggedFields) -> Result<(), EncodeError> {
        self.put_unsigned_varint(long_length(fields.fields.len())?.cast_unsigned());
        for (tag, value) in fields.fields {
            self.put_unsigned_varint(tag);
            self.put_unsigned_varint(long_length(value.size())?.cast_unsigned());
            self.append(value);
        }
        Ok(())
    }
}

fn long_length(size: usize) -> Result<i32, EncodeError> {
    let limit = i32::MAX as usize - 1;
    match i32::try_from(size) {
        Ok(length) if length < i32::MAX => Ok(length),
        _ => Err(EncodeError::TooLong { size, limit }),
    }
}

/// The tagged fields of one struct, in the order of their tags.
#[derive(Debug, Default)]
pub struct TaggedFields {
    fields: Vec<(u32, Encoder)>,
}

impl TaggedFields {
    /// Where the value of the next field is to be written.
    pub fn begin(&mut self, tag: u32) -> &mut Encoder {
        self.fields.push((tag, Encoder::new()));
        &mut self.fields.last_mut().expect("one was pushed").1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Message, Records,
        messages::{
            FetchRequest, FetchResponse, MetadataRequest,
            fetch::{FetchableTopicResponse, PartitionData},
        },
        response_frame,
    };

    fn fetched(records: Records) -> FetchResponse {
        let partition = PartitionData { records: Some(records), ..Default::default() };
        let topic = FetchableTopicResponse { partitions: vec![partition], ..Default::default() };
        FetchResponse { responses: vec![topic], ..Default::default() }
    }

    #[test]
    fn large_records_are_sent_without_a_copy() {
        let batch = Bytes::from(vec![7; 100_000]);
        let response = fetched(Records::Bytes(batch.clone()));
        let frame = response_frame::<FetchRequest>(&response, 16, 1).unwrap();
        let [_, Chunk::Bytes(sent), _] = frame.chunks.as_slice() else { panic!("{frame:?}") };
        assert_eq!(sent.as_ptr(), batch.as_ptr());
    }

    #[test]
    fn a_slot_keeps_the_place_of_bytes_from_a_file() {
        let slot = response_frame::<FetchRequest>(
            &fetched(Records::Slot { slot: 5, size: 100_000 }),
            16,
            1,
        );
        let bytes = fetched(Records::Bytes(Bytes::from(vec![7; 100_000])));
        let (slot, bytes) = (slot.unwrap(), response_frame::<FetchRequest>(&bytes, 16, 1).unwrap());
        assert_eq!(slot.chunks[1], Chunk::Slot { slot: 5, size: 100_000 });
        assert_eq!((slot.size, &slot.chunks[0]), (bytes.size, &bytes.chunks[0]));
    }

    #[test]
    fn the_length_in_front_counts_what_follows_it() {
        let response = fetched(Records::Slot { slot: 0, size: 1000 });
        let frame = response_frame::<FetchRequest>(&response, 4, 1).unwrap();
        let Chunk::Bytes(first) = &frame.chunks[0] else { panic!("{frame:?}") };
        let length = i32::from_be_bytes(*first.first_chunk().unwrap());
        let sizes: usize = frame.chunks.iter().map(Chunk::size).sum();
        assert_eq!((usize::try_from(length).unwrap() + 4, sizes), (frame.size, frame.size));
    }

    #[test]
    fn a_message_with_slots_has_no_bytes() {
        let response = fetched(Records::Slot { slot: 0, size: 10 });
        assert_eq!(response.to_bytes(16), Err(EncodeError::Slot));
    }

    #[test]
    fn a_text_beyond_kafkas_limit_is_refused() {
        let request = FetchRequest { rack_id: "r".repeat(32_768).into(), ..Default::default() };
        let error = EncodeError::TooLong { size: 32_768, limit: 32_767 };
        assert_eq!(request.to_bytes(11), Err(error.clone()));
        assert_eq!(request.to_bytes(12), Err(error));
    }

    #[test]
    fn a_version_without_the_field_refuses_what_may_not_be_lost() {
        let request = MetadataRequest { allow_auto_topic_creation: false, ..Default::default() };
        let field = "MetadataRequest.AllowAutoTopicCreation";
        assert_eq!(request.to_bytes(3), Err(EncodeError::FieldUnsupported { field, version: 3 }));
        assert!(request.to_bytes(4).is_ok());
    }

    #[test]
    fn null_is_refused_by_versions_that_do_not_know_it() {
        let request = MetadataRequest { topics: None, ..Default::default() };
        let field = "MetadataRequest.Topics";
        assert_eq!(request.to_bytes(0), Err(EncodeError::NullUnsupported { field, version: 0 }));
        assert!(request.to_bytes(1).is_ok());
    }

    #[test]
    fn a_version_that_does_not_exist_is_refused() {
        let message = "FetchRequest";
        assert_eq!(
            FetchRequest::default().to_bytes(3),
            Err(EncodeError::UnsupportedVersion { message, version: 3 })
        );
    }
}
