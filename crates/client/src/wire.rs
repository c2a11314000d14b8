//! Frames to and from a socket.

use bytes::Bytes;
use protocol::{Chunk, Frame, frame_size};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Broken;

/// Writes a frame and makes sure it leaves.
pub(crate) async fn write<W: AsyncWrite + Unpin>(
    writer: &mut W,
    frame: &Frame,
) -> Result<(), Broken> {
    for chunk in &frame.chunks {
        match chunk {
            Chunk::Bytes(bytes) => writer.write_all(bytes).await?,
            Chunk::Slot { .. } => unreachable!("requests of a client are all in memory"),
        }
    }
    Ok(writer.flush().await?)
}

/// Reads what follows the length of the next frame.
///
/// Memory grows with what arrives, not with what the length promises.
pub(crate) async fn read<R: AsyncRead + Unpin>(
    reader: &mut R,
    limit: usize,
) -> Result<Bytes, Broken> {
    let mut prefix = [0; 4];
    reader.read_exact(&mut prefix).await?;
    let size = frame_size(prefix, limit)?;
    let mut bytes = Vec::new();
    reader.take(size as u64).read_to_end(&mut bytes).await?;
    if bytes.len() < size {
        return Err(Broken::Closed);
    }
    Ok(bytes.into())
}
