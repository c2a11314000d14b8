//! What the coordinator's answer means for a member.

use protocol::ErrorCode;

/// What a member does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is as it should be.
    Fine,
    /// The members come together again.
    Rejoin,
    /// The group is not ready: the same again in a moment, where another broker may look after it.
    AskAgain,
    /// It comes again with the id it was just given.
    TakeId,
    /// It is a member no more, and what it had may be somebody else's; it comes again, as a new one
    /// or with its old id.
    Out { keeps_id: bool },
    /// It can never be a member like this.
    Never,
}

/// The meaning of an error in an answer to JoinGroup, SyncGroup, Heartbeat or OffsetCommit.
#[expect(clippy::wildcard_enum_match_arm, reason = "Kafka has many errors, of which few are these")]
pub(super) fn verdict(code: ErrorCode) -> Verdict {
    match code {
        ErrorCode::None => Verdict::Fine,
        ErrorCode::RebalanceInProgress => Verdict::Rejoin,
        ErrorCode::CoordinatorLoadInProgress
        | ErrorCode::CoordinatorNotAvailable
        | ErrorCode::NotCoordinator
        | ErrorCode::RequestTimedOut
        | ErrorCode::KafkaStorageError
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::UnknownTopicOrPartition => Verdict::AskAgain,
        ErrorCode::MemberIdRequired => Verdict::TakeId,
        ErrorCode::UnknownMemberId => Verdict::Out { keeps_id: false },
        ErrorCode::IllegalGeneration => Verdict::Out { keeps_id: true },
        _ => Verdict::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_unknown_comes_as_a_new_one_and_one_of_an_old_generation_with_its_id() {
        assert_eq!(verdict(ErrorCode::UnknownMemberId), Verdict::Out { keeps_id: false });
        assert_eq!(verdict(ErrorCode::IllegalGeneration), Verdict::Out { keeps_id: true });
    }

    #[test]
    fn a_member_does_not_insist_where_it_is_not_wanted() {
        for code in [
            ErrorCode::FencedInstanceId,
            ErrorCode::InconsistentGroupProtocol,
            ErrorCode::GroupMaxSizeReached,
            ErrorCode::InvalidSessionTimeout,
            ErrorCode::GroupAuthorizationFailed,
        ] {
            assert_eq!(verdict(code), Verdict::Never, "{code}");
        }
    }
}
