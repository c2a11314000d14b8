//! The types a field can have, and how each is written.

mod fixed;

use bytes::Bytes;
use bytestring::ByteString;

use crate::{DecodeError, Decoder, EncodeError, Encoder, Malformed, schema::Type};

/// How the fields of one message are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The message's version.
    pub version: i16,
    /// Whether lengths are compact and structs end with tagged fields.
    pub flexible: bool,
}

/// What can stand in a field.
pub trait Value: Sized {
    /// What a schema calls it.
    const TYPE: Type;

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes are no such value.
    fn decode(decoder: &mut Decoder, format: Format) -> Result<Self, DecodeError>;

    /// Writes the value.
    ///
    /// # Errors
    /// The format cannot carry the value.
    fn encode(&self, encoder: &mut Encoder, format: Format) -> Result<(), EncodeError>;

    /// Calls `found` with the number in each field that Kafka calls `ErrorCode`, 0 included.
    fn errors(&self, found: &mut dyn FnMut(i16)) {
        let _ = found;
    }
}

/// What can be null: everything whose length is written, and structs.
pub trait Nullable: Value {
    /// Reads a value or null.
    ///
    /// # Errors
    /// The bytes are neither.
    fn decode_nullable(decoder: &mut Decoder, format: Format) -> Result<Option<Self>, DecodeError>;

    /// Writes a value or null.
    ///
    /// # Errors
    /// The format cannot carry the value.
    fn encode_nullable(
        value: Option<&Self>,
        encoder: &mut Encoder,
        format: Format,
    ) -> Result<(), EncodeError>;
}

/// Record batches in a message: bytes, or a place that the sender fills from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// The batches themselves.
    Bytes(Bytes),
    /// `size` bytes that whoever writes the frame takes from elsewhere; `slot` says from where.
    Slot {
        /// What the sender looks the bytes up by.
        slot: usize,
        /// How many bytes will be put here.
        size: usize,
    },
}

impl Default for Records {
    fn default() -> Records {
        Records::Bytes(Bytes::new())
    }
}

impl Records {
    /// How many bytes there are.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Records::Bytes(bytes) => bytes.len(),
            Records::Slot { size, .. } => *size,
        }
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Records {
        Records::Bytes(bytes)
    }
}

/// Reads the byte that says whether a struct follows, and the struct.
///
/// # Errors
/// The bytes are no such struct.
pub fn decode_nullable_struct<T: Value>(
    decoder: &mut Decoder,
    format: Format,
) -> Result<Option<T>, DecodeError> {
    if decoder.i8()? < 0 { Ok(None) } else { T::decode(decoder, format).map(Some) }
}

/// Writes the byte that says whether a struct follows, and the struct.
///
/// # Errors
/// The format cannot carry the struct.
pub fn encode_nullable_struct<T: Value>(
    value: Option<&T>,
    encoder: &mut Encoder,
    format: Format,
) -> Result<(), EncodeError> {
    encoder.put_i8(if value.is_some() { 1 } else { -1 });
    value.map_or(Ok(()), |value| value.encode(encoder, format))
}

fn not_null<T: Nullable>(decoder: &mut Decoder, format: Format) -> Result<T, DecodeError> {
    let value = T::decode_nullable(decoder, format)?;
    value.ok_or_else(|| decoder.malformed(Malformed::Null))
}

impl Value for ByteString {
    const TYPE: Type = Type::String;

    fn decode(decoder: &mut Decoder, format: Format) -> Result<Self, DecodeError> {
        not_null(decoder, format)
    }

    fn encode(&self, encoder: &mut Encoder, format: Format) -> Result<(), EncodeError> {
        Self::encode_nullable(Some(self), encoder, format)
    }
}

impl Nullable for ByteString {
    fn decode_nullable(
        decoder: &mut Decoder,
        format: Format,
    ) -> Result<Option<ByteString>, DecodeError> {
        let length =
            if format.flexible { decoder.compact_length()? } else { decoder.short_length()? };
        length.map(|length| decoder.text(length)).transpose()
    }

