//! The first exchange on a connection: which versions the broker knows.

use std::collections::BTreeMap;

use bytes::Bytes;
use protocol::{
    ApiKey, Decoder, ErrorCode, Message, Request, ResponseHeader, Versions,
    messages::{ApiVersionsRequest, ApiVersionsResponse},
    request_frame,
};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Broken, ConnectFailure, Refusal, wire};

/// The versions a broker knows of each API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KnownVersions(BTreeMap<i16, Versions>);

impl KnownVersions {
    fn of(response: &ApiVersionsResponse) -> KnownVersions {
        let range = |min, max| Versions::between(min, max);
        let known = response.api_keys.iter();
        KnownVersions(
            known.map(|api| (api.api_key, range(api.min_version, api.max_version))).collect(),
        )
    }

    pub(crate) fn of_api(&self, key: ApiKey) -> Versions {
        self.0.get(&key.code()).copied().unwrap_or(Versions::NONE)
    }

    /// The highest version that both sides know, unless there is none.
    pub(crate) fn best<R: Request>(&self) -> Option<i16> {
        let released =
            Versions::between(<R as Message>::SCHEMA.versions.first(), R::ADVERTISED.last());
        let shared = released.intersect(self.of_api(R::KEY));
        (!shared.is_empty()).then_some(shared.last())
    }
}

/// Asks what the broker knows, in our newest version; one that does not know that version answers
/// in the oldest, and is asked again in its own newest (KIP-511).
pub(crate) async fn exchange_versions<R, W>(
    reader: &mut R,
    writer: &mut W,
    client_id: &str,
    limit: usize,
) -> Result<KnownVersions, ConnectFailure>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let newest = <ApiVersionsRequest as Message>::SCHEMA.versions.last();
    let mut response = ask(reader, writer, client_id, limit, newest).await?;
    if response.error_code == ErrorCode::UnsupportedVersion.code() {
        let known = KnownVersions::of(&response).best::<ApiVersionsRequest>();
        response = ask(reader, writer, client_id, limit, known.unwrap_or(0)).await?;
    }
    Refusal::check(response.error_code, None).map_err(ConnectFailure::Refused)?;
    Ok(KnownVersions::of(&response))
}

async fn ask<R, W>(
    reader: &mut R,
    writer: &mut W,
    client_id: &str,
    limit: usize,
    version: i16,
) -> Result<ApiVersionsResponse, ConnectFailure>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let correlation_id = i32::from(version);
    let request = ApiVersionsRequest {
        client_software_name: "klamm".into(),
        client_software_version: env!("CARGO_PKG_VERSION").into(),
    };
    let frame = request_frame(&request, version, correlation_id, client_id)
        .expect("each version carries names this short");
    wire::write(writer, &frame).await.map_err(ConnectFailure::Broken)?;
    let answer = wire::read(reader, limit).await.map_err(ConnectFailure::Broken)?;
    read_answer(answer, version, correlation_id)
}

/// Reads the response, in version 0 when its first field says that ours is not known.
fn read_answer(
    answer: Bytes,
    version: i16,
    expected: i32,
) -> Result<ApiVersionsResponse, ConnectFailure> {
    let mut decoder = Decoder::new(answer);
    let header = ResponseHeader::decode(&mut decoder, ApiKey::ApiVersions, version)?;
    let found = header.correlation_id;
    if found != expected {
        return Err(ConnectFailure::Broken(Broken::OutOfOrder { expected, found }));
    }
    let body = decoder.take(decoder.remaining())?;
    let refused = Decoder::new(body.clone()).i16()? == ErrorCode::UnsupportedVersion.code();
    let version = if refused { 0 } else { version };
    Ok(Message::decode(&mut Decoder::new(body), version)?)
}
