//! The smallest clients: one request over a bare socket, to see when a broker serves.
//!
//! A client library waits and tries again in its own rhythm, which would be measured too.

use crate::hostile;
use anyhow::{Result, bail};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PRODUCE: i16 = 0;
const VERSION: i16 = 3;
const API_VERSIONS: i16 = 18;
const PATIENCE: Duration = Duration::from_secs(5);

/// Has one record acknowledged by all replicas of the topic's partition 0.
pub fn produce(bootstrap: &str, topic: &str) -> Result<()> {
    let request = hostile::request(PRODUCE, VERSION, false, &request(topic)?);
    // Correlation id, number of topics, name, number of partitions, partition, error, …
    let at = 4 + 4 + 2 + topic.len() + 4 + 4;
    match ask(bootstrap, &request)?.get(at..at + 2) {
        Some([0, 0]) => Ok(()),
        other => bail!("the record was answered with error {other:?}"),
    }
}

/// Has the broker say which versions it speaks, which is what every client asks first.
pub fn api_versions(bootstrap: &str) -> Result<()> {
    let request = hostile::request(API_VERSIONS, 0, false, &[]);
    // Correlation id, error, …
    match ask(bootstrap, &request)?.get(4..6) {
        Some([0, 0]) => Ok(()),
        other => bail!("ApiVersions was answered with error {other:?}"),
    }
}

/// The beginning of the answer to a request.
fn ask(bootstrap: &str, request: &[u8]) -> Result<Vec<u8>> {
    let mut connection = TcpStream::connect(bootstrap)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.write_all(request)?;
    let mut size = [0; 4];
    connection.read_exact(&mut size)?;
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(size))?.min(1024)];
    connection.read_exact(&mut answer)?;
    Ok(answer)
}

fn request(topic: &str) -> Result<Vec<u8>> {
    let batch = batch();
    let mut body = Vec::new();
    body.extend((-1_i16).to_be_bytes()); // No transaction.
    body.extend((-1_i16).to_be_bytes()); // Acknowledged by all.
    body.extend(5000_i32.to_be_bytes());
    body.extend(1_i32.to_be_bytes());
    body.extend(i16::try_from(topic.len())?.to_be_bytes());
    body.extend(topic.as_bytes());
    body.extend(1_i32.to_be_bytes());
    body.extend(0_i32.to_be_bytes());
    body.extend(i32::try_from(batch.len())?.to_be_bytes());
    body.extend(batch);
    Ok(body)
}

/// A batch of one record without key and value.
fn batch() -> Vec<u8> {
    let now = crate::wait::wall_clock().to_be_bytes();
    let mut checked = Vec::new();
    checked.extend([0; 2]); // Attributes.
    checked.extend([0; 4]); // The last offset, from the first.
    checked.extend(now);
    checked.extend(now);
    checked.extend([0xff; 14]); // No producer id, epoch, sequence.
    checked.extend(1_i32.to_be_bytes());
    // Size, attributes, timestamp and offset from the batch's, no key, no value, no headers.
    checked.extend([0x0c, 0, 0, 0, 1, 1, 0]);
    let mut batch = vec![0; 8];
    batch.extend((4 + 1 + 4 + u32::try_from(checked.len()).unwrap_or_default()).to_be_bytes());
    batch.extend((-1_i32).to_be_bytes());
    batch.push(2);
    batch.extend(crc32c::crc32c(&checked).to_be_bytes());
    batch.extend(checked);
    batch
}
