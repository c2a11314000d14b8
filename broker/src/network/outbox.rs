//! What is to be written to one connection.
//!
//! Pieces in memory are gathered into one call; pieces of files go out by `sendfile`, unless the
//! whole answer is so small that copying it costs less than the calls. Bytes that are not in the
//! page cache are brought there by the pool first, so that a slow disk holds up this connection and
//! no other.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use runtime::FileSlice;
use tokio::{net::TcpStream, sync::oneshot};

use super::{
    service::{Part, Response},
    socket,
};
use crate::io::Pool;

/// An answer up to this size goes out as one piece, also when parts of it lie in files.
const WHOLE_MAX: usize = 16 << 10;
/// Pieces gathered into one call at most.
const GATHERED_MAX: usize = 32;
/// Bytes of a file sent, and looked up in the page cache, at a time.
const STRETCH: usize = 1 << 20;
/// Bytes written before other connections of the thread get their turn.
const TURN_MAX: usize = 4 << 20;

/// The pieces that wait to be written, in order.
pub(super) struct Outbox {
    parts: VecDeque<Part>,
    /// Bytes of the first piece that are written already.
    sent: usize,
    /// Bytes of the first piece that are known to be in the page cache.
    warm: usize,
    warming: Option<oneshot::Receiver<io::Result<()>>>,
    pool: Arc<Pool>,
}

