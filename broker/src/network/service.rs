//! What the network asks of the part that understands requests.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use runtime::FileSlice;

use super::mailbox::Replier;

/// Answers the requests of all connections.
pub trait Service: Send + Sync + 'static {
    /// Takes one request, without the size in front of it. Requests of one connection come in the
    /// order in which they were sent.
    ///
    /// The answer is given through `replier`, at once or later, from any thread. Nothing in here
    /// may wait.
    fn call(&self, client: &Arc<Client>, frame: Bytes, replier: Replier) -> Order;

    /// Goes on with a wait that was [nudged](Replier::nudge).
    fn resume(&self, ticket: u64);

    /// The connection of a wait that was [parked](Replier::park) is gone.
    fn abandon(&self, ticket: u64);
}

/// Whether the next request of the connection may be called before this one is answered.
///
/// Answers are always written in the order of the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The next one may overtake this one's wait, not its answer.
    Pipelined,
    /// The next one waits until this one is answered, as all do in Kafka.
    Alone,
}

/// The other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub peer: SocketAddr,
    /// Which of the client listeners it came in through, in the order of `listeners`.
    pub listener: usize,
}

/// How a request ends.
#[derive(Debug)]
pub enum Reply {
    /// With these bytes.
    Response(Response),
    /// Without an answer, as `acks=0` asks for.
    Nothing,
    /// With the end of the connection, after the answers before it; the text says why.
    Close(String),
}

/// An answer with its size in front, in the pieces it is written in.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The pieces, in order.
    pub parts: Vec<Part>,
}

/// One piece of an answer.
#[derive(Debug, Clone)]
pub enum Part {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes of a file, sent without passing through this process where the system can.
    File(FileSlice),
}

impl Part {
    /// How many bytes it stands for.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Part::Bytes(bytes) => bytes.len(),
            Part::File(slice) => slice.size,
        }
    }
}
