//! One connection to one broker.
//!
//! A task writes requests as they come, another reads responses, which the broker sends in the same
//! order. Both end with the connection.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use protocol::{ApiKey, Decoder, Frame, Message, Request, ResponseHeader, request_frame};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader, BufWriter},
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    Address, Broken, CallError, Config, ConnectError, ConnectFailure,
    handshake::{KnownVersions, exchange_versions},
    wire,
};

/// How many requests may wait for their turn to be written or answered.
const IN_FLIGHT_MAX: usize = 64;

#[derive(Debug)]
pub(crate) struct Connection {
    address: Address,
    client_id: String,
    known: KnownVersions,
    next_correlation_id: AtomicI32,
    calls: mpsc::Sender<Call>,
    /// Why the connection is of no use, once it is not.
    broken: Arc<OnceLock<Broken>>,
    tasks: [JoinHandle<()>; 2],
}

/// A request on its way.
struct Call {
    frame: Frame,
    awaited: Awaited,
}

/// A request that was written and not answered.
struct Awaited {
    correlation_id: i32,
    answer: oneshot::Sender<Bytes>,
}

impl Connection {
    /// Connects and learns which versions the broker knows.
    pub(crate) async fn open(
        address: Address,
        config: &Config,
    ) -> Result<Connection, ConnectError> {
        let deadline = config.connect_deadline;
        let opened = timeout(deadline, Connection::try_open(address.clone(), config)).await;
        let opened = opened.unwrap_or(Err(ConnectFailure::TimedOut(deadline)));
        opened.map_err(|failure| ConnectError { address, failure })
    }

    async fn try_open(address: Address, config: &Config) -> Result<Connection, ConnectFailure> {
        let io = |error| ConnectFailure::Io(Arc::new(error));
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(io)?;
        stream.set_nodelay(true).map_err(io)?;
        let (reader, writer) = stream.into_split();
        let (mut reader, mut writer) = (BufReader::new(reader), BufWriter::new(writer));
        let limit = config.response_bytes_max;
        let known = exchange_versions(&mut reader, &mut writer, &config.client_id, limit).await?;
        let (calls, from_callers) = mpsc::channel(IN_FLIGHT_MAX);
        let (written, awaited) = mpsc::channel(IN_FLIGHT_MAX);
        let broken = Arc::new(OnceLock::new());
        let tasks = [
            tokio::spawn(write_calls(writer, from_callers, written, broken.clone())),
            tokio::spawn(read_answers(reader, limit, awaited, broken.clone())),
        ];
        Ok(Connection {
            address,
            client_id: config.client_id.clone(),
            known,
            next_correlation_id: AtomicI32::new(1),
            calls,
            broken,
            tasks,
        })
    }

    /// Whether requests can still be answered.
    pub(crate) fn is_usable(&self) -> bool {
        self.broken.get().is_none()
    }

    /// The highest version both sides know.
    pub(crate) fn best_version<R: Request>(&self) -> Option<i16> {
        self.known.best::<R>()
    }

    /// Sends a request in the highest version both sides know, and waits for the response.
    pub(crate) async fn call<R: Request>(
        &self,
        request: &R,
        deadline: Duration,
    ) -> Result<R::Response, CallError> {
        self.call_in(request, i16::MAX, deadline).await
    }

