//! Our errors as Kafka's numbers: the only place that knows both.

use node::{
    answer::{DeleteRecordsError, PartitionError, ProduceError, ProducerIdError},
    control::Refusal,
    coordinator::GroupError,
    fetch_sessions::SessionError,
    metadata::controller::{
        AddPartitionsError, AlterConfigError, AssignmentError, CreateTopicError, DeleteTopicError,
        UpdateFeaturesError,
    },
};
use protocol::{
    ErrorCode,
    records::{BatchError, DecompressError, FaultReason, InvalidBatch, RecordFault},
};

use super::find_coordinator::NoCoordinator;

/// Something that has a number of Kafka's.
pub(super) trait Coded {
    /// The number's name.
    fn code(&self) -> ErrorCode;

    /// The number.
    fn number(&self) -> i16 {
        self.code() as i16
    }
}

impl Coded for PartitionError {
    fn code(&self) -> ErrorCode {
        match self {
            PartitionError::UnknownPartition => ErrorCode::UnknownTopicOrPartition,
            PartitionError::UnknownTopicId => ErrorCode::UnknownTopicId,
            PartitionError::NotLeader(_) => ErrorCode::NotLeaderOrFollower,
            PartitionError::FencedLeaderEpoch(_) => ErrorCode::FencedLeaderEpoch,
            PartitionError::UnknownLeaderEpoch(_) => ErrorCode::UnknownLeaderEpoch,
            PartitionError::StorageFailed => ErrorCode::KafkaStorageError,
            PartitionError::OffsetOutOfRange => ErrorCode::OffsetOutOfRange,
            PartitionError::OffsetNotAvailable => ErrorCode::OffsetNotAvailable,
            PartitionError::Corrupt(_) => ErrorCode::CorruptMessage,
        }
    }
}

impl Coded for ProduceError {
    fn code(&self) -> ErrorCode {
        match self {
            ProduceError::Partition(error) => error.code(),
            ProduceError::Invalid(error) => error.code(),
            ProduceError::ExceedsSegment(_) => ErrorCode::RecordListTooLarge,
            ProduceError::InternalTopic(_) => ErrorCode::InvalidTopicException,
            ProduceError::OutOfOrderSequence(_) => ErrorCode::OutOfOrderSequenceNumber,
            ProduceError::InvalidProducerEpoch(_) => ErrorCode::InvalidProducerEpoch,
            ProduceError::OutsideTransaction(_) => ErrorCode::InvalidTxnState,
            ProduceError::Disk(_) => ErrorCode::KafkaStorageError,
            ProduceError::TimedOut => ErrorCode::RequestTimedOut,
        }
    }
}

impl Coded for DeleteRecordsError {
    fn code(&self) -> ErrorCode {
        match self {
            DeleteRecordsError::Partition(error) => error.code(),
            DeleteRecordsError::InternalTopic => ErrorCode::InvalidTopicException,
            DeleteRecordsError::Policy => ErrorCode::PolicyViolation,
            DeleteRecordsError::TimedOut { .. } => ErrorCode::RequestTimedOut,
            DeleteRecordsError::Disk(_) => ErrorCode::KafkaStorageError,
        }
    }
}

impl Coded for InvalidBatch {
    fn code(&self) -> ErrorCode {
        match self {
            InvalidBatch::Batch(error) => error.code(),
            // What is too large when it is decompressed, too: a client that may splits the batch.
            InvalidBatch::TooLarge { .. }
            | InvalidBatch::Decompress(DecompressError::TooLarge { .. }) => {
                ErrorCode::MessageTooLarge
            }
            InvalidBatch::Checksum => ErrorCode::CorruptMessage,
            InvalidBatch::UnsupportedCodec(_) => ErrorCode::UnsupportedCompressionType,
            InvalidBatch::Transactional => ErrorCode::TransactionalIdAuthorizationFailed,
            InvalidBatch::TimestampType => ErrorCode::InvalidTimestamp,
            InvalidBatch::Faults(faults) => {
                let is_time = |fault: &RecordFault| match fault.reason {
                    FaultReason::Timestamp { .. } => true,
                    FaultReason::NoKey => false,
                };
                if faults.iter().any(is_time) {
                    ErrorCode::InvalidTimestamp
                } else {
                    ErrorCode::InvalidRecord
                }
            }
            // The checksum was right, so that the same bytes would come again.
            InvalidBatch::Decompress(DecompressError::Damaged { .. })
            | InvalidBatch::NotOneBatch
            | InvalidBatch::BaseOffset(_)
            | InvalidBatch::Count { .. }
            | InvalidBatch::Control
            | InvalidBatch::Producer { .. }
            | InvalidBatch::Record { .. } => ErrorCode::InvalidRecord,
        }
    }
}

