//! Reading values out of a frame.
//!
//! Text and bytes that come out are slices of the frame: nothing is copied. Nothing that goes in
//! can ask for more memory than a small multiple of the frame's own size.

use bytes::Bytes;
use bytestring::ByteString;
use types::Uuid;

use crate::Format;

/// A place in a frame, and how much memory may still be spent on what is read from it.
#[derive(Debug)]
pub struct Decoder {
    bytes: Bytes,
    position: usize,
    budget: usize,
}

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {position}")]
pub struct DecodeError {
    /// How far reading had come.
    pub position: usize,
    /// What was wrong there.
    pub reason: Malformed,
}

/// What can be wrong with bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More bytes are needed than there are.
    #[error("{needed} bytes are needed but {left} are left")]
    TooShort {
        /// How many would have been read.
        needed: usize,
        /// How many there were.
        left: usize,
    },
    /// A length is below -1.
    #[error("the length {0} is negative")]
    NegativeLength(i64),
    /// Null stands where it may not.
    #[error("null stands where a value must be")]
    Null,
    /// A text is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// A number of variable length does not end.
    #[error("the variable-length number is too long")]
    Varint,
    /// A tagged field says it is longer or shorter than it is.
    #[error("tagged field {tag} says it has {said} bytes but has {found}")]
    TaggedSize {
        /// The field.
        tag: u32,
        /// The size in front of it.
        said: usize,
        /// How many bytes its value took up.
        found: usize,
    },
    /// The message would take up far more memory than the bytes it is made of.
    #[error("the message is too large for its {frame} bytes")]
    Budget {
        /// The size of the frame.
        frame: usize,
    },
    /// There is no such version of the message.
    #[error("{message} has no version {version}")]
    UnsupportedVersion {
        /// The message's name.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// Bytes are left where the message should have ended.
    #[error("{0} bytes are left over")]
    LeftOver(usize),
}

const BUDGET_MIN: usize = 64 * 1024;
const BUDGET_MAX: usize = 64 * 1024 * 1024;
const BUDGET_PER_BYTE: usize = 16;

impl Decoder {
    /// Stands at the start of these bytes.
    ///
    /// What is read may take up 16 times the memory of the bytes, at least 64 KiB and at most
    /// 64 MiB; an honest message stays far below.
    #[must_use]
    pub fn new(bytes: Bytes) -> Decoder {
        let budget = bytes.len().saturating_mul(BUDGET_PER_BYTE).clamp(BUDGET_MIN, BUDGET_MAX);
        Decoder { bytes, position: 0, budget }
    }

