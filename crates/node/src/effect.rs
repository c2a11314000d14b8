//! What a node asks of the shell around it, and what the shell reports back.

use std::{fmt, io, sync::Arc};

use coordinator::request::DeletedTopic;
use metadata::Image;
use storage::{CleanError, Flush, Log, Progress, Removal};
use types::{Instant, TopicIdPartition};

use crate::{
    answer::Answer, apply::Opened, cleaner::Round, control::Command, coordinators::Loaded,
    metadata_log::MetadataCompletion, slots::Slot,
};

/// Names a request between the shell and the node; the shell draws it, never twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something the shell has to do. Effects are carried out in order.
#[derive(Debug)]
pub enum Effect {
    /// A request is answered.
    Answer {
        /// The request.
        ticket: Ticket,
        /// What to tell its sender.
        answer: Answer,
    },
    /// A parked fetch may have enough bytes: call [`Node::resume`](crate::Node::resume) with this
    /// ticket, from whatever thread serves its connection.
    Resume(Ticket),
    /// Run this on the pool of its lane and report its [`Completion`].
    Run(Job),
    /// Hand this to [`Node::control`](crate::Node::control) on the controller's thread.
    Control(Command),
    /// Call [`Node::tick`](crate::Node::tick) no later than this.
    WakeAt(Instant),
    /// A new metadata image is in force.
    Publish(Arc<Image>),
    /// The broker is registered, its logs are open, and it is unfenced: clients may come.
    Serving,
    /// The node cannot go on; the process shall say this and exit.
    Fail(String),
    /// Everything is closed after [`Node::stop`](crate::Node::stop); in good order, or with what
    /// went wrong.
    Stopped(Result<(), String>),
}

/// The effects of one event, in order.
pub type Effects = Vec<Effect>;

/// Which threads a job runs on. The lanes never wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The metadata quorum's own thread.
    Metadata,
    /// The pool for partitions' logs.
    Data,
    /// The threads that open the logs which were there at the start, and then load the groups that
    /// are kept in some of them.
    Recovery,
    /// The pool for compaction: what takes long but may wait.
    Cleaner,
}

/// Disk work that must not hold up the thread that found it necessary.
pub struct Job {
    lane: Lane,
    name: &'static str,
    work: Box<dyn FnOnce() -> Completion + Send>,
}

impl Job {
    pub(crate) fn new(
        lane: Lane,
        name: &'static str,
        work: impl FnOnce() -> Completion + Send + 'static,
    ) -> Job {
        Job { lane, name, work: Box::new(work) }
    }

    /// Where the job runs.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// What the job does, for logs and traces.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does the work on the calling thread.
    #[must_use]
    pub fn run(self) -> Completion {
        (self.work)()
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Job({} on {:?})", self.name, self.lane)
    }
}

/// What came of a [`Job`]; to be handed to [`Node::complete`](crate::Node::complete).
#[derive(Debug)]
pub struct Completion(pub(crate) Finished);

/// What was done.
#[derive(Debug)]
pub(crate) enum Finished {
    /// On the metadata log.
    Metadata(MetadataCompletion),
    /// A partition's log was to be flushed.
    Flushed { partition: TopicIdPartition, flush: Flush, outcome: io::Result<()> },
    /// A partition's log was to be opened.
    Opened { partition: TopicIdPartition, opened: Opened },
    /// Old segments were taken out of logs, and the last ones of some were ended.
    Retained { removals: Vec<Removal>, rolled: Vec<Arc<Slot>> },
    /// Where logs start was to be written down.
    StartsWritten(Result<(), String>),
    /// A piece of a round of cleaning was to be done, and took so many bytes.
    Cleaned { round: Box<Round>, progress: Result<Progress, CleanError>, bytes: u64 },
    /// A piece of a shard's log was to be read.
    GroupsRead(Loaded),
    /// Groups shall forget the offsets of these topics.
    TopicsDeleted(Vec<DeletedTopic>),
    /// Something that nobody waits for.
    Nothing,
    /// A log was to be closed, for the stop.
    LogClosed { slot: Arc<Slot>, log: Box<Log>, failure: Option<String> },
    /// All logs were to be closed.
    Stopped(Result<(), String>),
}
