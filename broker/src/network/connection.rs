//! One client connection: frames in, answers out in the same order.
//!
//! One task does it all by polling: it collects answers that have arrived, calls the requests that
//! may be called, writes, and only then reads more. So a client that does not read its answers is
//! not read either, and the answer to a request that needs no wait is written in the same turn.

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tokio::net::TcpStream;

use super::{
    Shared,
    frame::{FrameError, Frames, Progress},
    outbox::Outbox,
    quiet::Quiet,
    requests::Requests,
    service::{Client, Reply, Service},
    stop::Stopping,
};

/// How long an unfinished frame may hold memory while other connections wait for some.
const STALL_MAX: Duration = Duration::from_secs(10);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Closed {
    #[error("the client closed it")]
    ByClient,
    #[error("the broker stops")]
    Stopped,
    #[error("it was idle for longer than connections.max.idle.ms")]
    Idle,
    #[error("it left a frame unfinished while others waited for memory")]
    Stalled,
    #[error("the client does not speak Kafka's protocol: {0}")]
    Malformed(#[from] FrameError),
    #[error("{0}")]
    Refused(String),
    #[error("failed to read or write: {0}")]
    Io(#[from] io::Error),
}

/// A connection and all that it waits for.
pub(super) struct Connection<S> {
    stream: TcpStream,
    client: Arc<Client>,
    shared: Arc<Shared<S>>,
    frames: Frames,
    /// A frame that waits for its turn; no more is read meanwhile.
    next: Option<Bytes>,
    /// Why what comes next is no frame; told once the requests before it are answered.
    malformed: Option<FrameError>,
    requests: Requests,
    outbox: Outbox,
    quiet: Quiet,
    stop: Stopping,
}

impl<S: Service> Connection<S> {
    pub(super) fn new(stream: TcpStream, client: Client, shared: Arc<Shared<S>>) -> Connection<S> {
        let limits = &shared.limits;
        Connection {
            stream,
            client: Arc::new(client),
            frames: Frames::new(limits.request_bytes_max, shared.budget.clone()),
            next: None,
            malformed: None,
            requests: Requests::new(limits.connection_requests_max),
            outbox: Outbox::new(shared.pool.clone()),
            quiet: Quiet::new(limits.connection_idle_max),
            stop: shared.stop.stopping(),
            shared,
        }
    }

    /// Serves the connection until it ends.
    pub(super) async fn run(mut self) -> Closed {
        let closed = poll_fn(|context| self.poll(context)).await;
        for ticket in self.requests.abandon() {
            self.shared.service.abandon(ticket);
        }
        closed
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Closed> {
        loop {
            match self.poll_steps(context) {
                Ok(Poll::Pending) => {}
                Ok(Poll::Ready(closed)) | Err(closed) => return Poll::Ready(closed),
            }
            if let Poll::Ready(closed) = self.poll_quiet(context) {
                return Poll::Ready(closed);
            }
            if self.requests.sleep(context.waker()) {
                return Poll::Pending;
            }
        }
    }

    /// Goes on until there is nothing to do but wait.
    fn poll_steps(&mut self, context: &mut Context<'_>) -> Result<Poll<Closed>, Closed> {
        loop {
            self.collect_answers();
            if !self.outbox.is_empty() && self.poll_write(context)?.is_pending() {
                return Ok(Poll::Pending);
            }
            if let Some(reason) = self.requests.closing.take() {
                return Ok(Poll::Ready(Closed::Refused(reason)));
            }
            if self.stop.poll(context) {
                let is_done = self.requests.is_empty();
                return Ok(if is_done { Poll::Ready(Closed::Stopped) } else { Poll::Pending });
            }
            if self.call_requests() {
                continue;
            }
            if let Some(error) = self.malformed.take_if(|_| self.requests.is_empty()) {
                return Err(error.into());
            }
            let is_full = self.next.is_some() || self.malformed.is_some();
            if is_full || self.poll_read(context)?.is_pending() {
                return Ok(Poll::Pending);
            }
        }
    }

    /// Calls the frames that have arrived, as far as order and limits allow. Whether there were
    /// any.
    fn call_requests(&mut self) -> bool {
        let mut has_called = false;
        loop {
            if self.next.is_none() && self.malformed.is_none() {
                match self.frames.take() {
                    Ok(next) => self.next = next,
                    Err(error) => self.malformed = Some(error),
                }
            }
            if !self.requests.may_begin() {
                return has_called;
            }
            let Some(frame) = self.next.take() else { return has_called };
            has_called = true;
            self.quiet.was_active = true;
            self.shared.metrics.bytes_received.inc_by(frame.len() as u64);
            let replier = self.requests.begin();
            let order = self.shared.service.call(&self.client, frame, replier);
            self.requests.called(order);
        }
    }

    fn collect_answers(&mut self) {
        self.requests.take_arrived();
        while let Some(ticket) = self.requests.nudges.pop() {
            self.shared.service.resume(ticket);
            self.requests.take_arrived();
        }
        while let Some(reply) = self.requests.next_answer() {
            match reply {
                Reply::Response(response) => self.outbox.push(response),
                Reply::Nothing => {}
                Reply::Close(reason) => self.requests.close(reason),
            }
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, Closed> {
        let mut written = 0;
        let outcome = self.outbox.poll_write(&self.stream, context, &mut written);
        self.quiet.was_active |= written > 0;
        self.shared.metrics.bytes_sent.inc_by(written as u64);
        Ok(outcome?)
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, Closed> {
        let was_within = self.frames.is_within_a_frame();
        match self.frames.poll_read(&mut self.stream, context)? {
            Poll::Ready(Progress::End) => Err(Closed::ByClient),
            Poll::Ready(Progress::Bytes) => {
                self.quiet.was_active |= !was_within;
                Ok(Poll::Ready(()))
            }
            Poll::Pending => {
                self.quiet.watch_frame(self.frames.holds_budget());
                Ok(Poll::Pending)
            }
        }
    }

    fn poll_quiet(&mut self, context: &mut Context<'_>) -> Poll<Closed> {
        while self.quiet.timer.as_mut().poll(context).is_ready() {
            let quiet = self.quiet.begin_again();
            let waits_for_client = self.requests.is_empty() || !self.outbox.is_empty();
            if waits_for_client && quiet.idle >= self.shared.limits.connection_idle_max {
                return Poll::Ready(Closed::Idle);
            }
            let holds_up_others = self.frames.is_half_open() && self.shared.budget.is_short();
            if holds_up_others && quiet.within_frame >= STALL_MAX {
                return Poll::Ready(Closed::Stalled);
            }
        }
        Poll::Pending
    }
}
