//! Cuts the bytes of a connection into frames.
//!
//! Small frames are read through a buffer that all connections of a thread share, so that an idle
//! connection holds no memory. A large frame gets memory as its bytes arrive, charged to the
//! [`Budget`]: a frame that claims 2 GB is refused, and one that claims 100 MB and never comes
//! costs its first 64 KiB.

use std::{
    cell::RefCell,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use bytes::{BufMut, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::budget::{Budget, Charge};

/// The largest frame that is not charged to the budget.
const SMALL_MAX: usize = 16 << 10;
/// How much one read of small frames takes at most, and thus what one connection can hold in
/// frames that are not called yet.
const READ_MAX: usize = 32 << 10;
/// The memory a large frame begins with.
const LARGE_START: usize = 64 << 10;
const PREFIX: usize = 4;

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_MAX].into());
}

/// Why a connection's bytes are no frames.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FrameError {
    #[error("a frame claims {0} bytes")]
    Negative(i32),
    #[error("a frame claims {claimed} bytes, more than the {limit} of socket.request.max.bytes")]
    TooLarge { claimed: usize, limit: usize },
}

/// What came of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// More bytes are there.
    Bytes,
    /// The peer has closed its side.
    End,
}

/// The bytes of one connection that are not yet called as frames.
pub(super) struct Frames {
    size_max: usize,
    budget: Arc<Budget>,
    /// Bytes that were read and not taken, from `start` on.
    backlog: Vec<u8>,
    start: usize,
    large: Option<LargeFrame>,
    /// Set while this connection stands in line for the budget.
    wait: Option<Pin<Box<dyn Future<Output = Charge> + Send>>>,
}

struct LargeFrame {
    size: usize,
    bytes: Vec<u8>,
    charge: Charge,
}

/// The memory of a large frame with its charge, given back together.
struct ChargedBytes {
    bytes: Vec<u8>,
    _charge: Charge,
}

impl AsRef<[u8]> for ChargedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Frames {
    pub(super) fn new(size_max: usize, budget: Arc<Budget>) -> Frames {
        Frames { size_max, budget, backlog: Vec::new(), start: 0, large: None, wait: None }
    }

    /// Whether a frame has begun and its end has not arrived.
    pub(super) fn is_within_a_frame(&self) -> bool {
        self.large.is_some() || self.start < self.backlog.len()
    }

    /// Whether a frame that is charged to the budget has begun.
    pub(super) fn holds_budget(&self) -> bool {
        self.large.is_some()
    }

    /// Whether such a frame has begun and it is the client that does not go on.
    pub(super) fn is_half_open(&self) -> bool {
        self.large.is_some() && self.wait.is_none()
    }

    /// The next whole frame, without its size.
    pub(super) fn take(&mut self) -> Result<Option<Bytes>, FrameError> {
        if self.large.is_some() {
            return Ok(self.take_large());
        }
        let Some(size) = claimed_size(&self.backlog[self.start..], self.size_max)? else {
            return Ok(None);
        };
        let content = self.start + PREFIX;
        if size > SMALL_MAX {
            self.begin_large(size, content);
            return Ok(self.take_large());
        }
        let Some(bytes) = self.backlog.get(content..content + size) else { return Ok(None) };
        let frame = Bytes::copy_from_slice(bytes);
        self.start = content + size;
        self.forget_taken();
        Ok(Some(frame))
    }

    fn take_large(&mut self) -> Option<Bytes> {
        let large = self.large.take_if(|large| large.bytes.len() == large.size)?;
        Some(Bytes::from_owner(ChargedBytes { bytes: large.bytes, _charge: large.charge }))
    }

