//! Frames that no client sends are refused, memory stays bounded, and others are served meanwhile.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use client_tests::client::{Acks, Client, Codec, librdkafka::Librdkafka};
use client_tests::hostile::{self, Fate};
use client_tests::process;
use client_tests::record::Record;
use client_tests::server::Server;
use client_tests::wait;
use std::net::TcpStream;

/// By how much hostile connections may make the broker grow, all of them together.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// Connections for each kind of attack.
const CONNECTIONS: usize = 200;

#[test]
#[ignore = "needs a built broker"]
fn frame_that_claims_two_gigabytes_is_refused() {
    let attacked = Attacked::start();
    let claim = [&i32::MAX.to_be_bytes()[..], &[0; 1024]].concat();
    for _ in 0..CONNECTIONS {
        assert_eq!(hostile::send(attacked.bootstrap(), &claim).unwrap(), Fate::Closed);
    }
    let negative = (-1_i32).to_be_bytes();
    assert_eq!(hostile::send(attacked.bootstrap(), &negative).unwrap(), Fate::Closed);
    attacked.is_unharmed();
}

#[test]
#[ignore = "needs a built broker"]
fn small_frame_that_asks_for_millions_of_elements_is_refused() {
    let attacked = Attacked::start();
    for (name, request) in hostile::greedy_requests() {
        for _ in 0..CONNECTIONS / 10 {
            let fate = hostile::send(attacked.bootstrap(), &request).unwrap();
            assert_eq!(fate, Fate::Closed, "{name}");
        }
    }
    attacked.is_unharmed();
}

#[test]
#[ignore = "needs a built broker"]
fn garbage_is_refused() {
    let attacked = Attacked::start();
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    for connection in 0..CONNECTIONS {
        let bytes = noise.bytes(64 + connection * 10);
        let fate = hostile::send(attacked.bootstrap(), &hostile::frame(&bytes)).unwrap();
        assert_eq!(fate, Fate::Closed, "a frame of noise");
    }
    for known_key in [0, 1, 2, 3, 19, 20, 22, 37] {
        // Read as a length, each of these bytes promises more than there is.
        let request = hostile::request(known_key, 5, known_key > 18, &[0x7f; 500]);
        let fate = hostile::send(attacked.bootstrap(), &request).unwrap();
        assert_eq!(fate, Fate::Closed, "a known request, key {known_key}");
    }
    attacked.is_unharmed();
}

#[test]
#[ignore = "needs a built broker"]
fn half_frames_held_open_cost_what_was_sent_of_them() {
    let attacked = Attacked::start();
    let half = [&90_000_000_i32.to_be_bytes()[..], &[0; 10_000]].concat();
    let held: Vec<TcpStream> =
        (0..CONNECTIONS).map(|_| hostile::open(attacked.bootstrap(), &half).unwrap()).collect();
    attacked.is_unharmed();
    drop(held);
    attacked.is_unharmed();
}

#[test]
#[ignore = "needs a built broker"]
fn answers_that_nobody_reads_are_not_heaped_up() {
    let attacked = Attacked::start();
    let api_versions = hostile::request(18, 0, false, &[]);
    let floods: Vec<_> = (0..20)
        .map(|_| hostile::flood(attacked.bootstrap(), &api_versions, 200_000).unwrap())
        .collect();
    attacked.is_unharmed();
    drop(floods);
}

/// A broker that is attacked while a well-behaved client uses it.
struct Attacked {
    server: Server,
    resident_bytes_before: u64,
}

impl Attacked {
    fn start() -> Attacked {
        let server = Server::start().unwrap();
        let mut client = Librdkafka::start(server.bootstrap()).unwrap();
        assert_eq!(client.create("served", 1).unwrap(), "NONE");
        let attacked = Attacked { server, resident_bytes_before: 0 };
        attacked.serve();
        let broker = attacked.server.broker().unwrap();
        let resident_bytes_before = process::resident_bytes(broker).unwrap();
        Attacked { resident_bytes_before, ..attacked }
    }

    fn bootstrap(&self) -> &str {
        self.server.bootstrap()
    }

    /// Others are served, and the broker never held much more than before.
    fn is_unharmed(&self) {
        self.serve();
        let broker = self.server.broker().unwrap();
        let most = process::resident_bytes_max(broker).unwrap();
        let growth = most.saturating_sub(self.resident_bytes_before);
        eprintln!("grew by at most {} KiB", growth / 1024);
        assert!(growth <= GROWTH_BYTES_MAX, "the broker grew by {growth} bytes");
    }

    /// A client produces a record and reads all there is.
    fn serve(&self) {
        let mut client = Librdkafka::start(self.bootstrap()).unwrap();
        let record = Record {
            partition: 0,
            timestamp: wait::wall_clock(),
            key: None,
            value: Some(b"value".to_vec()),
            headers: Vec::new(),
        };
        let places = client
            .produce("served", Codec::None, Acks::All, std::slice::from_ref(&record))
            .unwrap();
        let found = client.consume("served").unwrap();
        let last = found.last().unwrap();
        assert_eq!((last.offset, &last.record), (places[0].offset, &record));
    }
}

/// Random bytes, the same at every run.
struct Noise(u64);

impl Noise {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.to_le_bytes()[3]
        };
        (0..count).map(|_| next()).collect()
    }
}
