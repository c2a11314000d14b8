//! Control records: what brokers tell each other inside a log, hidden from consumers.

mod end_txn_marker;
mod kraft_version;
pub mod leader_change;
mod snapshot;
pub mod voters;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use types::Timestamp;

use super::{BatchBuilder, Record};
use crate::{DecodeError, Decoder, Message};

pub use end_txn_marker::EndTxnMarker;
pub use kraft_version::KRaftVersionRecord;
pub use leader_change::LeaderChangeMessage;
pub use snapshot::{SnapshotFooterRecord, SnapshotHeaderRecord};
pub use voters::VotersRecord;

/// One control record. The key of the record says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRecord {
    /// The producer's transaction is aborted.
    Abort(EndTxnMarker),
    /// The producer's transaction is committed.
    Commit(EndTxnMarker),
    /// A leader of the metadata quorum begins its epoch.
    LeaderChange(LeaderChangeMessage),
    /// A snapshot begins.
    SnapshotHeader(SnapshotHeaderRecord),
    /// A snapshot ends.
    SnapshotFooter(SnapshotFooterRecord),
    /// The quorum's protocol from here on.
    KRaftVersion(KRaftVersionRecord),
    /// The quorum's voters from here on.
    Voters(VotersRecord),
}

/// Why a record of a control batch is no control record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlRecordError {
    /// The key does not hold a version and a type.
    #[error("control record has no type")]
    NoType,
    /// The value does not start with its version.
    #[error("control record of type {0} has no version")]
    NoVersion(i16),
    /// The value is not what the type stands for.
    #[error("control record of type {kind}: {error}")]
    Value {
        /// The type's number.
        kind: i16,
        /// What is wrong with the value.
        error: DecodeError,
    },
}

const ABORT: i16 = 0;
const COMMIT: i16 = 1;
const LEADER_CHANGE: i16 = 2;
const SNAPSHOT_HEADER: i16 = 3;
const SNAPSHOT_FOOTER: i16 = 4;
const KRAFT_VERSION: i16 = 5;
const VOTERS: i16 = 6;

/// The version of every key and value Kafka writes; it reads no other, not even the version 1 that
/// the schema of a leader change has.
const WRITTEN_VERSION: i16 = 0;

impl ControlRecord {
    /// Reads a record of a control batch; none when its type is one that we do not know, which
    /// Kafka passes over, too.
    ///
    /// # Errors
    /// When the record is no control record.
    pub fn decode(record: &Record<'_>) -> Result<Option<ControlRecord>, ControlRecordError> {
        let mut key = record.key.unwrap_or_default();
        let (Ok(_version), Ok(kind)) = (key.try_get_i16(), key.try_get_i16()) else {
            return Err(ControlRecordError::NoType);
        };
        let value = record.value.unwrap_or_default();
        Ok(Some(match kind {
            ABORT => ControlRecord::Abort(behind_version(kind, value)?),
            COMMIT => ControlRecord::Commit(behind_version(kind, value)?),
            LEADER_CHANGE => ControlRecord::LeaderChange(with_version(kind, value)?),
            SNAPSHOT_HEADER => ControlRecord::SnapshotHeader(with_version(kind, value)?),
            SNAPSHOT_FOOTER => ControlRecord::SnapshotFooter(with_version(kind, value)?),
            KRAFT_VERSION => ControlRecord::KRaftVersion(with_version(kind, value)?),
            VOTERS => ControlRecord::Voters(with_version(kind, value)?),
            _ => return Ok(None),
        }))
    }

    /// The key and the value to write.
    #[must_use]
    pub fn encode(&self) -> (Bytes, Bytes) {
        let (kind, value) = match self {
            ControlRecord::Abort(marker) => (ABORT, prefixed(&written(marker))),
            ControlRecord::Commit(marker) => (COMMIT, prefixed(&written(marker))),
            ControlRecord::LeaderChange(message) => (LEADER_CHANGE, written(message)),
            ControlRecord::SnapshotHeader(header) => (SNAPSHOT_HEADER, written(header)),
            ControlRecord::SnapshotFooter(footer) => (SNAPSHOT_FOOTER, written(footer)),
            ControlRecord::KRaftVersion(version) => (KRAFT_VERSION, written(version)),
            ControlRecord::Voters(voters) => (VOTERS, written(voters)),
        };
        (prefixed(&kind.to_be_bytes()), value)
    }
}

impl BatchBuilder {
    /// Appends a control record; the batch must have been made one of [control
    /// records](BatchBuilder::control).
    pub fn push_control(&mut self, timestamp: Timestamp, record: &ControlRecord) {
        let (key, value) = record.encode();
        self.push(timestamp, Some(&key), Some(&value), &[]);
    }
}

/// A value whose first field is its own version.
fn with_version<M: Message>(kind: i16, value: &[u8]) -> Result<M, ControlRecordError> {
    let Ok(version) = (&mut &*value).try_get_i16() else {
        return Err(ControlRecordError::NoVersion(kind));
    };
    decode(kind, value, version)
}

/// A value in front of which its version stands.
fn behind_version<M: Message>(kind: i16, mut value: &[u8]) -> Result<M, ControlRecordError> {
    let Ok(version) = value.try_get_i16() else {
        return Err(ControlRecordError::NoVersion(kind));
    };
    decode(kind, value, version)
}

fn decode<M: Message>(kind: i16, value: &[u8], version: i16) -> Result<M, ControlRecordError> {
    let mut decoder = Decoder::new(Bytes::copy_from_slice(value));
    <M as Message>::decode(&mut decoder, version)
        .map_err(|error| ControlRecordError::Value { kind, error })
}

fn written(message: &impl Message) -> Bytes {
    message.to_bytes(WRITTEN_VERSION).expect("version 0 can carry what a control record says")
}

fn prefixed(value: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(2 + value.len());
    bytes.put_i16(WRITTEN_VERSION);
    bytes.put_slice(value);
    bytes.freeze()
}
