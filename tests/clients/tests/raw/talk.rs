//! One connection to a broker, and what was answered on it.

use crate::case::Case;
use crate::dump::{self, Field};
use crate::fixture::Fixture;
use crate::normal;
use anyhow::{Context, Result, bail};
use client_tests::hostile;
use protocol::{ApiKey, Decoder, Message, Request, RequestHeader, ResponseHeader};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a broker may take for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// An answer, flat and normalised.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) api: ApiKey,
    pub(crate) case: &'static str,
    pub(crate) version: i16,
    /// Which of the case's requests.
    pub(crate) step: usize,
    pub(crate) fields: Vec<Field>,
}

/// A conversation about one case in one version.
pub(crate) struct Talk {
    /// What all cases may read.
    pub(crate) fixture: Fixture,
    /// The version that the case is played in.
    pub(crate) version: i16,
    pub(crate) answers: Vec<Answer>,
    bootstrap: String,
    api: ApiKey,
    case: &'static str,
    index: usize,
    connection: Option<TcpStream>,
    correlation: i32,
}

/// A request that was sent and is not answered yet.
pub(crate) struct Begun {
    connection: TcpStream,
    version: i16,
}

impl Talk {
    pub(crate) fn new(
        bootstrap: &str,
        case: &Case,
        index: usize,
        version: i16,
        fixture: Fixture,
    ) -> Talk {
        Talk {
            fixture,
            version,
            answers: Vec::new(),
            bootstrap: bootstrap.to_owned(),
            api: case.key,
            case: case.name,
            index,
            connection: None,
            correlation: 0,
        }
    }

