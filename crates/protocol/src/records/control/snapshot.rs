//! What encloses the records of a snapshot.

use crate::Message;

/// The first record of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct SnapshotHeaderRecord {
    /// The version of this record.
    pub version: i16,
    /// When the last record that the snapshot stands for was appended.
    pub last_contained_log_timestamp: i64,
}

/// The last record of a snapshot: without it, the snapshot is torn.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
pub struct SnapshotFooterRecord {
    /// The version of this record.
    pub version: i16,
}