    /// As [`Connection::call`], in a version no higher than `version_max`.
    pub(crate) async fn call_in<R: Request>(
        &self,
        request: &R,
        version_max: i16,
        deadline: Duration,
    ) -> Result<R::Response, CallError> {
        let api = R::KEY;
        let version = self.best_version::<R>().ok_or_else(|| self.unsupported::<R>())?;
        let version = version.min(version_max);
        let correlation_id = self.next_correlation_id.fetch_add(1, Ordering::Relaxed);
        let frame = request_frame(request, version, correlation_id, &self.client_id)
            .map_err(|error| CallError::Encode { api, error })?;
        let answer = match timeout(deadline, self.exchange(frame, correlation_id)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(broken)) => return Err(self.call_broke(api, broken)),
            Err(_) => return Err(self.call_timed_out(api, deadline)),
        };
        read_response::<R>(answer, version).map_err(|error| CallError::Decode { api, error })
    }

    async fn exchange(&self, frame: Frame, correlation_id: i32) -> Result<Bytes, Broken> {
        let (answer, answered) = oneshot::channel();
        let call = Call { frame, awaited: Awaited { correlation_id, answer } };
        self.calls.send(call).await.map_err(|_| self.why_broken())?;
        answered.await.map_err(|_| self.why_broken())
    }

    fn why_broken(&self) -> Broken {
        self.broken.get().cloned().unwrap_or(Broken::Closed)
    }

    fn unsupported<R: Request>(&self) -> CallError {
        CallError::Unsupported {
            api: R::KEY,
            address: self.address.clone(),
            ours: R::ADVERTISED,
            theirs: self.known.of_api(R::KEY),
        }
    }

    fn call_broke(&self, api: ApiKey, broken: Broken) -> CallError {
        CallError::Broken { api, address: self.address.clone(), broken }
    }

    /// Responses come in order: behind one that does not come, none will.
    fn call_timed_out(&self, api: ApiKey, deadline: Duration) -> CallError {
        let _ = self.broken.set(Broken::Stuck);
        self.stop();
        CallError::TimedOut { api, address: self.address.clone(), deadline }
    }

    fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn read_response<R: Request>(
    answer: Bytes,
    version: i16,
) -> Result<R::Response, protocol::DecodeError> {
    let mut decoder = Decoder::new(answer);
    ResponseHeader::decode(&mut decoder, R::KEY, version)?;
    Message::decode(&mut decoder, version)
}

async fn write_calls(
    mut writer: impl AsyncWrite + Unpin,
    mut calls: mpsc::Receiver<Call>,
    written: mpsc::Sender<Awaited>,
    broken: Arc<OnceLock<Broken>>,
) {
    while let Some(call) = calls.recv().await {
        // Before the request is written, so that the answer never comes unawaited.
        if written.send(call.awaited).await.is_err() {
            return;
        }
        if let Err(error) = wire::write(&mut writer, &call.frame).await {
            let _ = broken.set(error);
            return;
        }
    }
}

async fn read_answers(
    mut reader: impl AsyncBufRead + Unpin,
    limit: usize,
    mut awaited: mpsc::Receiver<Awaited>,
    broken: Arc<OnceLock<Broken>>,
) {
    while let Some(call) = next_awaited(&mut reader, &mut awaited, &broken).await {
        match read_answer(&mut reader, limit, call.correlation_id).await {
            // Whoever asked may have stopped waiting.
            Ok(answer) => drop(call.answer.send(answer)),
            Err(error) => {
                let _ = broken.set(error);
                return;
            }
        }
    }
}

/// The next request to be answered; none when the broker hangs up before there is one, so that the
/// next caller makes a new connection instead of writing into the void.
async fn next_awaited(
    reader: &mut (impl AsyncBufRead + Unpin),
    awaited: &mut mpsc::Receiver<Awaited>,
    broken: &OnceLock<Broken>,
) -> Option<Awaited> {
    let arrived = tokio::select! {
        biased;
        call = awaited.recv() => return call,
        arrived = reader.fill_buf() => arrived.map(|bytes| !bytes.is_empty()),
    };
    let hung_up = match arrived {
        Ok(true) => return awaited.recv().await,
        Ok(false) => Broken::Closed,
        Err(error) => error.into(),
    };
    let _ = broken.set(hung_up);
    None
}

pub(crate) async fn read_answer(
    reader: &mut (impl AsyncRead + Unpin),
    limit: usize,
    expected: i32,
) -> Result<Bytes, Broken> {
    let answer = wire::read(reader, limit).await?;
    let found = answer.first_chunk().map_or(-1, |bytes| i32::from_be_bytes(*bytes));
    if found != expected {
        return Err(Broken::OutOfOrder { expected, found });
    }
    Ok(answer)
}