    /// How many bytes were read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// Says that nothing more is expected.
    ///
    /// # Errors
    /// Bytes are left.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(self.malformed(Malformed::LeftOver(left))),
        }
    }

    /// What is wrong where the decoder stands.
    #[must_use]
    pub fn malformed(&self, reason: Malformed) -> DecodeError {
        DecodeError { position: self.position, reason }
    }

    pub(crate) fn unsupported_version(&self, message: &'static str, version: i16) -> DecodeError {
        self.malformed(Malformed::UnsupportedVersion { message, version })
    }

    /// Takes memory for decoded values out of the budget, before it is allocated.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn charge(&mut self, size: usize) -> Result<(), DecodeError> {
        let Some(left) = self.budget.checked_sub(size) else {
            return Err(self.malformed(Malformed::Budget { frame: self.bytes.len() }));
        };
        self.budget = left;
        Ok(())
    }

    /// Checks that this many bytes are left.
    fn require(&self, needed: usize) -> Result<(), DecodeError> {
        let left = self.remaining();
        if needed > left {
            return Err(self.malformed(Malformed::TooShort { needed, left }));
        }
        Ok(())
    }

    /// The next bytes, as a slice of the frame.
    ///
    /// # Errors
    /// There are not that many.
    pub fn take(&mut self, size: usize) -> Result<Bytes, DecodeError> {
        self.require(size)?;
        let taken = self.bytes.slice(self.position..self.position + size);
        self.position += size;
        Ok(taken)
    }

    /// Passes over the next bytes.
    ///
    /// # Errors
    /// There are not that many.
    pub fn skip(&mut self, size: usize) -> Result<(), DecodeError> {
        self.require(size)?;
        self.position += size;
        Ok(())
    }

    /// The next bytes as text.
    ///
    /// # Errors
    /// There are not that many, or they are not UTF-8.
    pub fn text(&mut self, size: usize) -> Result<ByteString, DecodeError> {
        let bytes = self.take(size)?;
        ByteString::try_from(bytes).map_err(|_| self.malformed(Malformed::NotUtf8))
    }

    fn array<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], DecodeError> {
        let Some(array) = self.bytes[self.position..].first_chunk() else {
            return Err(
                self.malformed(Malformed::TooShort { needed: SIZE, left: self.remaining() })
            );
        };
        let array = *array;
        self.position += SIZE;
        Ok(array)
    }

    /// A byte that is zero or not.
    ///
    /// # Errors
    /// No byte is left.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        Ok(self.u8()? != 0)
    }

    fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// A signed byte.
    ///
    /// # Errors
    /// No byte is left.
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        Ok(i8::from_be_bytes(self.array()?))
    }

    /// A signed number of two bytes.
    ///
    /// # Errors
    /// Too few bytes are left.
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    /// An unsigned number of two bytes.
    ///
    /// # Errors
    /// Too few bytes are left.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// A signed number of four bytes.
    ///
    /// # Errors
    /// Too few bytes are left.
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    /// A signed number of eight bytes.
    ///
    /// # Errors
    /// Too few bytes are left.
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    /// A double.
    ///
    /// # Errors
    /// Too few bytes are left.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    /// A UUID.
    ///
    /// # Errors
    /// Too few bytes are left.
    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        Ok(Uuid::from_bytes(self.array()?))
    }

    /// An unsigned number of one to five bytes, seven bits in each, the lowest first.
    ///
    /// # Errors
    /// It does not end within five bytes, or does not fit 32 bits.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0_u32;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                return Err(self.malformed(Malformed::Varint));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.malformed(Malformed::Varint))
    }

    /// The length of an array, bytes or records; `None` is null.
    ///
    /// Never more than the bytes that are left, of which every element takes up at least one.
    ///
    /// # Errors
    /// The length is negative or larger than what is left.
    pub fn length(&mut self, format: Format) -> Result<Option<usize>, DecodeError> {
        if format.flexible { self.compact_length() } else { self.long_length() }
    }

    pub(crate) fn compact_length(&mut self) -> Result<Option<usize>, DecodeError> {
        let plus_one = self.unsigned_varint()?;
        self.checked_length(i64::from(plus_one) - 1)
    }

    pub(crate) fn short_length(&mut self) -> Result<Option<usize>, DecodeError> {
        let length = self.i16()?;
        self.checked_length(i64::from(length))
    }

    fn long_length(&mut self) -> Result<Option<usize>, DecodeError> {
        let length = self.i32()?;
        self.checked_length(i64::from(length))
    }

    fn checked_length(&self, length: i64) -> Result<Option<usize>, DecodeError> {
        if length == -1 {
            return Ok(None);
        }
        let Ok(length) = usize::try_from(length) else {
            return Err(self.malformed(Malformed::NegativeLength(length)));
        };
        self.require(length)?;
        Ok(Some(length))
    }

    /// Reads the tagged fields at the end of a struct.
    ///
    /// `known` is given each tag and reads the value, or says with `false` that it does not know
    /// the tag, whose bytes are then passed over.
    ///
    /// # Errors
    /// The bytes are no tagged fields, or `known` did not read all of one.
    pub fn tagged_fields(
        &mut self,
        mut known: impl FnMut(u32, &mut Decoder) -> Result<bool, DecodeError>,
    ) -> Result<(), DecodeError> {
        let count = self.unsigned_varint()?;
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            let said = self.unsigned_varint()? as usize;
            self.require(said)?;
            let start = self.position;
            if !known(tag, self)? {
                self.skip(said)?;
            }
            let found = self.position - start;
            if found != said {
                return Err(self.malformed(Malformed::TaggedSize { tag, said, found }));
            }
        }
        Ok(())
    }

    /// Passes over the tagged fields at the end of a struct.
    ///
    /// # Errors
    /// The bytes are no tagged fields.
    pub fn skip_tagged_fields(&mut self) -> Result<(), DecodeError> {
        self.tagged_fields(|_, _| Ok(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Message,
        messages::{ApiVersionsRequest, MetadataRequest},
    };

    fn decoder(bytes: &'static [u8]) -> Decoder {
        Decoder::new(Bytes::from_static(bytes))
    }

    #[test]
    fn varints_hold_32_bits_and_no_more() {
        assert_eq!(decoder(b"\xff\xff\xff\xff\x0f").unsigned_varint(), Ok(u32::MAX));
        assert_eq!(decoder(b"\xac\x02").unsigned_varint(), Ok(300));
        for too_long in [&b"\xff\xff\xff\xff\x1f"[..], b"\x80\x80\x80\x80\x80\x00"] {
            let error = decoder(too_long).unsigned_varint().unwrap_err();
            assert_eq!(error.reason, Malformed::Varint);
        }
    }

    #[test]
    fn text_and_bytes_are_slices_of_the_frame() {
        let frame = Bytes::from_static(b"\x00some text");
        let mut decoder = Decoder::new(frame.clone());
        decoder.skip(1).unwrap();
        assert_eq!(decoder.text(9).unwrap().as_bytes().as_ptr(), frame[1..].as_ptr());
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        let error = ApiVersionsRequest::from_bytes(Bytes::from_static(b"\x02a\x09b"), 3);
        let sentence = "8 bytes are needed but 1 are left at byte 3";
        assert_eq!(error.unwrap_err().to_string(), sentence);
        let error = MetadataRequest::from_bytes(Bytes::from_static(b"\xff\xff\xff\xff"), 0);
        assert_eq!(error.unwrap_err().reason, Malformed::Null);
    }

    #[test]
    fn a_tagged_field_must_be_as_long_as_it_says() {
        let mut decoder = decoder(b"\x01\x01\x0d\0\0\0\x01\0\0\0\0\0\0\0\x02\0");
        let mut sizes = Vec::new();
        let read = decoder.tagged_fields(|tag, decoder| {
            sizes.push((tag, decoder.remaining()));
            decoder.skip(12).map(|()| true)
        });
        let reason = Malformed::TaggedSize { tag: 1, said: 13, found: 12 };
        assert_eq!(read.unwrap_err().reason, reason);
        assert_eq!(sizes, [(1, 13)]);
    }

    #[test]
    fn bytes_behind_a_message_are_noticed() {
        let error = ApiVersionsRequest::from_bytes(Bytes::from_static(b"junk"), 0).unwrap_err();
        assert_eq!(error.reason, Malformed::LeftOver(4));
    }
}
