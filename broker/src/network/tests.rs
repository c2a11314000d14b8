//! Honest and hostile clients against a service that does as the first byte of a frame says.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use prometheus::Registry;
use runtime::{Disk, FileSlice, SystemDisk};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::*;
use crate::config::{Address, Config};

const PATIENCE: Duration = Duration::from_secs(10);

/// `e…` is echoed at once; `p…` and `a…` wait, pipelined or alone, until the test echoes them;
/// `n` has no answer; `x` closes; `f` is answered with the file.
#[derive(Default)]
struct Script {
    parked: Mutex<Vec<(Bytes, Replier)>>,
    called: AtomicUsize,
    file: Option<FileSlice>,
    resumed: Mutex<Vec<u64>>,
    abandoned: Mutex<Vec<u64>>,
}

impl Service for Script {
    fn call(&self, _client: &Arc<Client>, frame: Bytes, replier: Replier) -> Order {
        self.called.fetch_add(1, SeqCst);
        match frame.first() {
            Some(b'e') => replier.send(echo(&frame)),
            Some(b'p' | b'a') => {
                let is_alone = frame[0] == b'a';
                self.parked.lock().unwrap().push((frame, replier));
                return if is_alone { Order::Alone } else { Order::Pipelined };
            }
            Some(b'n') => replier.send(Reply::Nothing),
            Some(b'f') => replier.send(self.file_reply()),
            _ => replier.send(Reply::Close("an unknown command".to_owned())),
        }
        Order::Pipelined
    }

    fn resume(&self, ticket: u64) {
        self.resumed.lock().unwrap().push(ticket);
    }

    fn abandon(&self, ticket: u64) {
        self.abandoned.lock().unwrap().push(ticket);
    }
}

impl Script {
    fn file_reply(&self) -> Reply {
        let slice = self.file.clone().unwrap();
        let mut head = BytesMut::new();
        head.put_u32(u32::try_from(1 + slice.size).unwrap());
        head.put_u8(b'f');
        Reply::Response(Response { parts: vec![Part::Bytes(head.freeze()), Part::File(slice)] })
    }
}

fn echo(frame: &[u8]) -> Reply {
    let mut bytes = BytesMut::new();
    bytes.put_u32(u32::try_from(frame.len()).unwrap());
    bytes.put_slice(frame);
    Reply::Response(Response { parts: vec![Part::Bytes(bytes.freeze())] })
}

struct Server {
    address: SocketAddr,
    shared: Arc<Shared<Script>>,
    task: JoinHandle<()>,
}

async fn start(script: Script, more: &str) -> Server {
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\nlog.dirs=/tmp/none\n\
         klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAZw\ncontroller.listener.names=CONTROLLER\n\
         listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0\n{more}"
    );
    let limits = Config::parse(&text).unwrap().limits;
    let pool = Arc::new(Pool::start("test", 1).unwrap());
    let metrics = NetworkMetrics::new(&Registry::new());
    let admission = Admission::new(limits.connections_max, limits.connections_per_ip_max);
    let shared = Arc::new(Shared::new(script, limits, Arc::new(admission), pool, metrics));
    let address = Address { host: "127.0.0.1".into(), port: 0 };
    let listener = bind(&address, &shared.limits).await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(serve(listener, 0, shared.clone()));
    Server { address, shared, task }
}

impl Server {
    async fn connect(&self) -> Peer {
        Peer(TcpStream::connect(self.address).await.unwrap())
    }

    fn called(&self) -> usize {
        self.shared.service.called.load(SeqCst)
    }

    /// Echoes the request that was parked as number `index` of those that still are.
    async fn answer_parked(&self, index: usize) {
        wait_until(|| self.shared.service.parked.lock().unwrap().len() > index).await;
        let (frame, replier) = self.shared.service.parked.lock().unwrap().remove(index);
        replier.send(echo(&frame));
    }
}

struct Peer(TcpStream);

