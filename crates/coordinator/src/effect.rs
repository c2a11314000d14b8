//! What a shard asks of the node around it.

use bytes::Bytes;

use crate::answer::Answer;

/// Names a request between the node and a shard; the node draws it, never twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Names a write between a shard and the node; the shard counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write(pub u64);

/// Names writes, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writes(u64);

impl Writes {
    /// A name that was not drawn before.
    pub fn draw(&mut self) -> Write {
        self.0 += 1;
        Write(self.0)
    }
}

/// Something the node has to do. Effects are carried out in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A request is answered.
    Answer {
        /// The request.
        ticket: Ticket,
        /// What to tell its sender.
        answer: Answer,
    },
    /// Append these records, in one batch, and report with [`Shard::written`](crate::Shard::written)
    /// when the high watermark has passed them, or why it never will.
    Write {
        /// The write.
        write: Write,
        /// Its records; never none.
        records: Vec<Record>,
    },
}

/// The effects of one event, in order.
pub type Effects = Vec<Effect>;

/// A record of `__consumer_offsets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its key, of which compaction keeps the last.
    pub key: Bytes,
    /// Its value; none takes away what the key names.
    pub value: Option<Bytes>,
}
