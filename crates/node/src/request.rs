//! What clients ask of a node, in its own words; the wire's request types stay in the shell.

use std::time::Duration;

use bytes::Bytes;
use types::{LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicId, TopicName};

/// A topic as a request names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicRef {
    /// By name, as requests did before topics had ids.
    Name(TopicName),
    /// By id.
    Id(TopicId),
    /// By a name that breaks Kafka's rules, so that no such topic can exist.
    InvalidName,
}

/// When a produce request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// Never; the answer only tells the shell whether to keep the connection.
    None,
    /// When the leader has appended.
    Leader,
    /// When every in-sync replica has, and the flush that `flush.messages=1` asks for is done.
    All,
}

/// Appends batches to partitions.
#[derive(Debug, Clone)]
pub struct Produce {
    /// When to answer.
    pub acks: Acks,
    /// How long to wait for the acknowledgement before answering that it timed out.
    pub timeout: Duration,
    /// Whether the request's version may carry zstd batches (7 and later).
    pub zstd_allowed: bool,
    /// Whether Kafka's own topics may be written to.
    pub internal_allowed: bool,
    /// The batches.
    pub partitions: Vec<ProducePartition>,
}

/// A batch for one partition.
#[derive(Debug, Clone)]
pub struct ProducePartition {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: PartitionIndex,
    /// The bytes as they came: to be checked.
    pub records: Bytes,
}

/// What a consumer wants to see of transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Everything up to the high watermark, decided or not.
    #[default]
    Uncommitted,
    /// Only what lies before the first undecided transaction, and which transactions were aborted.
    Committed,
}

/// Reads batches from partitions, waiting until there are enough.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// What to show of transactions.
    pub isolation: Isolation,
    /// How long to wait for `bytes_min`.
    pub wait_max: Duration,
    /// How many bytes are enough.
    pub bytes_min: usize,
    /// How many bytes to return at most; the first batch may exceed it.
    pub bytes_max: usize,
    /// The partitions, in the order in which they shall be filled.
    pub partitions: Vec<FetchPartition>,
}

/// One partition of a fetch.
#[derive(Debug, Clone)]
pub struct FetchPartition {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: PartitionIndex,
    /// The leader epoch the client knows, if it says.
    pub current_epoch: Option<LeaderEpoch>,
    /// The epoch of the last record the client has, if it says: to detect truncation.
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// Where to read from.
    pub offset: Offset,
    /// How many bytes of this partition to return at most.
    pub bytes_max: usize,
}

/// Deletes the beginning of logs.
#[derive(Debug, Clone)]
pub struct DeleteRecords {
    /// How long to wait until the new starts are durable before answering that it timed out.
    pub timeout: Duration,
    /// The partitions.
    pub partitions: Vec<DeleteRecordsPartition>,
}

/// One partition of a [`DeleteRecords`].
#[derive(Debug, Clone)]
pub struct DeleteRecordsPartition {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: PartitionIndex,
    /// The first offset that stays; [`Offset::NONE`] is the high watermark.
    pub before: Offset,
}

/// Asks for offsets by time.
#[derive(Debug, Clone)]
pub struct ListOffsets {
    /// The partitions.
    pub partitions: Vec<ListOffsetsPartition>,
}

/// One partition of a [`ListOffsets`].
#[derive(Debug, Clone)]
pub struct ListOffsetsPartition {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: PartitionIndex,
    /// The leader epoch the client knows, if it says.
    pub current_epoch: Option<LeaderEpoch>,
    /// What the consumer that asks can see of transactions; none for a replica, which sees all.
    pub isolation: Option<Isolation>,
    /// Which offset is asked for.
    pub position: Position,
}

/// Asks where a leader epoch of a partition ends.
#[derive(Debug, Clone)]
pub struct EndOfEpoch {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: PartitionIndex,
    /// The leader epoch the client knows, if it says.
    pub current_epoch: Option<LeaderEpoch>,
    /// The epoch whose end is asked for.
    pub epoch: LeaderEpoch,
}

/// An offset described by what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The first offset that can be read (-2), also the first in local storage (-4).
    Earliest,
    /// The offset after the last that can be read (-1).
    Latest,
    /// The record with the greatest timestamp (-3).
    MaxTimestamp,
    /// The end of what lies in tiered storage (-5): there is none.
    LatestTiered,
    /// The first offset not yet in tiered storage (-6): there is none.
    EarliestPendingUpload,
    /// The first record at or after this time.
    At(Timestamp),
}
