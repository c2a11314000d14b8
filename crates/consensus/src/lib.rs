//! The metadata quorum: KRaft as a pure state machine.
//!
//! Who leads in which epoch, what of the metadata log is committed, and the control records and the
//! file that say so. Nothing in here touches the log, the disk or the network, or reads a clock.

mod control;
mod election;
mod quorum;
mod voters;

pub use control::{ControlRecord, InvalidControlBatch, bootstrap_snapshot};
pub use election::{Election, InvalidElection, QUORUM_STATE_FILE, QUORUM_STATE_SIZE_MAX};
pub use quorum::{Effect, Event, Found, Quorum, StartError};
pub use voters::{Endpoint, InvalidVoters, KRAFT_VERSION, ReplicaKey, Voter, Voters};
