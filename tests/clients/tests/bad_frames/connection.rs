//! One connection: a bad frame goes out, and what comes back is seen.

use crate::bad_frame::{BadFrame, End, Fate, Pace};
use anyhow::{Context, Result};
use client_tests::{hostile, wait};
use protocol::messages::{ApiVersionsRequest, FetchRequest, MetadataRequest, ProduceRequest};
use protocol::{Decoder, ErrorCode, Message, Request, ResponseHeader, Value};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a broker may take for what it has to do.
const PATIENCE: Duration = Duration::from_secs(20);
/// For how long a connection is watched that is to stay.
const WATCH: Duration = Duration::from_millis(150);
/// Between two bytes of one that is slow.
const DRIP: Duration = Duration::from_millis(20);

/// What became of a bad frame, and the connection, which is held open.
pub(crate) struct Seen {
    pub(crate) fate: Fate,
    pub(crate) address: SocketAddr,
    pub(crate) _held: TcpStream,
}

/// Sends a frame and waits for the fate that is expected, or for another one.
pub(crate) fn send(bootstrap: &str, bad: &BadFrame, expected: &Fate) -> Result<Seen> {
    let mut connection = match bad.pace {
        Pace::AtOnce => hostile::open(bootstrap, &bad.bytes)?,
        Pace::ByteByByte => drip(bootstrap, &bad.bytes)?,
    };
    let address = connection.local_addr()?;
    let mut answers = Vec::new();
    let end = loop {
        let all_came = answers.len() >= expected.answers.len();
        let is_to_stay = expected.end == End::Open && all_came;
        connection.set_read_timeout(Some(if is_to_stay { WATCH } else { PATIENCE }))?;
        match answer(&mut connection)? {
            Came::Answer(bytes) => {
                answers.push(first_error(&bad.bytes, answers.is_empty(), &bytes)?)
            }
            Came::Nothing => break End::Open,
            Came::Close => break End::Closed(""),
        }
    };
    Ok(Seen { fate: Fate { answers, end }, address, _held: connection })
}

fn drip(bootstrap: &str, bytes: &[u8]) -> Result<TcpStream> {
    let mut connection = hostile::open(bootstrap, &[])?;
    connection.set_nodelay(true)?;
    for byte in bytes {
        connection.write_all(&[*byte])?;
        wait::pause(DRIP);
    }
    Ok(connection)
}

enum Came {
    Answer(Vec<u8>),
    Nothing,
    Close,
}

fn answer(connection: &mut TcpStream) -> Result<Came> {
    let mut size = [0; 4];
    match connection.read_exact(&mut size) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Came::Nothing),
        Err(_) => return Ok(Came::Close),
    }
    let mut bytes = vec![0; u32::from_be_bytes(size) as usize];
    connection.read_exact(&mut bytes).context("an answer was cut")?;
    Ok(Came::Answer(bytes))
}

/// The first error in an answer. Whatever the first request was, those behind it ask for the versions.
fn first_error(sent: &[u8], is_of_the_first: bool, answer: &[u8]) -> Result<ErrorCode> {
    let word = |at: usize| -> Result<i16> {
        let bytes = sent.get(at..at + 2).context("what is answered is longer than that")?;
        Ok(i16::from_be_bytes([bytes[0], bytes[1]]))
    };
    match (word(4)?, word(6)?) {
        (0, version) if is_of_the_first => error_of::<ProduceRequest>(version, answer),
        (1, version) if is_of_the_first => error_of::<FetchRequest>(version, answer),
        (3, version) if is_of_the_first => error_of::<MetadataRequest>(version, answer),
        (18, version @ 1..=4) if is_of_the_first => error_of::<ApiVersionsRequest>(version, answer),
        _ => error_of::<ApiVersionsRequest>(0, answer),
    }
}

fn error_of<R: Request>(version: i16, answer: &[u8]) -> Result<ErrorCode> {
    let mut decoder = Decoder::new(answer.to_vec().into());
    ResponseHeader::decode(&mut decoder, R::KEY, version)?;
    let response = <R::Response as Message>::decode(&mut decoder, version)?;
    let mut first = None;
    response.errors(&mut |error| {
        if error != 0 {
            first.get_or_insert(error);
        }
    });
    ErrorCode::from_code(first.unwrap_or(0)).context("an error that nobody knows")
}
