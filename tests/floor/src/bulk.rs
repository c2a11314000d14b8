//! The load of those floors that move bytes and no messages.

use crate::receive::{Shape, WRITTEN};
use anyhow::{Context, Result, anyhow, ensure};
use rustix::net::{RecvFlags, recv};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

/// How much is thrown away at once.
const AT_ONCE: usize = 1 << 20;

/// Sends so many bytes to a [`receive`](crate::receive) server; all are written when this returns.
///
/// # Errors
/// When the server fails.
pub fn produce(server: SocketAddr, shape: Shape, bytes: usize) -> Result<()> {
    thread::scope(|scope| {
        let each = bytes / shape.connections;
        let send = |_| scope.spawn(move || send(server, shape.block_bytes, each));
        let threads: Vec<_> = (0..shape.connections).map(send).collect();
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a sender's thread panicked"))??;
        }
        Ok(())
    })
}

fn send(server: SocketAddr, block_bytes: usize, bytes: usize) -> Result<()> {
    let mut connection = TcpStream::connect(server)?;
    let block = vec![b'x'; block_bytes];
    let mut left = bytes;
    while left > 0 {
        let size = left.min(block.len());
        connection.write_all(&block[..size])?;
        left -= size;
    }
    connection.shutdown(Shutdown::Write)?;
    let mut answer = [0];
    connection.read_exact(&mut answer).context("the server did not write all")?;
    ensure!(answer == [WRITTEN], "the server answered {answer:?}");
    Ok(())
}

/// Takes all that a [`send`](crate::send) server sends and throws it away; says how much that was.
///
/// # Errors
/// When the server fails.
pub fn consume(server: SocketAddr, connections: usize) -> Result<usize> {
    thread::scope(|scope| {
        let receive = |_| scope.spawn(move || receive(server));
        let threads: Vec<_> = (0..connections).map(receive).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().map_err(|_| anyhow!("a receiver's thread panicked"))?
        };
        threads.into_iter().map(join).sum()
    })
}

fn receive(server: SocketAddr) -> Result<usize> {
    let connection = TcpStream::connect(server)?;
    let mut buffer = vec![0; AT_ONCE];
    let mut all = 0;
    loop {
        match discard(&connection, &mut buffer)? {
            0 => return Ok(all),
            count => all += count,
        }
    }
}

/// Takes at most a buffer's worth of bytes from a socket without having them copied; 0 at the end.
///
/// # Errors
/// When the socket fails.
pub fn discard(connection: &TcpStream, buffer: &mut [u8]) -> Result<usize> {
    let (_, count) = recv(connection, buffer, RecvFlags::TRUNC)?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{receive, send};
    use std::net::{Ipv4Addr, TcpListener};
    use std::{env, fs, process};

    #[test]
    fn what_was_produced_is_what_can_be_consumed() {
        let folder = env::temp_dir().join(format!("floor-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shape = Shape { connections: 2, block_bytes: 1000 };
        thread::scope(|scope| {
            scope.spawn(|| receive::serve(&listener, &folder, shape).unwrap());
            produce(address, shape, 5000).unwrap();
            scope.spawn(|| send::serve(&listener, &folder.join("1"), 2).unwrap());
            assert_eq!(consume(address, 2).unwrap(), 5000);
        });
        fs::remove_dir_all(folder).unwrap();
    }
}
