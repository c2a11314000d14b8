//! The floor under producing: bytes from sockets are written to files, and that is all.
//!
//! For each block one `recv` and one `pwrite`, and `epoll_wait` when there is nothing to do.

use anyhow::Result;
use rustix::event::epoll::{self, EventData, EventFlags};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What a connection is sent when all that it sent is written.
pub(crate) const WRITTEN: u8 = 1;

/// How the bytes come.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Over how many connections.
    pub connections: usize,
    /// How many are read and written at once.
    pub block_bytes: usize,
}

struct Source {
    connection: TcpStream,
    file: File,
    size: u64,
}

/// Takes the connections and writes what they send to a file each, until they have sent all.
///
/// # Errors
/// When a socket or a file fails.
pub fn serve(listener: &TcpListener, folder: &Path, shape: Shape) -> Result<()> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let source = |number| Source::accept(listener, folder, &epoll, number);
    let mut sources = (0..shape.connections).map(source).collect::<Result<Vec<_>>>()?;
    let mut block = vec![0; shape.block_bytes];
    let mut events = Vec::with_capacity(64);
    let mut open = sources.len();
    while open > 0 {
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let source = &mut sources[usize::try_from(event.data.u64())?];
            if !source.write_block(&mut block)? {
                epoll::delete(&epoll, &source.connection)?;
                open -= 1;
            }
        }
    }
    Ok(())
}

impl Source {
    fn accept(
        listener: &TcpListener,
        folder: &Path,
        epoll: &OwnedFd,
        number: usize,
    ) -> Result<Source> {
        let (connection, _) = listener.accept()?;
        epoll::add(epoll, &connection, EventData::new_u64(number as u64), EventFlags::IN)?;
        Ok(Source { connection, file: File::create(folder.join(number.to_string()))?, size: 0 })
    }

    /// Whether there may be more; says so to the other end when there is not.
    fn write_block(&mut self, block: &mut [u8]) -> Result<bool> {
        let count = self.connection.read(block)?;
        self.file.write_all_at(&block[..count], self.size)?;
        self.size += count as u64;
        if count == 0 {
            self.connection.write_all(&[WRITTEN])?;
        }
        Ok(count > 0)
    }
}
