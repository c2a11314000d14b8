//! The socket of a running `up`: other commands come in here.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::message::{Command, LINE_BYTES_MAX, Reply, Request};
use super::{Folder, folder};

/// How many replies wait for a command that reads slowly; beyond that it is left alone.
const REPLIES_MAX: usize = 1_024;
/// How many commands wait for their turn.
const CALLS_MAX: usize = 64;
/// How long a command may take to say what it wants.
const REQUEST_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long commands may take to read the last of their answers.
const FINISH_WAIT_MAX: Duration = Duration::from_secs(2);
/// What the operating systems we know allow.
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// A command and where its answers go.
pub(super) struct Call {
    pub(super) command: Command,
    pub(super) replies: mpsc::Sender<Reply>,
}

/// The socket, served until it is dropped.
pub(super) struct Server {
    path: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Why the socket cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Sockets have short names.
    #[error(
        "the path {} is longer than a socket's may be ({SOCKET_PATH_BYTES_MAX} bytes): choose a shorter folder with --data",
        .0.display()
    )]
    PathTooLong(PathBuf),
    /// The operating system says no.
    #[error("failed to serve the socket {path}: {1}", path = .0.display())]
    Io(PathBuf, #[source] std::io::Error),
}

impl Server {
    /// Serves the socket of a folder whose lock this process holds.
    pub(super) fn start(
        folder: &Folder,
        version: &str,
    ) -> Result<(Self, mpsc::Receiver<Call>), ServeError> {
        let path = folder.socket();
        if path.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            return Err(ServeError::PathTooLong(path));
        }
        let failed = |error| ServeError::Io(path.clone(), error);
        folder::remove(&path).map_err(failed)?;
        let listener = UnixListener::bind(&path).map_err(failed)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).map_err(failed)?;
        let (calls, receiver) = mpsc::channel(CALLS_MAX);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, calls, version.to_owned(), stopped));
        Ok((Self { path, stop: Some(stop), task }, receiver))
    }

    /// Takes no more commands, and says to the end what was begun.
    pub(super) async fn finish(mut self) {
        drop(self.stop.take());
        if tokio::time::timeout(FINISH_WAIT_MAX, &mut self.task).await.is_err() {
            tracing::warn!("a command did not read its answer");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        drop(std::fs::remove_file(&self.path));
    }
}

async fn serve(
    listener: UnixListener,
    calls: mpsc::Sender<Call>,
    version: String,
    stopped: oneshot::Receiver<()>,
) {
    // Dropped together with this task, and every conversation with it.
    let mut conversations = JoinSet::new();
    tokio::select! {
        _ = stopped => {}
        () = accept(&listener, calls, &version, &mut conversations) => {}
    }
    drop(listener);
    while conversations.join_next().await.is_some() {}
}

async fn accept(
    listener: &UnixListener,
    calls: mpsc::Sender<Call>,
    version: &str,
    conversations: &mut JoinSet<()>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                conversations.spawn(converse(stream, calls.clone(), version.to_owned()));
            }
            Err(error) => {
                tracing::warn!(%error, "failed to accept a command");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while conversations.try_join_next().is_some() {}
    }
}

async fn converse(stream: UnixStream, calls: mpsc::Sender<Call>, version: String) {
    let (reader, mut writer) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(LINE_BYTES_MAX));
    let read = tokio::time::timeout(REQUEST_WAIT_MAX, reader.read_until(b'\n', &mut line));
    if !matches!(read.await, Ok(Ok(_))) {
        return;
    }
    let (replies, mut receiver) = mpsc::channel(REPLIES_MAX);
    match understood(&line, &version) {
        Err(reply) => drop(replies.try_send(reply)),
        Ok(command) => drop(calls.send(Call { command, replies }).await),
    }
    while let Some(reply) = receiver.recv().await {
        let mut text = serde_json::to_vec(&reply).expect("a reply is plain data");
        text.push(b'\n');
        if writer.write_all(&text).await.is_err() || reply.is_last() {
            return;
        }
    }
}

fn understood(line: &[u8], version: &str) -> Result<Command, Reply> {
    let said: serde_json::Value = serde_json::from_slice(line)
        .map_err(|error| Reply::Failed(format!("the request cannot be read: {error}")))?;
    if said["version"] != version {
        return Err(Reply::Failed(format!(
            "the running `klamm up` is of version {version}, and this program of {}: use one version",
            said["version"].as_str().unwrap_or("another")
        )));
    }
    let request: Request = serde_json::from_value(said)
        .map_err(|error| Reply::Failed(format!("the request cannot be read: {error}")))?;
    Ok(request.command)
}