impl Peer {
    async fn send(&mut self, content: &[u8]) {
        let mut frame = BytesMut::new();
        frame.put_u32(u32::try_from(content.len()).unwrap());
        frame.put_slice(content);
        self.0.write_all(&frame).await.unwrap();
    }

    async fn receive(&mut self) -> Vec<u8> {
        timeout(PATIENCE, async {
            let mut content = vec![0; self.0.read_u32().await.unwrap() as usize];
            self.0.read_exact(&mut content).await.unwrap();
            content
        })
        .await
        .unwrap()
    }

    async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(100), self.0.read_u8()).await.is_err()
    }

    /// Waits for the other side to close.
    async fn is_closed(&mut self) -> bool {
        let read = timeout(PATIENCE, self.0.read_u8()).await.unwrap();
        let kind = read.map_err(|error| error.kind());
        matches!(kind, Err(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset))
    }
}

async fn wait_until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap();
}

/// A slice of a new file of `size` bytes that count up.
fn file_of(size: usize) -> (tempfile::TempDir, FileSlice, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let file = SystemDisk.create(&folder.path().join("log")).unwrap();
    let content: Vec<u8> = (0..=250).cycle().take(size).collect();
    file.write_all_at(&content, 0).unwrap();
    (folder, FileSlice { file, position: 0, size }, content)
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_requests() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    for content in [&b"p1"[..], b"p2", b"n3", b"e4"] {
        peer.send(content).await;
    }
    server.answer_parked(1).await;
    assert!(peer.is_silent().await, "the first request is not answered yet");
    server.answer_parked(0).await;
    assert_eq!(peer.receive().await, b"p1");
    assert_eq!(peer.receive().await, b"p2");
    assert_eq!(peer.receive().await, b"e4");
}

#[tokio::test]
async fn a_request_that_stands_alone_holds_back_the_next() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    peer.send(b"a1").await;
    peer.send(b"e2").await;
    assert!(peer.is_silent().await);
    assert_eq!(server.called(), 1);
    server.answer_parked(0).await;
    assert_eq!(peer.receive().await, b"a1");
    assert_eq!(peer.receive().await, b"e2");
}

#[tokio::test]
async fn no_more_requests_than_the_limit_are_in_flight() {
    let server = start(Script::default(), "klamm.connection.requests.max=3\n").await;
    let mut peer = server.connect().await;
    for _ in 0..10 {
        peer.send(b"p").await;
    }
    wait_until(|| server.called() == 3).await;
    assert!(peer.is_silent().await);
    assert_eq!(server.called(), 3);
    server.answer_parked(0).await;
    wait_until(|| server.called() == 4).await;
}

#[tokio::test]
async fn a_frame_that_claims_too_much_ends_its_connection_and_no_other() {
    let server = start(Script::default(), "").await;
    let mut honest = server.connect().await;
    for claim in [i32::MAX, (100 << 20) + 1, -1, i32::MIN] {
        let mut hostile = server.connect().await;
        hostile.0.write_all(&claim.to_be_bytes()).await.unwrap();
        assert!(hostile.is_closed().await);
    }
    honest.send(b"e1").await;
    assert_eq!(honest.receive().await, b"e1");
}

#[tokio::test]
async fn what_came_before_a_frame_that_is_none_is_answered() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    let frames = [&b"\0\0\0\x02p1"[..], b"\0\0\0\x02e2", &(-1_i32).to_be_bytes()].concat();
    peer.0.write_all(&frames).await.unwrap();
    assert!(peer.is_silent().await, "the first request is not answered yet");
    server.answer_parked(0).await;
    assert_eq!(peer.receive().await, b"p1");
    assert_eq!(peer.receive().await, b"e2");
    assert!(peer.is_closed().await);
}

