//! The control records of the metadata log and of its snapshots.

use std::collections::BTreeSet;

use types::BrokerId;

use crate::Voters;

/// A record that is about the quorum itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRecord {
    /// A leader begins its reign.
    LeaderChange {
        /// The leader.
        leader: BrokerId,
        /// Who could vote.
        voters: BTreeSet<BrokerId>,
        /// Who voted for it.
        granting: BTreeSet<BrokerId>,
    },
    /// The kraft.version from here on.
    KraftVersion(i16),
    /// The voters from here on.
    Voters(Voters),
}
