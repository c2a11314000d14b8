//! The records of `__consumer_offsets`, in Kafka's schemas and frame.
//!
//! A key is its type in two bytes and the key itself; a value is its version in two bytes and the
//! value itself; no value takes away what the key names. Known are offsets and classic groups; all
//! other types (groups that the broker assigns, share groups, streams groups) are passed over.

#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod groups;
#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod offsets;
mod persisted;

use bytes::{BufMut, Bytes, BytesMut};
use protocol::{DecodeError, Decoder, EncodeError, Message};

pub use groups::{GroupMetadataKey, GroupMetadataValue, MemberMetadata};
pub use offsets::{LegacyOffsetCommitKey, OffsetCommitKey, OffsetCommitValue};

use crate::Record;

/// What a record of `__consumer_offsets` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupRecord {
    /// An offset is committed, or forgotten.
    Offset(OffsetCommitKey, Option<OffsetCommitValue>),
    /// A classic group has a new generation, or is gone.
    Group(GroupMetadataKey, Option<GroupMetadataValue>),
}

/// Why a record is none of a group's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The record has no key.
    #[error("the record has no key")]
    NoKey,
    /// The key is damaged.
    #[error("failed to decode the record's key")]
    Key(#[source] DecodeError),
    /// The value is damaged, or of a version that does not exist.
    #[error("failed to decode the record's value")]
    Value(#[source] DecodeError),
}

/// The version of every key.
const KEY_VERSION: i16 = 0;
/// The version in which Kafka 4.3 writes a group.
const GROUP_VERSION: i16 = 3;
/// The version in which Kafka 4.3 writes an offset.
const OFFSET_VERSION: i16 = 4;
/// The version in which it writes an offset whose client said when it is to be forgotten: the only
/// one that can say that.
const EXPIRING_OFFSET_VERSION: i16 = 1;

impl GroupRecord {
    /// Reads a record; none when its type is one that is passed over. Nothing of what is read
    /// holds on to the batch.
    ///
    /// # Errors
    /// When key or value is damaged.
    pub fn decode(
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<Option<GroupRecord>, RecordError> {
        let mut key = Decoder::new(Bytes::copy_from_slice(key.ok_or(RecordError::NoKey)?));
        Ok(Some(match key.i16().map_err(RecordError::Key)? {
            0 => {
                let LegacyOffsetCommitKey { group, topic, partition } = read_key(&mut key)?;
                let key = OffsetCommitKey { group, topic, partition };
                GroupRecord::Offset(key, read_value(value)?)
            }
            1 => GroupRecord::Offset(read_key(&mut key)?, read_value(value)?),
            2 => GroupRecord::Group(read_key(&mut key)?, read_value(value)?),
            _ => return Ok(None),
        }))
    }

    /// The record as Kafka 4.3 writes it.
    ///
    /// # Errors
    /// When a text or a member's bytes are too long for the wire.
    pub fn encode(&self) -> Result<Record, EncodeError> {
        match self {
            GroupRecord::Offset(key, value) => {
                let version = |value: &OffsetCommitValue| match value.expire_timestamp {
                    -1 => OFFSET_VERSION,
                    _ => EXPIRING_OFFSET_VERSION,
                };
                write(key, value.as_ref(), version)
            }
            GroupRecord::Group(key, value) => write(key, value.as_ref(), |_| GROUP_VERSION),
        }
    }
}

fn read_key<K: Message>(decoder: &mut Decoder) -> Result<K, RecordError> {
    <K as Message>::decode(decoder, KEY_VERSION).map_err(RecordError::Key)
}

/// What follows the last field is ignored, as Kafka does.
fn read_value<V: Message>(value: Option<&[u8]>) -> Result<Option<V>, RecordError> {
    let Some(value) = value else { return Ok(None) };
    let mut decoder = Decoder::new(Bytes::copy_from_slice(value));
    let version = decoder.i16().map_err(RecordError::Value)?;
    <V as Message>::decode(&mut decoder, version).map(Some).map_err(RecordError::Value)
}

fn write<K: Message, V: Message>(
    key: &K,
    value: Option<&V>,
    version: impl Fn(&V) -> i16,
) -> Result<Record, EncodeError> {
    let kind = <K as Message>::SCHEMA.key.expect("a key has a type");
    let key = prefixed(kind, &key.to_bytes(KEY_VERSION)?);
    let Some(value) = value else { return Ok(Record { key, value: None }) };
    let version = version(value);
    Ok(Record { key, value: Some(prefixed(version, &value.to_bytes(version)?)) })
}

fn prefixed(number: i16, bytes: &[u8]) -> Bytes {
    let mut prefixed = BytesMut::with_capacity(2 + bytes.len());
    prefixed.put_i16(number);
    prefixed.put_slice(bytes);
    prefixed.freeze()
}