#[tokio::test]
async fn a_frame_costs_what_has_arrived_and_not_what_it_claims() {
    let server = start(Script::default(), "").await;
    let mut half_open = Vec::new();
    for _ in 0..10 {
        let mut peer = server.connect().await;
        peer.0.write_all(&(100_i32 << 20).to_be_bytes()).await.unwrap();
        peer.0.write_all(&[b'e'; 100]).await.unwrap();
        half_open.push(peer);
    }
    wait_until(|| server.shared.budget.used() > 9 * (64 << 10)).await;
    sleep(Duration::from_millis(50)).await;
    assert!(server.shared.budget.used() <= 10 * (64 << 10));
    drop(half_open);
    wait_until(|| server.shared.budget.used() == 0).await;
}

#[tokio::test]
async fn a_large_frame_arrives_whole_however_it_is_cut() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    let content: Vec<u8> = [b'e'].into_iter().chain((0..=250).cycle().take(3_000_000)).collect();
    let mut frame = BytesMut::new();
    for _ in 0..2 {
        frame.put_u32(u32::try_from(content.len()).unwrap());
        frame.put_slice(&content);
    }
    let (mut read, mut write) = peer.0.split();
    let receive = async {
        for _ in 0..2 {
            let mut answer = vec![0; read.read_u32().await.unwrap() as usize];
            read.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, content);
        }
    };
    let send = async {
        for (index, piece) in frame.chunks(70_001).enumerate() {
            write.write_all(&piece[..1]).await.unwrap();
            if index % 10 == 0 {
                sleep(Duration::from_millis(1)).await;
            }
            write.write_all(&piece[1..]).await.unwrap();
        }
    };
    timeout(PATIENCE, async { tokio::join!(send, receive) }).await.unwrap();
    drop(peer);
    wait_until(|| server.shared.budget.used() == 0).await;
}

#[tokio::test]
async fn frames_of_every_size_around_the_limits_are_cut_right() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    for size in [1, 2, 16_379, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769, 65_535, 65_537] {
        let mut content = vec![b'e'; size];
        content[size - 1] = b'e';
        peer.send(&content).await;
        peer.send(b"e then a small one").await;
        assert_eq!(peer.receive().await.len(), size);
        assert_eq!(peer.receive().await, b"e then a small one");
    }
}

#[tokio::test]
async fn sockets_are_not_read_while_the_budget_is_used_up() {
    let limits = "socket.request.max.bytes=200000\nqueued.max.request.bytes=200000\n";
    let server = start(Script::default(), limits).await;
    let mut frame = vec![b'p'; 150_000];
    let mut first = server.connect().await;
    first.send(&frame).await;
    wait_until(|| server.called() == 1).await;
    // The second goes on by credit, the third has to wait.
    let mut second = server.connect().await;
    second.send(&frame).await;
    wait_until(|| server.called() == 2).await;
    frame[0] = b'e';
    let mut third = server.connect().await;
    third.send(&frame).await;
    assert!(third.is_silent().await);
    let mut small = server.connect().await;
    small.send(b"e1").await;
    assert_eq!(small.receive().await, b"e1");
    server.answer_parked(0).await;
    assert_eq!(first.receive().await.len(), 150_000);
    assert_eq!(third.receive().await.len(), 150_000);
}

#[tokio::test]
async fn half_a_frame_is_closed_when_it_has_been_idle_for_too_long() {
    let server = start(Script::default(), "connections.max.idle.ms=200\n").await;
    for bytes in [&b""[..], b"\0\0", b"\0\0\0\x05e", b"\0\x0f\0\0eeee"] {
        let mut peer = server.connect().await;
        peer.0.write_all(bytes).await.unwrap();
        assert!(peer.is_closed().await);
    }
    // One that waits for its answer is not idle.
    let mut waiting = server.connect().await;
    waiting.send(b"a1").await;
    sleep(Duration::from_millis(600)).await;
    server.answer_parked(0).await;
    assert_eq!(waiting.receive().await, b"a1");
}

#[tokio::test]
async fn a_refused_request_closes_its_connection_after_the_answers_before_it() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    peer.send(b"p1").await;
    peer.send(b"x").await;
    peer.send(b"e3").await;
    server.answer_parked(0).await;
    assert_eq!(peer.receive().await, b"p1");
    assert!(peer.is_closed().await);
}

