//! The two ways bytes leave through a socket: gathered from memory, and straight from a file.
//!
//! Both write what the socket takes right away and say `WouldBlock` when that is nothing.

use std::io::{self, IoSlice};

use runtime::FileSlice;
use tokio::{io::Interest, net::TcpStream};

/// Sends from memory. `more` tells the system that other bytes follow at once, so that they may
/// travel in one packet.
#[cfg(target_os = "linux")]
pub(super) fn send(stream: &TcpStream, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
    use rustix::net::{SendAncillaryBuffer, SendFlags, send, sendmsg};
    let mut flags = SendFlags::NOSIGNAL;
    flags.set(SendFlags::MORE, more);
    stream.try_io(Interest::WRITABLE, || {
        Ok(match slices {
            [only] => send(stream, only, flags)?,
            _ => sendmsg(stream, slices, &mut SendAncillaryBuffer::default(), flags)?,
        })
    })
}

/// Sends from memory.
#[cfg(not(target_os = "linux"))]
pub(super) fn send(stream: &TcpStream, slices: &[IoSlice<'_>], _more: bool) -> io::Result<usize> {
    stream.try_write_vectored(slices)
}

/// Sends up to `size` bytes of a slice from `skip` on; 0 means that the file ends there.
#[cfg(target_os = "linux")]
pub(super) fn send_file(
    stream: &TcpStream,
    slice: &FileSlice,
    skip: usize,
    size: usize,
) -> io::Result<usize> {
    let Some(file) = slice.file.descriptor() else {
        return send_copied(stream, slice, skip, size);
    };
    let mut position = slice.position + skip as u64;
    stream.try_io(Interest::WRITABLE, || {
        Ok(rustix::fs::sendfile(stream, file, Some(&mut position), size)?)
    })
}

/// Sends up to `size` bytes of a slice from `skip` on; 0 means that the file ends there.
#[cfg(not(target_os = "linux"))]
pub(super) fn send_file(
    stream: &TcpStream,
    slice: &FileSlice,
    skip: usize,
    size: usize,
) -> io::Result<usize> {
    send_copied(stream, slice, skip, size)
}

/// Sends a piece of a slice by way of memory; what the socket does not take is read again.
fn send_copied(
    stream: &TcpStream,
    slice: &FileSlice,
    skip: usize,
    size: usize,
) -> io::Result<usize> {
    const PIECE: usize = 64 << 10;
    let mut bytes = vec![0; size.min(PIECE)];
    let read = slice.file.read_at(&mut bytes, slice.position + skip as u64)?;
    if read == 0 {
        return Ok(0);
    }
    stream.try_write(&bytes[..read])
}
