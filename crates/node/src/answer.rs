//! What a node answers, in its own words; only the shell knows the wire's error numbers.

use protocol::records::InvalidBatch;
use runtime::FileSlice;
/// What a partition remembers of a producer.
pub use storage::ActiveProducer;
use types::{
    BrokerId, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp, TopicId, TopicName,
};

use crate::control;

/// The answer to a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// To a [`Produce`](crate::request::Produce): one result for each partition, in its order.
    Produce(Vec<Result<Produced, ProduceError>>),
    /// To a [`Fetch`](crate::request::Fetch): one result for each partition, in its order.
    Fetch(Vec<Fetched>),
    /// To a [`DeleteRecords`](crate::request::DeleteRecords): the low watermark of each partition,
    /// in its order.
    DeleteRecords(Vec<Result<Offset, DeleteRecordsError>>),
    /// To a request for a producer id.
    ProducerId(Result<(ProducerId, ProducerEpoch), ProducerIdError>),
    /// To what a group's coordinator was asked for.
    Group(coordinator::answer::Answer),
    /// To something only the controller can do.
    Control(control::Outcome),
}

/// Why a partition cannot serve a request at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartitionError {
    /// There is no such topic or partition.
    #[error("there is no such topic or partition")]
    UnknownPartition,
    /// There is no topic of this id.
    #[error("there is no topic of this id")]
    UnknownTopicId,
    /// Another broker leads the partition, or nobody.
    #[error("this broker does not lead the partition")]
    NotLeader(Leader),
    /// The client knows an older epoch than this leader's.
    #[error("the client's leader epoch is older than the leader's")]
    FencedLeaderEpoch(Leader),
    /// The client knows a newer epoch than this leader's.
    #[error("the client's leader epoch is newer than the leader's")]
    UnknownLeaderEpoch(Leader),
    /// The log was closed after a disk error.
    #[error("the partition's log is closed after a disk error")]
    StorageFailed,
    /// The offset lies outside the log.
    #[error("the offset lies outside the log")]
    OffsetOutOfRange,
    /// This broker has just begun to lead and does not know yet up to where the log is replicated.
    #[error("the high watermark is not known in this leader's epoch yet")]
    OffsetNotAvailable,
    /// The log is damaged where it was read.
    #[error("the log is damaged: {0}")]
    Corrupt(String),
}

/// Who leads a partition, as far as this node knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leader {
    /// The leader, or [`BrokerId::NONE`].
    pub broker: BrokerId,
    /// Its epoch.
    pub epoch: LeaderEpoch,
}

impl Leader {
    pub(crate) fn of(partition: Option<&metadata::image::Partition>) -> Leader {
        partition.map_or(Leader { broker: BrokerId::NONE, epoch: LeaderEpoch::NONE }, |known| {
            Leader { broker: known.leader.unwrap_or(BrokerId::NONE), epoch: known.leader_epoch }
        })
    }
}

/// A batch that was appended, or had been by an earlier attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Produced {
    /// The offset of its first record.
    pub base_offset: Offset,
    /// The time the leader stamped on it, if the topic says so.
    pub log_append_time: Option<Timestamp>,
    /// The first offset of the log.
    pub log_start: Offset,
}

/// Why a batch was not acknowledged.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProduceError {
    /// The partition cannot serve it.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// The batch breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidBatch),
    /// The batch is larger than a segment of the log.
    #[error("{0}")]
    ExceedsSegment(String),
    /// Only brokers and administrators write to Kafka's own topics.
    #[error("Cannot append to internal topic {0}")]
    InternalTopic(TopicName),
    /// The producer's sequence numbers skip or repeat.
    #[error("{0}")]
    OutOfOrderSequence(String),
    /// A newer incarnation of the producer has written.
    #[error("{0}")]
    InvalidProducerEpoch(String),
    /// The producer has a transaction open, and the batch is not part of it.
    #[error("{0}")]
    OutsideTransaction(String),
    /// The disk is full, or failed: nothing was acknowledged.
    #[error("the disk refused the batch: {0}")]
    Disk(String),
    /// The acknowledgement did not come in time; the batch may be there.
    #[error("the acknowledgement did not come in time")]
    TimedOut,
}

/// What a fetch found in one partition.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Why there is nothing, if there is an error.
    pub error: Option<PartitionError>,
    /// The topic's id, for answers that name topics by id.
    pub topic_id: TopicId,
    /// The end of what consumers may read.
    pub high_watermark: Offset,
    /// The end of what is free of undecided transactions.
    pub last_stable: Offset,
    /// The first offset of the log.
    pub log_start: Offset,
    /// The records, as they lie on the disk.
    pub records: Option<FileSlice>,
    /// Of a read of committed records, the aborted transactions among the records: whose they are
    /// and where they begin, ascending for each producer.
    pub aborted: Vec<(ProducerId, Offset)>,
    /// Where the client's log departs from this one: the epoch and its end here.
    pub diverging: Option<(LeaderEpoch, Offset)>,
}

impl Fetched {
    pub(crate) fn failed(topic_id: TopicId, error: PartitionError) -> Fetched {
        Fetched {
            error: Some(error),
            topic_id,
            high_watermark: Offset::NONE,
            last_stable: Offset::NONE,
            log_start: Offset::NONE,
            records: None,
            aborted: Vec::new(),
            diverging: None,
        }
    }

    /// How many bytes of records were found.
    #[must_use]
    pub fn size(&self) -> usize {
        self.records.as_ref().map_or(0, |slice| slice.size)
    }
}

/// Why records were not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeleteRecordsError {
    /// The partition cannot serve it.
    #[error(transparent)]
    Partition(PartitionError),
    /// The topic is one of Kafka's own.
    #[error("records of internal topics cannot be deleted")]
    InternalTopic,
    /// Only compaction makes the topic smaller.
    #[error("the topic's cleanup.policy is compact: its records cannot be deleted")]
    Policy,
    /// It was not durable in time; it may be later.
    #[error("the new start of the log was not durable in time")]
    TimedOut {
        /// Where the log starts in any case as long as this broker lives.
        low_watermark: Offset,
    },
    /// The disk failed.
    #[error("the disk refused the new start of the log: {0}")]
    Disk(String),
}

/// An offset that was asked for by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedOffset {
    /// The offset, or [`Offset::NONE`] when no record fits.
    pub offset: Offset,
    /// The timestamp of the record there, if one was looked up.
    pub timestamp: Timestamp,
    /// The epoch of the leader that wrote it.
    pub epoch: LeaderEpoch,
}

/// Why no producer id could be given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProducerIdError {
    /// The controller has not answered yet: the client tries again.
    #[error("no producer ids are at hand yet")]
    NoneAtHand,
}