impl Coded for BatchError {
    fn code(&self) -> ErrorCode {
        match self {
            BatchError::Codec(_) => ErrorCode::UnsupportedCompressionType,
            BatchError::Length(_) => ErrorCode::CorruptMessage,
            // Requests that could hold older formats are gone, so that one is no valid record; a format
            // that never was can only be damage.
            BatchError::Magic(magic) if !(0..=1).contains(magic) => ErrorCode::CorruptMessage,
            BatchError::Magic(_)
            | BatchError::Torn { .. }
            | BatchError::Offsets { .. }
            | BatchError::Count { .. } => ErrorCode::InvalidRecord,
        }
    }
}

impl Coded for SessionError {
    fn code(&self) -> ErrorCode {
        match self {
            SessionError::NotFound => ErrorCode::FetchSessionIdNotFound,
            SessionError::WrongEpoch => ErrorCode::InvalidFetchSessionEpoch,
            SessionError::OtherNaming => ErrorCode::FetchSessionTopicIdError,
        }
    }
}

impl Coded for ProducerIdError {
    fn code(&self) -> ErrorCode {
        match self {
            ProducerIdError::NoneAtHand => ErrorCode::CoordinatorLoadInProgress,
        }
    }
}

impl Coded for Refusal {
    fn code(&self) -> ErrorCode {
        match self {
            Refusal::NotController => ErrorCode::NotController,
            Refusal::TimedOut => ErrorCode::RequestTimedOut,
            Refusal::TooManyRecords => ErrorCode::PolicyViolation,
            Refusal::DiskFull => ErrorCode::KafkaStorageError,
        }
    }
}

impl Coded for CreateTopicError {
    fn code(&self) -> ErrorCode {
        match self {
            CreateTopicError::Repeated
            | CreateTopicError::Metadata
            | CreateTopicError::ManualWithReplicas
            | CreateTopicError::ManualWithPartitions => ErrorCode::InvalidRequest,
            CreateTopicError::Name(_) | CreateTopicError::Collision { .. } => {
                ErrorCode::InvalidTopicException
            }
            CreateTopicError::Exists(_) => ErrorCode::TopicAlreadyExists,
            CreateTopicError::NullConfig(_) | CreateTopicError::Config(_) => {
                ErrorCode::InvalidConfig
            }
            CreateTopicError::RepeatedPartition(_) | CreateTopicError::Gap => {
                ErrorCode::InvalidReplicaAssignment
            }
            CreateTopicError::ReplicationFactor => ErrorCode::InvalidReplicationFactor,
            CreateTopicError::Partitions => ErrorCode::InvalidPartitions,
            CreateTopicError::Assignment(error) => error.code(),
        }
    }
}

impl Coded for AssignmentError {
    fn code(&self) -> ErrorCode {
        match self {
            AssignmentError::Replicas { .. } | AssignmentError::NoneActive { .. } => {
                ErrorCode::InvalidReplicationFactor
            }
            AssignmentError::Empty
            | AssignmentError::UnknownBroker(_)
            | AssignmentError::RepeatedBroker(_)
            | AssignmentError::Uneven { .. }
            | AssignmentError::NamedInactive(_) => ErrorCode::InvalidReplicaAssignment,
        }
    }
}

