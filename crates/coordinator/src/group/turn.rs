//! What an event of a group is handled with, and what comes of it.

use types::Now;

use crate::{Config, Ticket, Write, Writes, answer::Answer, group::PersistedGroup};

/// One event's surroundings.
#[derive(Debug)]
pub struct Turn<'a> {
    /// When it happens.
    pub now: Now,
    /// What the coordinator goes by.
    pub config: &'a Config,
    /// Names the writes of all groups of a shard.
    pub writes: &'a mut Writes,
    /// What comes of it, in order.
    pub effects: &'a mut Vec<GroupEffect>,
}

/// Something the shard has to do for a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEffect {
    /// A request is answered, with [`Answer::Join`] or [`Answer::Sync`].
    Answer {
        /// The request.
        ticket: Ticket,
        /// What to tell its sender.
        answer: Answer,
    },
    /// Write the group down and report with [`Membership::written`](super::Membership::written).
    Persist {
        /// The write.
        write: Write,
        /// What to write down.
        group: PersistedGroup,
    },
}
