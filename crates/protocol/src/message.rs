//! What all messages can do.

use bytes::Bytes;

use crate::{ApiKey, DecodeError, Decoder, EncodeError, Encoder, Format, Value, Versions, schema};

/// A struct that is part of a message; derive it with `#[derive(Struct)]`.
pub trait Struct: Value + Default {
    /// Its fields, as Kafka's schema lists them.
    const SCHEMA: schema::Struct;
}

/// A request, a response or a record of an internal topic; derive it with `#[derive(Message)]`.
///
/// ```
/// use protocol::{Message, messages::init_producer_id::InitProducerIdResponse};
///
/// let answer = InitProducerIdResponse { producer_id: 7, ..Default::default() };
/// let bytes = answer.to_bytes(4)?;
/// assert_eq!(InitProducerIdResponse::from_bytes(bytes, 4)?, answer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Message: Struct {
    /// The message's versions and fields.
    const SCHEMA: schema::Message;

    /// Reads a message of this version from where the decoder stands; bytes may be left behind it.
    ///
    /// # Errors
    /// The version does not exist, or the bytes are not a message of it.
    fn decode(decoder: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let schema = <Self as Message>::SCHEMA;
        if !schema.versions.contains(version) {
            return Err(decoder.unsupported_version(schema.name, version));
        }
        Value::decode(decoder, Self::format(version))
    }

    /// Writes the message as this version has it.
    ///
    /// # Errors
    /// The version does not exist or cannot carry what the message says.
    fn encode(&self, encoder: &mut Encoder, version: i16) -> Result<(), EncodeError> {
        let schema = <Self as Message>::SCHEMA;
        if !schema.versions.contains(version) {
            return Err(EncodeError::UnsupportedVersion { message: schema.name, version });
        }
        Value::encode(self, encoder, Self::format(version))
    }

    /// Reads a message that takes up all of these bytes.
    ///
    /// # Errors
    /// As [`Message::decode`]; also when bytes are left over.
    fn from_bytes(bytes: Bytes, version: i16) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes);
        let message = <Self as Message>::decode(&mut decoder, version)?;
        decoder.finish()?;
        Ok(message)
    }

    /// The message as one piece of memory.
    ///
    /// # Errors
    /// As [`Message::encode`]; also when the message holds slots.
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut encoder = Encoder::new();
        Message::encode(self, &mut encoder, version)?;
        encoder.into_bytes()
    }

    /// How values are written in this version.
    #[must_use]
    fn format(version: i16) -> Format {
        Format { version, flexible: <Self as Message>::SCHEMA.flexible.contains(version) }
    }
}

/// What a client asks of a broker.
pub trait Request: Message {
    /// The API.
    const KEY: ApiKey;
    /// What the broker answers.
    type Response: Message;
    /// The versions a broker says it serves.
    const ADVERTISED: Versions = <Self as Message>::SCHEMA.versions;
}
