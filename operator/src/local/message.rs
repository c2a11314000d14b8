//! What commands and the running `up` say to each other: JSON, one message a line.

use serde::{Deserialize, Serialize};

use super::proposal::Proposal;
use crate::manifest::{Manifest, Object, ObjectId, Problem};

/// The longest line either side reads.
pub const LINE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The version of the program that asks; both sides must be of one version.
    pub version: String,
    /// What it asks for.
    pub command: Command,
}

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Take these manifests in, and say when their objects are ready.
    Apply(Vec<Manifest>),
    /// Say what these manifests would change.
    Plan(Vec<Manifest>),
    /// Approve the cluster's plan of this hash.
    Approve(String),
    /// Say how everything is.
    Status,
    /// Take these objects down, and say when they are gone.
    Delete(Vec<ObjectId>),
    /// Stop all brokers and end.
    Down,
}

/// What a running `up` answers, one or more to a request. `Ready`, `Done`, `Refused`, `Failed` and
/// `Report` are the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What would change, or is about to.
    Proposal(Proposal),
    /// Something happened.
    Progress(String),
    /// All objects are ready, and clients connect here.
    Ready(String),
    /// It is done.
    Done(String),
    /// The manifests cannot be carried out; nothing was touched.
    Refused(Vec<Problem>),
    /// It did not work.
    Failed(String),
    /// How everything is.
    Report(Report),
}

impl Reply {
    /// Whether nothing follows.
    #[must_use]
    pub fn is_last(&self) -> bool {
        match self {
            Self::Proposal(_) | Self::Progress(_) => false,
            Self::Ready(_)
            | Self::Done(_)
            | Self::Refused(_)
            | Self::Failed(_)
            | Self::Report(_) => true,
        }
    }
}

/// How everything is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whether an `up` runs the cluster.
    pub running: bool,
    /// Every object with its status.
    pub objects: Vec<Object>,
}
