//! Kafka's language: messages, records and batches, error codes, frames.
//!
//! A message is a Rust struct whose attributes say what Kafka's schema says about versions
//! ([`Message`], [`Struct`]); the derives make bounded decoding out of a frame without copying
//! ([`Decoder`]) and encoding into chunks for one vectored write ([`Encoder`]). [`RequestHeader`]
//! is parsed by hand, so that a request of an unknown version still gets its answer.
//!
//! This crate knows no socket and no file: bytes come in, bytes go out.

// What the derives write refers to `::protocol`, here as in every other crate.
extern crate self as protocol;

mod api_key;
pub mod consumer_protocol;
mod decoder;
mod encoder;
mod error_code;
mod frame;
mod header;
mod message;
pub mod messages;
pub mod records;
pub mod schema;
mod value;
mod versions;

pub use api_key::ApiKey;
pub use decoder::{DecodeError, Decoder, Malformed};
pub use encoder::{Chunk, EncodeError, Encoder, TaggedFields};
pub use error_code::ErrorCode;
pub use frame::{Frame, FrameError, frame_size, request_frame, response_frame};
pub use header::{RequestHeader, ResponseHeader};
pub use message::{Message, Request, Struct};
/// Derives [`Message`] for a request, a response or a record.
pub use protocol_derive::Message;
/// Derives [`Struct`] for a part of a message.
pub use protocol_derive::Struct;
pub use value::{Format, Nullable, Records, Value, decode_nullable_struct, encode_nullable_struct};
pub use versions::Versions;
