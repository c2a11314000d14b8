//! What the network asks of the part that understands requests.

use std::{net::SocketAddr, sync::Arc};

use bytes::{Bytes, BytesMut};
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

impl Response {
    /// Makes an answer of pieces whose first begins with four bytes kept free for the size.
    ///
    /// # Panics
    /// When there are no such four bytes, or the pieces exceed 2 GiB: whoever encodes an answer
    /// keeps to its limits.
    #[must_use]
    pub fn framed(mut parts: Vec<Part>) -> Response {
        const PREFIX: usize = 4;
        let size: usize = parts.iter().map(Part::size).sum();
        let size = size.checked_sub(PREFIX).expect("the first piece has room for the size");
        let size = i32::try_from(size).expect("an answer is smaller than 2 GiB");
        let Some(Part::Bytes(first)) = parts.first_mut() else {
            unreachable!("an answer begins with bytes in memory");
        };
        // Not shared with anybody yet, so this does not copy.
        let mut patched = BytesMut::from(std::mem::take(first));
        patched[..PREFIX].copy_from_slice(&size.to_be_bytes());
        *first = patched.freeze();
        Response { parts }
    }
}
