//! A client that fetches and throws away, so that it is not the limit itself.
//!
//! Of each batch it looks at the head, to know where to go on; the rest is never copied out of the
//! kernel. It asks as clients do by default: for 1 MiB of each partition at most.

use crate::{hostile, wait};
use anyhow::{Result, anyhow, ensure};
use floor::bulk::discard;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// The connections, which share the partitions.
pub const CONNECTIONS: u8 = 2;

const FETCH: i16 = 1;
const VERSION: i16 = 4;
const PATIENCE: Duration = Duration::from_secs(60);
/// The head of a batch, up to the offset of its last record from that of its first.
const HEAD_BYTES: usize = 27;

/// Reads all partitions of a topic up to an offset, several times; says how long that took.
pub fn run(
    bootstrap: &str,
    topic: &str,
    partitions: i32,
    end: i64,
    times: u32,
) -> Result<Duration> {
    let start = wait::now();
    thread::scope(|scope| {
        let fetch = |connection: u8| {
            let is_own = |it: &i32| it % i32::from(CONNECTIONS) == i32::from(connection);
            let own: Vec<i32> = (0..partitions).filter(is_own).collect();
            scope.spawn(move || Fetcher::connect(bootstrap, topic)?.read(&own, end, times))
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(fetch).collect();
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a fetcher's thread panicked"))??;
        }
        anyhow::Ok(())
    })?;
    Ok(start.elapsed())
}

struct Fetcher {
    connection: TcpStream,
    topic: String,
    scratch: Vec<u8>,
}

/// Where to go on in the partitions that are not read to their end.
type Places = BTreeMap<i32, i64>;

impl Fetcher {
    fn connect(bootstrap: &str, topic: &str) -> Result<Fetcher> {
        let connection = TcpStream::connect(bootstrap)?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        Ok(Fetcher { connection, topic: topic.to_owned(), scratch: vec![0; 1 << 20] })
    }

    fn read(&mut self, partitions: &[i32], end: i64, times: u32) -> Result<()> {
        for _ in 0..times {
            let mut places: Places = partitions.iter().map(|partition| (*partition, 0)).collect();
            while !places.is_empty() {
                self.connection.write_all(&request(&self.topic, &places)?)?;
                self.read_answer(&mut places)?;
                places.retain(|_, offset| *offset < end);
            }
        }
        Ok(())
    }

    fn read_answer(&mut self, places: &mut Places) -> Result<()> {
        // Size, correlation id, throttle time, number of topics, name.
        self.discard(4 + 4 + 4 + 4)?;
        let name_bytes = i16::from_be_bytes(self.take()?);
        self.discard(usize::try_from(name_bytes)?)?;
        for _ in 0..i32::from_be_bytes(self.take()?) {
            self.read_partition(places)?;
        }
        Ok(())
    }

    fn read_partition(&mut self, places: &mut Places) -> Result<()> {
        let partition = i32::from_be_bytes(self.take()?);
        let error = i16::from_be_bytes(self.take()?);
        ensure!(error == 0, "a fetch was answered with error {error}");
        // High watermark and last stable offset.
        self.discard(8 + 8)?;
        let aborted = i32::from_be_bytes(self.take()?).max(0);
        self.discard(usize::try_from(aborted)? * 16)?;
        let mut left = usize::try_from(i32::from_be_bytes(self.take()?).max(0))?;
        while left >= HEAD_BYTES {
            let head: [u8; HEAD_BYTES] = self.take()?;
            let batch = Batch::read(&head)?;
            if batch.bytes <= left {
                places.insert(partition, batch.next_offset);
            }
            // The last one may be cut off.
            let rest = batch.bytes.min(left) - HEAD_BYTES;
            self.discard(rest)?;
            left -= HEAD_BYTES + rest;
        }
        self.discard(left)
    }

    fn take<const SIZE: usize>(&mut self) -> Result<[u8; SIZE]> {
        let mut bytes = [0; SIZE];
        self.connection.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn discard(&mut self, mut bytes: usize) -> Result<()> {
        while bytes > 0 {
            let size = bytes.min(self.scratch.len());
            let count = discard(&self.connection, &mut self.scratch[..size])?;
            ensure!(count > 0, "the broker closed the connection");
            bytes -= count;
        }
        Ok(())
    }
}

/// What the head of a batch tells.
#[derive(Debug, PartialEq, Eq)]
struct Batch {
    bytes: usize,
    next_offset: i64,
}

impl Batch {
    fn read(head: &[u8; HEAD_BYTES]) -> Result<Batch> {
        let [base, length, last] = [&head[..8], &head[8..12], &head[23..]].map(number);
        let bytes = 12 + usize::try_from(length)?;
        ensure!(bytes >= HEAD_BYTES, "a batch of {bytes} bytes has no head");
        Ok(Batch { bytes, next_offset: base + last + 1 })
    }
}

/// A number of at most eight bytes that is not negative.
fn number(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

fn request(topic: &str, places: &Places) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    body.extend((-1_i32).to_be_bytes()); // No replica.
    body.extend(500_i32.to_be_bytes()); // Milliseconds to wait at most,
    body.extend(1_i32.to_be_bytes()); // for a byte at least.
    body.extend((50_i32 << 20).to_be_bytes());
    body.push(0); // Uncommitted records too.
    body.extend(1_i32.to_be_bytes());
    body.extend(i16::try_from(topic.len())?.to_be_bytes());
    body.extend(topic.as_bytes());
    body.extend(i32::try_from(places.len())?.to_be_bytes());
    for (partition, offset) in places {
        body.extend(partition.to_be_bytes());
        body.extend(offset.to_be_bytes());
        body.extend((1_i32 << 20).to_be_bytes());
    }
    Ok(hostile::request(FETCH, VERSION, false, &body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_batch_tells_where_the_next_one_begins() {
        let mut head = [0; HEAD_BYTES];
        head[..8].copy_from_slice(&1000_i64.to_be_bytes());
        head[8..12].copy_from_slice(&88_i32.to_be_bytes());
        head[23..].copy_from_slice(&9_i32.to_be_bytes());
        assert_eq!(Batch::read(&head).unwrap(), Batch { bytes: 100, next_offset: 1010 });
    }

    #[test]
    fn a_batch_without_a_head_is_refused() {
        assert!(Batch::read(&[0; HEAD_BYTES]).is_err());
    }
}
