//! Bytes that no client sends, over bare sockets.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a broker may take to close a connection that it refuses.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a connection after the broker had read what we sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The broker closed it without an answer.
    Closed,
    /// The broker answered.
    Answered,
    /// The broker waits for more.
    Open,
}

/// Sends bytes over a connection of their own and sees what becomes of it.
pub fn send(bootstrap: &str, bytes: &[u8]) -> Result<Fate> {
    let mut connection = open(bootstrap, bytes)?;
    let mut answer = [0];
    match connection.read(&mut answer) {
        Ok(0) => Ok(Fate::Closed),
        Ok(_) => Ok(Fate::Answered),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(Fate::Open),
        Err(_) => Ok(Fate::Closed),
    }
}

/// Sends bytes over a connection that stays open.
pub fn open(bootstrap: &str, bytes: &[u8]) -> Result<TcpStream> {
    let mut connection = TcpStream::connect(bootstrap)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    // A broker that refuses the first bytes may close before it was sent the last ones.
    if let Err(error) = connection.write_all(bytes) {
        let refused = [std::io::ErrorKind::BrokenPipe, std::io::ErrorKind::ConnectionReset];
        if !refused.contains(&error.kind()) {
            return Err(error.into());
        }
    }
    Ok(connection)
}

/// Sends requests without reading an answer until the broker takes no more, or all are sent; says
/// how many bytes it took.
pub fn flood(bootstrap: &str, request: &[u8], count: usize) -> Result<(TcpStream, usize)> {
    let mut connection = TcpStream::connect(bootstrap)?;
    connection.set_write_timeout(Some(Duration::from_secs(1)))?;
    let mut taken = 0;
    for _ in 0..count {
        match connection.write(request) {
            Ok(written) if written == request.len() => taken += written,
            Ok(_) | Err(_) => break,
        }
    }
    Ok((connection, taken))
}

/// A frame: the size of the bytes, then the bytes.
#[must_use]
pub fn frame(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).expect("frames in tests are small");
    [&size.to_be_bytes(), bytes].concat()
}

/// A request without a client id; `flexible` ones have an empty section of tags in their header.
#[must_use]
pub fn request(key: i16, version: i16, flexible: bool, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(key.to_be_bytes());
    bytes.extend(version.to_be_bytes());
    bytes.extend(7_i32.to_be_bytes());
    bytes.extend((-1_i16).to_be_bytes());
    bytes.extend(flexible.then_some(0));
    bytes.extend(body);
    frame(&bytes)
}

/// Frames of a few bytes that ask for arrays of millions of elements.
#[must_use]
pub fn greedy_requests() -> Vec<(&'static str, Vec<u8>)> {
    let array = i32::MAX.to_be_bytes();
    let compact_array = [0xff, 0xff, 0xff, 0xff, 0x07];
    // Transactional id, acks, time-out.
    let produce = [0xff, 0xff, 0xff, 0xff, 0, 0, 0x75, 0x30];
    let flexible_produce = [0, 0xff, 0xff, 0, 0, 0x75, 0x30];
    // Replica, longest wait, least bytes, most bytes, isolation.
    let fetch = [[0xff; 4], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0xff, 0xff]].concat();
    let list_offsets = [0xff; 4];
    vec![
        ("Produce v3", request(0, 3, false, &[&produce[..], &array].concat())),
        ("Produce v9", request(0, 9, true, &[&flexible_produce[..], &compact_array].concat())),
        ("Fetch v4", request(1, 4, false, &[&fetch[..], &[0], &array].concat())),
        ("ListOffsets v1", request(2, 1, false, &[&list_offsets[..], &array].concat())),
        ("Metadata v1", request(3, 1, false, &array)),
        ("Metadata v12", request(3, 12, true, &compact_array)),
        ("CreateTopics v2", request(19, 2, false, &array)),
        ("CreateTopics v5", request(19, 5, true, &compact_array)),
        ("DeleteTopics v1", request(20, 1, false, &array)),
        ("CreatePartitions v0", request(37, 0, false, &array)),
    ]
}
