//! Why a coordinator refuses.

use crate::{InstanceId, MemberId};

/// Why a request, or one of its parts, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The group's name is empty where it may not be.
    #[error("the group id is empty")]
    InvalidGroupId,
    /// This broker does not look after the group, or no longer.
    #[error("this broker is not the group's coordinator")]
    NotCoordinator,
    /// The groups of this partition are still being read.
    #[error("the coordinator is loading the group")]
    Loading,
    /// What the request asks for could not be written now; the client tries again.
    #[error("the coordinator cannot write now")]
    NotAvailable,
    /// The group has no such member.
    #[error("the group has no such member")]
    UnknownMember,
    /// The member must come again with the id it is given here (KIP-394).
    #[error("the member must join again as {0}")]
    MemberIdRequired(MemberId),
    /// Another member has taken this instance's place (KIP-345).
    #[error("another member has joined as {0}")]
    FencedInstance(InstanceId),
    /// The member knows another generation than the group's.
    #[error("the generation is not the group's")]
    IllegalGeneration,
    /// The group is being rebalanced: the member has to join again.
    #[error("the group is being rebalanced")]
    RebalanceInProgress,
    /// The member shares no protocol with the others.
    #[error("the member's protocols are not those of the group")]
    InconsistentProtocol,
    /// The member asks for a silence outside what is allowed.
    #[error("the session time-out is outside what the broker allows")]
    InvalidSessionTimeout,
    /// The group has as many members as it may.
    #[error("the group has as many members as it may")]
    GroupFull,
    /// There is no such group.
    #[error("there is no group of this id")]
    GroupNotFound,
    /// The group has members.
    #[error("the group has members")]
    NonEmptyGroup,
    /// A member of the group reads the topic.
    #[error("the group is subscribed to the topic")]
    SubscribedToTopic,
    /// The text left with an offset is too long.
    #[error("the metadata of the offset are too long")]
    OffsetMetadataTooLarge,
    /// The commit does not fit into a batch.
    #[error("the commit is too large")]
    CommitTooLarge,
    /// A transaction has offsets for the partition that are undecided.
    #[error("a transaction has undecided offsets for the partition")]
    UnstableOffset,
    /// The log refused, and trying again will not help.
    #[error("the coordinator's log refused the records: {0}")]
    Refused(String),
}

/// Why a [`Write`](crate::Write) will never be there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// This broker no longer leads the partition, or its log is closed.
    #[error("the partition is no longer led here")]
    NotLeader,
    /// There is no room, or too few replicas, or it took too long; it may work later.
    #[error("the records could not be written now")]
    NotNow,
    /// The batch is larger than the topic allows.
    #[error("the records are larger than the topic allows")]
    TooLarge,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// What a client is told when what it asked for could not be written.
impl From<WriteError> for GroupError {
    fn from(error: WriteError) -> GroupError {
        match error {
            WriteError::NotLeader => GroupError::NotCoordinator,
            WriteError::NotNow => GroupError::NotAvailable,
            error @ (WriteError::TooLarge | WriteError::Other(_)) => {
                GroupError::Refused(error.to_string())
            }
        }
    }
}
