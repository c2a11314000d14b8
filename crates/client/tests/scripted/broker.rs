//! A broker on loopback that answers as a script says.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use client::Address;
use protocol::{
    ApiKey, Chunk, Decoder, Request, RequestHeader,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, MetadataResponse,
        api_versions::ApiVersion,
        metadata::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
    },
    response_frame,
};
use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use types::Uuid;

/// A request that arrived.
pub(crate) struct Received {
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    body: Bytes,
    address: Address,
}

impl Received {
    pub(crate) fn body<R: Request>(&self) -> R {
        R::from_bytes(self.body.clone(), self.version).expect("the client writes what it knows")
    }
}

/// What the script does with a request.
pub(crate) enum Answer {
    Bytes(Vec<u8>),
    ThenClose(Box<Answer>),
    Nothing,
}

type Script = dyn Fn(&Received) -> Answer + Send + Sync;

/// Listens until it is dropped.
pub(crate) struct ScriptedBroker {
    pub(crate) address: Address,
    seen: Arc<Seen>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<ApiKey>>,
}

impl ScriptedBroker {
    pub(crate) async fn start(
        script: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> ScriptedBroker {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let address = Address { host: "127.0.0.1".into(), port };
        let seen = Arc::<Seen>::default();
        let listening = listen(listener, address.clone(), Arc::new(script), seen.clone());
        ScriptedBroker { address, seen, listening: tokio::spawn(listening) }
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests_of(&self, key: ApiKey) -> usize {
        let requests = self.seen.requests.lock().expect("no script panics");
        requests.iter().filter(|it| **it == key).count()
    }
}

impl Drop for ScriptedBroker {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, address: Address, script: Arc<Script>, seen: Arc<Seen>) {
    while let Ok((stream, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(serve(stream, address.clone(), script.clone(), seen.clone()));
    }
}

async fn serve(
    mut stream: TcpStream,
    address: Address,
    script: Arc<Script>,
    seen: Arc<Seen>,
) -> io::Result<()> {
    loop {
        let received = receive(&mut stream, &address).await?;
        seen.requests.lock().expect("no script panics").push(received.key);
        match script(&received) {
            Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
            Answer::ThenClose(answer) => {
                let Answer::Bytes(bytes) = *answer else { panic!("only bytes are sent") };
                return stream.write_all(&bytes).await;
            }
            Answer::Nothing => {}
        }
    }
}

async fn receive(stream: &mut TcpStream, address: &Address) -> io::Result<Received> {
    let size = stream.read_i32().await?;
    let mut frame = vec![0; usize::try_from(size).expect("the client knows its sizes")];
    stream.read_exact(&mut frame).await?;
    let mut decoder = Decoder::new(frame.into());
    let header = RequestHeader::decode(&mut decoder).expect("the client writes headers");
    let rest = decoder.remaining();
    Ok(Received {
        key: ApiKey::from_code(header.api_key).expect("the client knows the key"),
        version: header.api_version,
        correlation_id: header.correlation_id,
        body: decoder.take(rest).expect("it remains"),
        address: address.clone(),
    })
}

/// The bytes of a response.
pub(crate) fn answer<R: Request>(
    response: &R::Response,
    version: i16,
    request: &Received,
) -> Answer {
    let frame = response_frame::<R>(response, version, request.correlation_id);
    let mut bytes = Vec::new();
    for chunk in frame.expect("scripts say what can be written").chunks {
        let Chunk::Bytes(chunk) = chunk else { panic!("no slot was written") };
        bytes.extend(chunk);
    }
    Answer::Bytes(bytes)
}

/// Knows all versions of all APIs, and one topic of one partition.
pub(crate) fn usual(request: &Received) -> Answer {
    match request.key {
        ApiKey::ApiVersions => {
            let all = |api_key| ApiVersion { api_key, min_version: 0, max_version: i16::MAX };
            let api_keys = (0..=94).map(all).collect();
            let response = ApiVersionsResponse { api_keys, ..Default::default() };
            answer::<ApiVersionsRequest>(&response, request.version, request)
        }
        ApiKey::Metadata => metadata(request),
        other => panic!("the script says nothing about {other}"),
    }
}

pub(crate) fn metadata(request: &Received) -> Answer {
    let Address { host, port } = &request.address;
    let broker = MetadataResponseBroker {
        node_id: 1,
        host: host.as_str().into(),
        port: i32::from(*port),
        rack: None,
    };
    let partition = MetadataResponsePartition { leader_id: 1, ..Default::default() };
    let topic = MetadataResponseTopic {
        name: Some("messages".into()),
        topic_id: Uuid::from_u128(5),
        partitions: vec![partition],
        ..Default::default()
    };
    let response =
        MetadataResponse { brokers: vec![broker], topics: vec![topic], ..Default::default() };
    answer::<MetadataRequest>(&response, request.version, request)
}
