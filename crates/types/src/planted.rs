//! Bugs that are planted on purpose, to prove that the simulator would find them.
//!
//! Without the feature `planted-bugs` none can be planted, and the compiler drops the branches.

/// A bug at the place in the code that asks [`is_planted`](PlantedBug::is_planted).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlantedBug {
    /// A produce request is answered before its batch is in the log.
    AcknowledgeBeforeWrite,
    /// A produce request is answered before its batch is on disk, although that was asked for.
    AcknowledgeBeforeFlush,
    /// A vote takes effect before it is on disk.
    VoteBeforeFlush,
    /// A deletion of records is answered before it is on disk.
    DeleteBeforeFlush,
    /// A restart forgets which batches the producers had sent.
    ForgetProducers,
    /// A full disk closes the log, as one that fails does.
    CloseWhenFull,
    /// Compaction removes the last record of a key with the others.
    CompactLastValue,
    /// Members of an earlier generation may commit offsets.
    CommitOfEarlierGeneration,
    /// A static member may commit although another has taken its place.
    CommitOfFencedMember,
    /// Members that are silent stay in their group.
    SessionNeverEnds,
    /// Members that have an assignment keep it in the next generation.
    KeepAssignment,
    /// A coordinator that loads its log forgets which offsets were committed.
    ForgetCommittedOffsets,
}

#[cfg(feature = "planted-bugs")]
mod thread {
    use std::cell::Cell;

    use super::PlantedBug;

    thread_local! {
        static PLANTED: Cell<Option<PlantedBug>> = const { Cell::new(None) };
    }

    impl PlantedBug {
        /// Every bug that can be planted.
        pub const ALL: [PlantedBug; 12] = [
            PlantedBug::AcknowledgeBeforeWrite,
            PlantedBug::AcknowledgeBeforeFlush,
            PlantedBug::VoteBeforeFlush,
            PlantedBug::DeleteBeforeFlush,
            PlantedBug::ForgetProducers,
            PlantedBug::CloseWhenFull,
            PlantedBug::CompactLastValue,
            PlantedBug::CommitOfEarlierGeneration,
            PlantedBug::CommitOfFencedMember,
            PlantedBug::SessionNeverEnds,
            PlantedBug::KeepAssignment,
            PlantedBug::ForgetCommittedOffsets,
        ];

        /// Plants one bug, or none, in all that this thread runs from here on.
        pub fn plant(bug: Option<PlantedBug>) {
            PLANTED.set(bug);
        }

        /// Whether this bug is planted.
        #[must_use]
        pub fn is_planted(self) -> bool {
            PLANTED.get() == Some(self)
        }
    }
}

#[cfg(not(feature = "planted-bugs"))]
impl PlantedBug {
    /// Whether this bug is planted: never, in a build without the feature.
    #[must_use]
    pub const fn is_planted(self) -> bool {
        false
    }
}