    /// A name that no other case and no other version uses.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("raw-{}-{}-{what}", self.index, self.version)
    }

    /// Asks in the case's version, and keeps the answer for the comparison. Nothing is asked, and
    /// nothing answered, when the version cannot carry the request.
    pub(crate) fn ask<R: Request>(&mut self, request: &R) -> Result<Option<R::Response>> {
        if request.to_bytes(self.version).is_err() {
            return Ok(None);
        }
        let version = self.version;
        let answer = self.exchange(request, version)?;
        self.keep::<R>(version, answer)
    }

    /// The same for a request of another API, in the case's version or the nearest that the API has.
    pub(crate) fn ask_near<R: Request>(&mut self, request: &R) -> Result<Option<R::Response>> {
        let version = self.near::<R>();
        if request.to_bytes(version).is_err() {
            return Ok(None);
        }
        let answer = self.exchange(request, version)?;
        self.keep::<R>(version, answer)
    }

    /// Sends a request over a connection of its own, whose answer is a while in coming.
    pub(crate) fn begin<R: Request>(&mut self, request: &R) -> Result<Begun> {
        self.begin_in(request, self.version)
    }

    /// The same, in the case's version or the nearest that the API has.
    pub(crate) fn begin_near<R: Request>(&mut self, request: &R) -> Result<Begun> {
        let version = self.near::<R>();
        self.begin_in(request, version)
    }

    /// Waits for the answer to what was begun, and keeps it.
    pub(crate) fn end<R: Request>(&mut self, mut begun: Begun) -> Result<R::Response> {
        let answer = frame_from(&mut begun.connection).context("no answer in time")?;
        self.keep::<R>(begun.version, Some(answer))?.context("it was answered")
    }

    /// Asks something of another API in its newest version, and keeps the answer.
    pub(crate) fn ask_newest<R: Request>(&mut self, request: &R) -> Result<R::Response> {
        let version = R::ADVERTISED.last();
        let answer = self.exchange(request, version)?;
        self.keep::<R>(version, answer)?.context("the broker closed the connection")
    }

    /// Asks in the newest version what has to be so for the case; nothing is compared.
    pub(crate) fn prepare<R: Request>(&mut self, request: &R) -> Result<R::Response> {
        let version = R::ADVERTISED.last();
        let answer = self.exchange(request, version)?.context("the connection was closed")?;
        read::<R>(version, &answer)
    }

    /// Sends what is not answered.
    pub(crate) fn tell<R: Request>(&mut self, request: &R) -> Result<()> {
        let bytes = frame(request, self.version, 0)?;
        self.connection()?.write_all(&bytes)?;
        Ok(())
    }

    /// Sends a body of any bytes in any version, and keeps whether it was answered.
    pub(crate) fn ask_bytes(&mut self, key: i16, version: i16, body: &[u8]) -> Result<()> {
        let flexible =
            ApiKey::from_code(key).is_some_and(|key| key.flexible_versions().contains(version));
        let bytes = hostile::request(key, version, flexible, body);
        let answer = self.exchange_bytes(&bytes)?;
        let answer = answer.map_or_else(|| "closed".to_owned(), |bytes| dump::hexadecimal(&bytes));
        self.push(vec![("answer".to_owned(), answer)]);
        Ok(())
    }

    /// Keeps that the case could not be played to its end.
    pub(crate) fn fail(&mut self, error: &anyhow::Error) {
        eprintln!("{:?} v{}, {}: {error:#}", self.api, self.version, self.case);
        self.push(vec![("answer".to_owned(), "none in time".to_owned())]);
    }

    fn near<R: Request>(&self) -> i16 {
        self.version.clamp(R::ADVERTISED.first(), R::ADVERTISED.last())
    }

    fn begin_in<R: Request>(&self, request: &R, version: i16) -> Result<Begun> {
        let mut connection = open(&self.bootstrap)?;
        connection.write_all(&frame(request, version, 0)?)?;
        Ok(Begun { connection, version })
    }

    fn keep<R: Request>(
        &mut self,
        version: i16,
        answer: Option<Vec<u8>>,
    ) -> Result<Option<R::Response>> {
        let Some(answer) = answer else {
            self.push(vec![("connection".to_owned(), "closed".to_owned())]);
            return Ok(None);
        };
        let mut decoder = Decoder::new(answer.clone().into());
        ResponseHeader::decode(&mut decoder, R::KEY, version)?;
        let fields = dump::fields(&<R::Response as Message>::SCHEMA, version, &mut decoder)
            .with_context(|| format!("{:?} v{version}", R::KEY))?;
        self.push(fields);
        read::<R>(version, &answer).map(Some)
    }

    fn push(&mut self, fields: Vec<Field>) {
        let fields = fields.into_iter().map(normal::field).collect();
        let (api, case, version) = (self.api, self.case, self.version);
        self.answers.push(Answer { api, case, version, step: self.answers.len() + 1, fields });
    }

    fn exchange<R: Request>(&mut self, request: &R, version: i16) -> Result<Option<Vec<u8>>> {
        self.correlation += 1;
        let bytes = frame(request, version, self.correlation)?;
        let answer = self.exchange_bytes(&bytes)?;
        if let Some(answer) = &answer
            && !answer.starts_with(&self.correlation.to_be_bytes())
        {
            bail!("the answer is to another request");
        }
        Ok(answer)
    }

    /// The answer without its length; none when the broker closed the connection instead.
    fn exchange_bytes(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
        let connection = self.connection()?;
        let answer = connection.write_all(bytes).and_then(|()| frame_from(connection));
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_closed(error.kind()) => {
                self.connection = None;
                Ok(None)
            }
            Err(error) => Err(error).context("no answer in time"),
        }
    }

    fn connection(&mut self) -> Result<&mut TcpStream> {
        if self.connection.is_none() {
            self.connection = Some(open(&self.bootstrap)?);
        }
        self.connection.as_mut().context("it was just opened")
    }
}

fn open(bootstrap: &str) -> Result<TcpStream> {
    let connection = TcpStream::connect(bootstrap)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

fn frame_from(connection: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    connection.read_exact(&mut length)?;
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    connection.read_exact(&mut answer)?;
    Ok(answer)
}

fn frame<R: Request>(request: &R, version: i16, correlation_id: i32) -> Result<Vec<u8>> {
    let mut encoder = protocol::Encoder::new();
    let (api_key, client_id) = (R::KEY.code(), Some("raw".into()));
    let header = RequestHeader { api_key, api_version: version, correlation_id, client_id };
    header.encode(&mut encoder)?;
    Message::encode(request, &mut encoder, version)?;
    Ok(hostile::frame(&encoder.into_bytes()?))
}

fn read<R: Request>(version: i16, answer: &[u8]) -> Result<R::Response> {
    let mut decoder = Decoder::new(answer.to_vec().into());
    ResponseHeader::decode(&mut decoder, R::KEY, version)?;
    Ok(<R::Response as Message>::decode(&mut decoder, version)?)
}