impl Outbox {
    pub(super) fn new(pool: Arc<Pool>) -> Outbox {
        Outbox { parts: VecDeque::new(), sent: 0, warm: 0, warming: None, pool }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Adds an answer behind those that wait.
    pub(super) fn push(&mut self, response: Response) {
        match whole(&response.parts) {
            Some(bytes) => self.parts.push_back(Part::Bytes(bytes)),
            None => self.parts.extend(response.parts.into_iter().filter(|part| part.size() > 0)),
        }
    }

    /// Writes until nothing is left, the socket is full, or others have waited long enough.
    ///
    /// Adds the bytes written to `written`, also when it has to go on later.
    pub(super) fn poll_write(
        &mut self,
        stream: &TcpStream,
        context: &mut Context<'_>,
        written: &mut usize,
    ) -> io::Result<Poll<()>> {
        let mut turn = 0;
        while let Some(first) = self.parts.front() {
            if turn >= TURN_MAX {
                context.waker().wake_by_ref();
                return Ok(Poll::Pending);
            }
            let attempt = match first {
                Part::Bytes(_) => self.send_gathered(stream),
                Part::File(slice) => {
                    let slice = slice.clone();
                    if self.poll_warm(&slice, context)?.is_pending() {
                        return Ok(Poll::Pending);
                    }
                    self.send_file(stream, &slice)
                }
            };
            match attempt {
                Ok(count) => {
                    turn += count;
                    *written += count;
                    self.advance(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if stream.poll_write_ready(context)?.is_pending() {
                        return Ok(Poll::Pending);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Poll::Ready(()))
    }

    fn send_gathered(&self, stream: &TcpStream) -> io::Result<usize> {
        let mut slices: [IoSlice<'_>; GATHERED_MAX] = std::array::from_fn(|_| IoSlice::new(&[]));
        let mut gathered = 0;
        let mut skip = self.sent;
        for part in self.parts.iter().take(GATHERED_MAX) {
            let Part::Bytes(bytes) = part else { break };
            slices[gathered] = IoSlice::new(&bytes[skip..]);
            gathered += 1;
            skip = 0;
        }
        let more = gathered < self.parts.len();
        match socket::send(stream, &slices[..gathered], more)? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            count => Ok(count),
        }
    }

    fn send_file(&self, stream: &TcpStream, slice: &FileSlice) -> io::Result<usize> {
        match socket::send_file(stream, slice, self.sent, self.warm - self.sent)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the log's file was cut")),
            count => Ok(count),
        }
    }

    /// Makes sure that the next stretch of a slice is in the page cache.
    fn poll_warm(&mut self, slice: &FileSlice, context: &mut Context<'_>) -> io::Result<Poll<()>> {
        if let Some(warming) = &mut self.warming {
            let Poll::Ready(outcome) = Pin::new(warming).poll(context) else {
                return Ok(Poll::Pending);
            };
            self.warming = None;
            // The pool drops a job only when the broker stops.
            outcome.unwrap_or_else(|_| Err(io::ErrorKind::ConnectionAborted.into()))?;
            self.warm = stretch_end(self.sent, slice.size);
        }
        if self.sent < self.warm {
            return Ok(Poll::Ready(()));
        }
        let end = stretch_end(self.sent, slice.size);
        let stretch = FileSlice {
            file: slice.file.clone(),
            position: slice.position + self.sent as u64,
            size: end - self.sent,
        };
        if is_cached(&stretch)? {
            self.warm = end;
            return Ok(Poll::Ready(()));
        }
        self.warming = Some(self.pool.call("warm", move || warm(&stretch)));
        self.poll_warm(slice, context)
    }

    /// Takes `count` written bytes off the front.
    fn advance(&mut self, mut count: usize) {
        while count > 0 {
            let first = self.parts.front().expect("only bytes of waiting parts are written");
            let left = first.size() - self.sent;
            if count < left {
                self.sent += count;
                return;
            }
            count -= left;
            self.parts.pop_front();
            self.sent = 0;
            self.warm = 0;
        }
    }
}

/// A small answer with the pieces of files copied in; none when there are no such pieces, when it
/// is not small, or when a file would have to be waited for.
fn whole(parts: &[Part]) -> Option<Bytes> {
    let has_files = parts.iter().any(|part| matches!(part, Part::File(_)));
    let size: usize = parts.iter().map(Part::size).sum();
    if !has_files || size > WHOLE_MAX {
        return None;
    }
    let mut bytes = vec![0; size];
    let mut rest = &mut bytes[..];
    for part in parts {
        let (piece, behind) = rest.split_at_mut(part.size());
        match part {
            Part::Bytes(bytes) => piece.copy_from_slice(bytes),
            Part::File(slice) => {
                let read = slice.file.read_cached_at(piece, slice.position).ok()?;
                if read < piece.len() {
                    return None;
                }
            }
        }
        rest = behind;
    }
    Some(bytes.into())
}

fn stretch_end(sent: usize, size: usize) -> usize {
    size.min(sent + STRETCH)
}

/// Whether both ends of a stretch are in the page cache, and so, as the system reads ahead, most
/// likely all of it.
fn is_cached(stretch: &FileSlice) -> io::Result<bool> {
    let last = stretch.position + stretch.size as u64 - 1;
    for position in [last, stretch.position] {
        match stretch.file.read_cached_at(&mut [0], position) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Reads a stretch and throws the bytes away: what counts is that they are in the page cache then.
fn warm(stretch: &FileSlice) -> io::Result<()> {
    let mut buffer = vec![0; stretch.size.min(128 << 10)];
    let mut position = stretch.position;
    let end = stretch.position + stretch.size as u64;
    while position < end {
        match stretch.file.read_at(&mut buffer, position)? {
            0 => break,
            count => position += count as u64,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use runtime::{Disk, SystemDisk};

    use super::*;

    fn answer(content: &[u8], slice_size: usize) -> [Part; 3] {
        let folder = tempfile::tempdir().unwrap();
        let file = SystemDisk.create(&folder.path().join("segment")).unwrap();
        file.write_all_at(content, 0).unwrap();
        let slice = FileSlice { file, position: 1, size: slice_size };
        [Part::Bytes("head".into()), Part::File(slice), Part::Bytes("tail".into())]
    }

    #[test]
    fn a_small_answer_leaves_in_one_piece() {
        assert_eq!(whole(&answer(b"0123456", 5)).unwrap(), "head12345tail");
        assert!(whole(&[Part::Bytes("no file".into())]).is_none());
    }

    #[test]
    fn a_large_answer_leaves_by_sendfile() {
        let content = vec![0; WHOLE_MAX];
        assert!(whole(&answer(&content, WHOLE_MAX - "headtail".len())).is_some());
        assert!(whole(&answer(&content, WHOLE_MAX - "headtail".len() + 1)).is_none());
    }

    #[test]
    fn an_answer_from_a_file_that_was_cut_is_not_made_up() {
        assert!(whole(&answer(b"0123", 5)).is_none());
    }
}