impl Coded for DeleteTopicError {
    fn code(&self) -> ErrorCode {
        match self {
            DeleteTopicError::UnknownName => ErrorCode::UnknownTopicOrPartition,
            DeleteTopicError::UnknownId => ErrorCode::UnknownTopicId,
            DeleteTopicError::RepeatedName
            | DeleteTopicError::RepeatedId
            | DeleteTopicError::NameAndId => ErrorCode::InvalidRequest,
        }
    }
}

impl Coded for AddPartitionsError {
    fn code(&self) -> ErrorCode {
        match self {
            AddPartitionsError::Repeated => ErrorCode::InvalidRequest,
            AddPartitionsError::UnknownTopic => ErrorCode::UnknownTopicOrPartition,
            AddPartitionsError::Unchanged(_) | AddPartitionsError::Shrinks { .. } => {
                ErrorCode::InvalidPartitions
            }
            AddPartitionsError::Assignments { .. } => ErrorCode::InvalidReplicaAssignment,
            AddPartitionsError::Assignment(error) => error.code(),
        }
    }
}

impl Coded for UpdateFeaturesError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InvalidUpdateVersion
    }
}

/// A client that is told that a coordinator is not available asks for it again, for ever. These
/// end it at once: librdkafka takes two errors of authorization alone as final, where a
/// transactional id is concerned, and the Java client shows this one's message.
impl Coded for NoCoordinator {
    fn code(&self) -> ErrorCode {
        match self {
            NoCoordinator::Transaction => ErrorCode::ClusterAuthorizationFailed,
            NoCoordinator::NotAvailable => ErrorCode::CoordinatorNotAvailable,
            NoCoordinator::ShareGroup | NoCoordinator::UnknownType(_) => ErrorCode::InvalidRequest,
        }
    }
}

impl Coded for GroupError {
    fn code(&self) -> ErrorCode {
        match self {
            GroupError::InvalidGroupId => ErrorCode::InvalidGroupId,
            GroupError::NotCoordinator => ErrorCode::NotCoordinator,
            GroupError::Loading => ErrorCode::CoordinatorLoadInProgress,
            GroupError::NotAvailable => ErrorCode::CoordinatorNotAvailable,
            GroupError::UnknownMember => ErrorCode::UnknownMemberId,
            GroupError::MemberIdRequired(_) => ErrorCode::MemberIdRequired,
            GroupError::FencedInstance(_) => ErrorCode::FencedInstanceId,
            GroupError::IllegalGeneration => ErrorCode::IllegalGeneration,
            GroupError::RebalanceInProgress => ErrorCode::RebalanceInProgress,
            GroupError::InconsistentProtocol => ErrorCode::InconsistentGroupProtocol,
            GroupError::InvalidSessionTimeout => ErrorCode::InvalidSessionTimeout,
            GroupError::GroupFull => ErrorCode::GroupMaxSizeReached,
            GroupError::GroupNotFound => ErrorCode::GroupIdNotFound,
            GroupError::NonEmptyGroup => ErrorCode::NonEmptyGroup,
            GroupError::SubscribedToTopic => ErrorCode::GroupSubscribedToTopic,
            GroupError::OffsetMetadataTooLarge => ErrorCode::OffsetMetadataTooLarge,
            GroupError::CommitTooLarge => ErrorCode::InvalidCommitOffsetSize,
            GroupError::UnstableOffset => ErrorCode::UnstableOffsetCommit,
            GroupError::Refused(_) => ErrorCode::UnknownServerError,
        }
    }
}

impl Coded for AlterConfigError {
    fn code(&self) -> ErrorCode {
        match self {
            AlterConfigError::UnknownTopic(_) => ErrorCode::UnknownTopicOrPartition,
            AlterConfigError::TopicName(_) => ErrorCode::InvalidTopicException,
            AlterConfigError::Request(_) | AlterConfigError::RepeatedKey => {
                ErrorCode::InvalidRequest
            }
            AlterConfigError::Invalid(_) => ErrorCode::InvalidConfig,
        }
    }
}
