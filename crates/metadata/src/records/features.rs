//! Records about the cluster as a whole: feature levels, producer ids and what carries nothing.

use bytestring::ByteString;
use protocol::Message;

/// A feature has this finalised level from here on; 0 takes it away.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 12, versions = 0..=0, flexible = 0..)]
pub struct FeatureLevelRecord {
    pub name: ByteString,
    pub feature_level: i16,
}

/// A block of producer ids is handed out; the next one begins here.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 15, versions = 0..=0, flexible = 0..)]
pub struct ProducerIdsRecord {
    pub broker_id: i32,
    #[field(default = -1)]
    pub broker_epoch: i64,
    pub next_producer_id: i64,
}

/// Nothing: only moves the end of the log.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 20, versions = 0..=0, flexible = 0..)]
pub struct NoOpRecord {}

/// How far a move from ZooKeeper has come, in clusters that made one.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 21, versions = 0..=0, flexible = 0..)]
pub struct ZkMigrationStateRecord {
    pub zk_migration_state: i8,
}

/// What follows, up to the end record, takes effect together or not at all.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 23, versions = 0..=0, flexible = 0..)]
pub struct BeginTransactionRecord {
    #[field(nullable = 0.., default = None, tag = 0)]
    pub name: Option<ByteString>,
}

/// What stands since the begin record takes effect.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 24, versions = 0..=0, flexible = 0..)]
pub struct EndTransactionRecord {}

/// What stands since the begin record never takes effect.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 25, versions = 0..=0, flexible = 0..)]
pub struct AbortTransactionRecord {
    #[field(nullable = 0.., default = None, tag = 0)]
    pub reason: Option<ByteString>,
}