    fn encode_nullable(
        value: Option<&ByteString>,
        encoder: &mut Encoder,
        format: Format,
    ) -> Result<(), EncodeError> {
        let length = value.map(|text| text.len());
        if let Some(size) = length.filter(|length| *length > TEXT_LENGTH_MAX) {
            return Err(EncodeError::TooLong { size, limit: TEXT_LENGTH_MAX });
        }
        if format.flexible {
            encoder.put_compact_length(length)?;
        } else {
            encoder.put_short_length(length)?;
        }
        if let Some(text) = value {
            encoder.put_bytes(text.as_bytes());
        }
        Ok(())
    }
}

/// The longest text Kafka writes, in bytes.
const TEXT_LENGTH_MAX: usize = i16::MAX as usize;

impl Value for Bytes {
    const TYPE: Type = Type::Bytes;

    fn decode(decoder: &mut Decoder, format: Format) -> Result<Self, DecodeError> {
        not_null(decoder, format)
    }

    fn encode(&self, encoder: &mut Encoder, format: Format) -> Result<(), EncodeError> {
        Self::encode_nullable(Some(self), encoder, format)
    }
}

impl Nullable for Bytes {
    fn decode_nullable(
        decoder: &mut Decoder,
        format: Format,
    ) -> Result<Option<Bytes>, DecodeError> {
        let length = decoder.length(format)?;
        length.map(|length| decoder.take(length)).transpose()
    }

    fn encode_nullable(
        value: Option<&Bytes>,
        encoder: &mut Encoder,
        format: Format,
    ) -> Result<(), EncodeError> {
        encoder.put_length(value.map(Bytes::len), format)?;
        if let Some(bytes) = value {
            encoder.put_shared(bytes.clone());
        }
        Ok(())
    }
}

impl Value for Records {
    const TYPE: Type = Type::Records;

    fn decode(decoder: &mut Decoder, format: Format) -> Result<Self, DecodeError> {
        not_null(decoder, format)
    }

    fn encode(&self, encoder: &mut Encoder, format: Format) -> Result<(), EncodeError> {
        Self::encode_nullable(Some(self), encoder, format)
    }
}

impl Nullable for Records {
    fn decode_nullable(
        decoder: &mut Decoder,
        format: Format,
    ) -> Result<Option<Records>, DecodeError> {
        Ok(Bytes::decode_nullable(decoder, format)?.map(Records::Bytes))
    }

    fn encode_nullable(
        value: Option<&Records>,
        encoder: &mut Encoder,
        format: Format,
    ) -> Result<(), EncodeError> {
        encoder.put_length(value.map(Records::size), format)?;
        match value {
            Some(Records::Bytes(bytes)) => encoder.put_shared(bytes.clone()),
            Some(Records::Slot { slot, size }) => encoder.put_slot(*slot, *size),
            None => {}
        }
        Ok(())
    }
}

impl<T: Value> Value for Vec<T> {
    const TYPE: Type = Type::Array(&T::TYPE);

    fn decode(decoder: &mut Decoder, format: Format) -> Result<Self, DecodeError> {
        not_null(decoder, format)
    }

    fn encode(&self, encoder: &mut Encoder, format: Format) -> Result<(), EncodeError> {
        Self::encode_nullable(Some(self), encoder, format)
    }

    fn errors(&self, found: &mut dyn FnMut(i16)) {
        self.iter().for_each(|one| one.errors(found));
    }
}

impl<T: Value> Nullable for Vec<T> {
    fn decode_nullable(
        decoder: &mut Decoder,
        format: Format,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let Some(count) = decoder.length(format)? else { return Ok(None) };
        decoder.charge(count.saturating_mul(size_of::<T>()))?;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(T::decode(decoder, format)?);
        }
        Ok(Some(values))
    }

    fn encode_nullable(
        value: Option<&Vec<T>>,
        encoder: &mut Encoder,
        format: Format,
    ) -> Result<(), EncodeError> {
        encoder.put_length(value.map(Vec::len), format)?;
        value.into_iter().flatten().try_for_each(|item| item.encode(encoder, format))
    }
}