#[tokio::test]
async fn waits_are_gone_on_with_by_their_connection_and_given_up_when_it_closes() {
    let server = start(Script::default(), "").await;
    let service = &server.shared.service;
    let mut peer = server.connect().await;
    peer.send(b"p1").await;
    peer.send(b"p2").await;
    wait_until(|| service.parked.lock().unwrap().len() == 2).await;
    for (index, (_, replier)) in service.parked.lock().unwrap().iter().enumerate() {
        replier.park(70 + index as u64);
    }
    service.parked.lock().unwrap()[1].1.nudge(71);
    wait_until(|| *service.resumed.lock().unwrap() == [71]).await;
    server.answer_parked(0).await;
    assert_eq!(peer.receive().await, b"p1");
    drop(peer);
    wait_until(|| *service.abandoned.lock().unwrap() == [71]).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_not_served_further() {
    let server = start(Script::default(), "").await;
    let mut peer = server.connect().await;
    let frame = vec![b'e'; 60_000];
    let flood = async {
        loop {
            peer.send(&frame).await;
        }
    };
    assert!(timeout(Duration::from_millis(500), flood).await.is_err());
    let called = server.called();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(server.called(), called);
    assert!(server.shared.budget.used() < 1 << 20);
}

#[tokio::test]
async fn file_slices_are_sent_as_they_lie() {
    let (_folder, mut slice, content) = file_of(3 << 20);
    slice.position = 1000;
    slice.size -= 1000;
    let server = start(Script { file: Some(slice), ..Script::default() }, "").await;
    let mut peer = server.connect().await;
    for _ in 0..2 {
        peer.send(b"f").await;
        peer.send(b"e2").await;
        let answer = peer.receive().await;
        assert_eq!(answer[0], b'f');
        assert!(answer[1..] == content[1000..]);
        assert_eq!(peer.receive().await, b"e2");
    }
}

#[tokio::test]
async fn a_file_that_was_cut_closes_the_connection() {
    let (_folder, slice, _) = file_of(100_000);
    slice.file.set_size(50_000).unwrap();
    let server = start(Script { file: Some(slice), ..Script::default() }, "").await;
    let mut peer = server.connect().await;
    peer.send(b"f").await;
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, peer.0.read_to_end(&mut answer)).await.unwrap();
    assert!(read.is_err() || answer.len() == 5 + 50_000, "got {}", answer.len());
    let mut other = server.connect().await;
    other.send(b"e1").await;
    assert_eq!(other.receive().await, b"e1");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let server = start(Script::default(), "max.connections=1\n").await;
    let mut first = server.connect().await;
    first.send(b"e1").await;
    assert_eq!(first.receive().await, b"e1");
    let mut second = server.connect().await;
    second.send(b"e2").await;
    assert!(second.is_silent().await);
    drop(first);
    assert_eq!(second.receive().await, b"e2");
}

#[tokio::test]
async fn connections_beyond_the_limit_of_an_address_are_closed() {
    let server = start(Script::default(), "max.connections.per.ip=1\n").await;
    let mut first = server.connect().await;
    first.send(b"e1").await;
    assert_eq!(first.receive().await, b"e1");
    assert!(server.connect().await.is_closed().await);
}

#[tokio::test]
async fn a_stop_lets_requests_in_flight_finish() {
    let server = start(Script::default(), "").await;
    let mut idle = server.connect().await;
    let mut busy = server.connect().await;
    busy.send(b"a1").await;
    wait_until(|| server.called() == 1).await;
    server.shared.stop.set();
    assert!(idle.is_closed().await);
    server.answer_parked(0).await;
    assert_eq!(busy.receive().await, b"a1");
    assert!(busy.is_closed().await);
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_its_grace() {
    let server = start(Script::default(), "klamm.shutdown.grace.ms=100\n").await;
    let mut busy = server.connect().await;
    busy.send(b"a1").await;
    wait_until(|| server.called() == 1).await;
    server.shared.stop.set();
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert!(busy.is_closed().await);
}
