//! How a command talks to the `up` that runs a cluster.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::Instant;

use super::Folder;
use super::message::{Command, LINE_BYTES_MAX, Reply, Request};

/// An `up` that has just begun holds the lock before it serves the socket.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(15);
const CONNECT_POLL: Duration = Duration::from_millis(5);

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody answers on the socket.
    #[error("failed to reach the running `klamm up` in {folder}: {1}", folder = .0.root().display())]
    Unreachable(Folder, #[source] std::io::Error),
    /// It ended before it had answered.
    #[error("the running `klamm up` ended before it had answered")]
    Ended,
    /// It answered in a language of another version.
    #[error("failed to read the answer of the running `klamm up`: {0}")]
    Malformed(#[source] serde_json::Error),
}

/// Asks, hands every reply but the last to `on_reply`, and returns the last.
pub async fn ask(
    folder: &Folder,
    version: &str,
    command: Command,
    mut on_reply: impl FnMut(Reply),
) -> Result<Reply, AskError> {
    let unreachable = |error| AskError::Unreachable(folder.clone(), error);
    let stream = connect(folder).await.map_err(unreachable)?;
    let (reader, mut writer) = stream.into_split();
    let request = Request { version: version.to_owned(), command };
    let mut text = serde_json::to_vec(&request).expect("a request is plain data");
    text.push(b'\n');
    writer.write_all(&text).await.map_err(unreachable)?;
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut limited = (&mut reader).take(LINE_BYTES_MAX);
        let read = limited.read_until(b'\n', &mut line).await.map_err(unreachable)?;
        if read == 0 {
            return Err(AskError::Ended);
        }
        let reply: Reply = serde_json::from_slice(&line).map_err(AskError::Malformed)?;
        if reply.is_last() {
            return Ok(reply);
        }
        on_reply(reply);
    }
}

async fn connect(folder: &Folder) -> std::io::Result<UnixStream> {
    let deadline = Instant::now() + CONNECT_WAIT_MAX;
    loop {
        match UnixStream::connect(folder.socket()).await {
            Err(_) if Instant::now() < deadline && folder.is_in_use().unwrap_or(false) => {
                tokio::time::sleep(CONNECT_POLL).await;
            }
            connected => return connected,
        }
    }
}