    /// Reads once. To be called only when [`take`](Frames::take) has nothing.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        context: &mut Context<'_>,
    ) -> io::Result<Poll<Progress>> {
        if self.large.is_some() {
            return self.poll_read_large(stream, context);
        }
        READ_BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            if Pin::new(stream).poll_read(context, &mut read)?.is_pending() {
                return Ok(Poll::Pending);
            }
            self.drop_taken();
            self.backlog.extend_from_slice(read.filled());
            Ok(Poll::Ready(progress(read.filled().len())))
        })
    }

    fn poll_read_large(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        context: &mut Context<'_>,
    ) -> io::Result<Poll<Progress>> {
        if self.poll_room(context).is_pending() {
            return Ok(Poll::Pending);
        }
        let large = self.large.as_mut().expect("only called while a large frame is open");
        let room = large.bytes.capacity().min(large.size) - large.bytes.len();
        let mut target = (&mut large.bytes).limit(room);
        let read = pin!(stream.read_buf(&mut target));
        Ok(read.poll(context)?.map(progress))
    }

    /// Makes sure that the large frame has memory for more bytes.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(large) = &mut self.large else { return Poll::Ready(()) };
        if let Some(wait) = &mut self.wait {
            let charge = ready!(wait.as_mut().poll(context));
            self.wait = None;
            large.charge.merge(charge);
        } else {
            let capacity = large.bytes.capacity();
            if large.bytes.len() < capacity {
                return Poll::Ready(());
            }
            let more = growth(capacity, large.size);
            if !self.budget.try_charge(&mut large.charge, more) {
                self.wait = Some(Box::pin(self.budget.clone().charge(more)));
                return self.poll_room(context);
            }
        }
        let more = growth(large.bytes.capacity(), large.size);
        large.bytes.reserve_exact(more as usize);
        Poll::Ready(())
    }

    /// Moves what has arrived of a large frame out of the backlog.
    fn begin_large(&mut self, size: usize, content: usize) {
        let arrived = self.backlog.len().min(content + size);
        let mut large = LargeFrame { size, bytes: Vec::new(), charge: Charge::default() };
        // The start of a frame is in memory already, so it goes in whatever the budget says.
        large.bytes.reserve_exact(arrived - content);
        large.bytes.extend_from_slice(&self.backlog[content..arrived]);
        self.large = Some(large);
        self.start = arrived;
        self.forget_taken();
    }

    /// Gives the backlog's memory back once all of it is taken.
    fn forget_taken(&mut self) {
        if self.start == self.backlog.len() {
            self.start = 0;
            self.backlog.clear();
            self.backlog.shrink_to(1 << 10);
        }
    }

    fn drop_taken(&mut self) {
        self.backlog.drain(..self.start);
        self.start = 0;
    }
}

/// The size that the bytes begin with, once it has arrived.
fn claimed_size(bytes: &[u8], size_max: usize) -> Result<Option<usize>, FrameError> {
    let Some(prefix) = bytes.first_chunk::<PREFIX>() else { return Ok(None) };
    let claimed = i32::from_be_bytes(*prefix);
    let size = usize::try_from(claimed).map_err(|_| FrameError::Negative(claimed))?;
    if size > size_max {
        return Err(FrameError::TooLarge { claimed: size, limit: size_max });
    }
    Ok(Some(size))
}

/// By how many bytes a frame's memory grows: to twice as much, up to its size.
fn growth(capacity: usize, size: usize) -> u32 {
    let wanted = (capacity * 2).max(LARGE_START).min(size);
    u32::try_from(wanted.saturating_sub(capacity)).expect("a frame is smaller than 2 GiB")
}

fn progress(count: usize) -> Progress {
    if count == 0 { Progress::End } else { Progress::Bytes }
}

/// Cuts a stream into frames that comes in pieces of so many bytes, up to one that is refused or
/// does not end: how a test feeds the broker any bytes without a socket.
#[doc(hidden)]
#[must_use]
pub fn frames_of(stream: &[u8], piece: usize, size_max: usize) -> Vec<Bytes> {
    let mut frames = Frames::new(size_max, Arc::new(Budget::new(size_max)));
    let mut stream = Pieces { rest: stream, size: piece };
    let mut context = Context::from_waker(Waker::noop());
    let mut found = Vec::new();
    loop {
        match frames.take() {
            // A copy, so that the charge is given back.
            Ok(Some(frame)) => found.push(Bytes::copy_from_slice(&frame)),
            Ok(None) => match frames.poll_read(&mut stream, &mut context) {
                Ok(Poll::Ready(Progress::Bytes)) => {}
                Ok(Poll::Ready(Progress::End) | Poll::Pending) | Err(_) => return found,
            },
            Err(_) => return found,
        }
    }
}

/// Bytes that are read at most so many at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let size = self.size.min(self.rest.len()).min(buffer.remaining());
        let (piece, rest) = self.rest.split_at(size);
        buffer.put_slice(piece);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}
