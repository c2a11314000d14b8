//! A broker of its own for each test, and a client that speaks frames.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, time::Duration};

use broker::{Broker, config::Config};
use bytes::{Bytes, BytesMut};
use protocol::{
    ApiKey, Chunk, Decoder, Message, Records, Request, ResponseHeader,
    messages::{
        CreateTopicsRequest, FetchRequest, FetchResponse, ProduceRequest,
        create_topics::CreatableTopic,
        fetch::{FetchPartition, FetchTopic},
        produce::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec, Compression, batches},
    request_frame,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use types::{Timestamp, Uuid};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running broker and its folder.
pub(crate) struct Running {
    pub(crate) broker: Broker,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) async fn start() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let broker = start_in(folder.path(), "").await;
    Running { broker, folder }
}

pub(crate) async fn start_with(more: &str) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let broker = start_in(folder.path(), more).await;
    Running { broker, folder }
}

pub(crate) async fn start_in(folder: &Path, more: &str) -> Broker {
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\nlog.dirs={}\n\
         klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAZw\ncontroller.listener.names=CONTROLLER\n\
         listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:29099\n\
         klamm.initial.controllers=1@127.0.0.1:29099:AAAAAAAAAAAAAAAAAAAAaA\n\
         klamm.admin.listener=127.0.0.1:0\n{more}",
        folder.display()
    );
    let mut broker = Broker::start(Config::parse(&text).unwrap()).await.unwrap();
    timeout(PATIENCE, broker.serving()).await.unwrap().unwrap();
    broker
}

impl Running {
    pub(crate) async fn connect(&self) -> Peer {
        connect(&self.broker).await
    }
}

pub(crate) async fn connect(broker: &Broker) -> Peer {
    Peer::new(TcpStream::connect(broker.addresses()[0]).await.unwrap())
}

/// One connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    correlation: i32,
}

impl Peer {
    pub(crate) fn new(stream: TcpStream) -> Peer {
        Peer { stream, correlation: 0 }
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        self.send(request, version).await;
        self.receive::<R>(version).await
    }

    pub(crate) async fn send<R: Request>(&mut self, request: &R, version: i16) {
        self.correlation += 1;
        let frame = request_frame(request, version, self.correlation, "test").unwrap();
        self.send_bytes(&flat(frame.chunks)).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Reads the answer to the last request sent.
    pub(crate) async fn receive<R: Request>(&mut self, version: i16) -> R::Response {
        let bytes = self.receive_bytes().await.unwrap();
        let mut decoder = Decoder::new(bytes);
        let header = ResponseHeader::decode(&mut decoder, R::KEY, version).unwrap();
        assert_eq!(header.correlation_id, self.correlation);
        let response = <R::Response as Message>::decode(&mut decoder, version).unwrap();
        decoder.finish().unwrap();
        response
    }

    /// One frame without its size; none when the connection was closed.
    pub(crate) async fn receive_bytes(&mut self) -> Option<Bytes> {
        timeout(PATIENCE, async {
            let size = self.stream.read_u32().await.ok()?;
            let mut bytes = vec![0; size as usize];
            self.stream.read_exact(&mut bytes).await.ok()?;
            Some(bytes.into())
        })
        .await
        .unwrap()
    }

    pub(crate) async fn is_closed(&mut self) -> bool {
        self.receive_bytes().await.is_none()
    }

    /// Creates a topic and gives its id.
    pub(crate) async fn create(&mut self, name: &str, partitions: i32) -> Uuid {
        let topic = CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor: 1,
            ..CreatableTopic::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
        let response = self.ask(&request, 7).await;
        assert_eq!(response.topics[0].error_code, 0, "{response:?}");
        response.topics[0].topic_id
    }
}

/// A batch of records without keys.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::new(Codec::None));
    for value in values {
        builder.push(Timestamp(1000), None, Some(value.as_bytes()), &[]);
    }
    builder.build()
}

/// A produce request for one partition, which names the topic both ways.
pub(crate) fn produce(
    name: &str,
    id: Uuid,
    partition: i32,
    acks: i16,
    records: Bytes,
) -> ProduceRequest {
    let partition =
        PartitionProduceData { index: partition, records: Some(Records::Bytes(records)) };
    let topic =
        TopicProduceData { name: name.into(), topic_id: id, partition_data: vec![partition] };
    ProduceRequest { acks, timeout_ms: 5000, topic_data: vec![topic], ..Default::default() }
}

/// A fetch without a session, which names the topic both ways.
pub(crate) fn fetch(
    name: &str,
    id: Uuid,
    partition: i32,
    offset: i64,
    wait_ms: i32,
) -> FetchRequest {
    let partition = FetchPartition {
        partition,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let topic = FetchTopic { topic: name.into(), topic_id: id, partitions: vec![partition] };
    FetchRequest {
        max_wait_ms: wait_ms,
        min_bytes: 1,
        max_bytes: 1 << 20,
        topics: vec![topic],
        ..Default::default()
    }
}

/// The values of all records in an answer with one partition.
pub(crate) fn values(response: &FetchResponse) -> Vec<String> {
    let data = &response.responses[0].partitions[0];
    assert_eq!(data.error_code, 0);
    let Some(Records::Bytes(bytes)) = &data.records else { panic!("records are never null") };
    let mut values = Vec::new();
    for batch in batches(bytes) {
        let payload = batch.unwrap().payload(1 << 20).unwrap();
        for record in payload.records() {
            let record = record.unwrap();
            values.push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
        }
    }
    values
}

pub(crate) fn flat(chunks: Vec<Chunk>) -> Bytes {
    let mut bytes = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(part) => bytes.extend_from_slice(&part),
            Chunk::Slot { .. } => panic!("requests have no slots"),
        }
    }
    bytes.freeze()
}

/// The key of an API by its number, so that tests of garbage need no message.
pub(crate) fn header(key: ApiKey, version: i16) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&key.code().to_be_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(&7_i32.to_be_bytes());
    bytes.extend_from_slice(&(-1_i16).to_be_bytes());
    bytes
}
