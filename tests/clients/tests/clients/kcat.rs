//! kcat, which people type at a prompt.

use crate::checks;
use client_tests::client::librdkafka::Librdkafka;
use client_tests::client::{Acks, Client, Codec, kcat};
use client_tests::matrix::Cell;
use client_tests::record::{Header, Record};
use client_tests::server::Server;
use client_tests::workload::PARTITIONS;
use std::time::Duration;

const NAME: &str = "kcat";

#[test]
#[ignore = "needs kcat"]
fn kcat_reads_what_others_wrote() {
    let _cell = Cell::open(NAME, "every codec, read");
    let server = Server::start().unwrap();
    let mut writer = Librdkafka::start(server.bootstrap()).unwrap();
    for codec in Codec::ALL {
        let topic = format!("read-{}", codec.name());
        let expected = checks::fill(&mut writer, &topic, codec, Acks::All);
        for partition in 0..PARTITIONS {
            let own = expected.iter().filter(|one| one.record.partition == partition);
            let wanted: Vec<u8> =
                own.flat_map(|one| kcat::printed(one.offset, &one.record)).collect();
            let found = kcat::consume(server.bootstrap(), &topic, partition).unwrap();
            assert!(found == wanted, "kcat printed other bytes for {topic} {partition}");
        }
    }
}

#[test]
#[ignore = "needs kcat"]
fn others_read_what_kcat_wrote() {
    let _cell = Cell::open(NAME, "every codec, written");
    let server = Server::start().unwrap();
    let mut reader = Librdkafka::start(server.bootstrap()).unwrap();
    for codec in Codec::ALL {
        let topic = format!("written-{}", codec.name());
        checks::create(&mut reader, &topic, 1);
        let records = expressible();
        for record in &records {
            kcat::produce_one(server.bootstrap(), &topic, codec, record).unwrap();
        }
        let lines: Vec<_> = (0..500).map(|i| (format!("k{i}"), format!("line {i}"))).collect();
        kcat::produce_lines(server.bootstrap(), &topic, codec, 0, &lines).unwrap();

        let found = reader.consume(&topic).unwrap();
        assert_eq!(found.len(), records.len() + lines.len(), "{topic}");
        for (found, sent) in found.iter().zip(&records) {
            let sent = Record { timestamp: found.record.timestamp, ..sent.clone() };
            assert_eq!(found.record, sent, "{topic}");
        }
        for (found, (key, value)) in found[records.len()..].iter().zip(&lines) {
            assert_eq!(found.record.key.as_deref(), Some(key.as_bytes()), "{topic}");
            assert_eq!(found.record.value.as_deref(), Some(value.as_bytes()), "{topic}");
        }
    }
}

/// A client that is told to ask again later never ends.
#[test]
#[ignore = "needs kcat"]
fn kcat_is_told_at_once_that_there_are_no_transactions() {
    let server = Server::klamm().unwrap();
    checks::create(&mut Librdkafka::start(server.bootstrap()).unwrap(), "chat", 1);
    let transaction = ["-P", "-t", "chat", "-X", "transactional.id=mine"];
    let (said, took) = kcat::refused(server.bootstrap(), &transaction).unwrap();
    assert!(said.contains("this broker has no transactions yet"), "{said}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// It takes a broker without coordinators for one that is too old to know lz4.
#[test]
#[ignore = "needs kcat"]
fn librdkafka_takes_the_broker_for_one_that_knows_lz4() {
    let server = Server::klamm().unwrap();
    let features = kcat::features(server.bootstrap()).unwrap();
    for feature in ["LZ4", "ZSTD", "IdempotentProducer"] {
        assert!(features.contains(&format!("Enabling feature {feature}")), "{features}");
    }
}

/// Records of every shape that kcat's flags can express.
fn expressible() -> Vec<Record> {
    let header = |name: &str, value: Option<&str>| -> Header {
        (name.to_owned(), value.map(|value| value.as_bytes().to_vec()))
    };
    let twice = vec![header("twice", Some("1")), header("null", None), header("twice", Some("2"))];
    let record = |key: Option<&str>, value: Option<&[u8]>, headers: &[Header]| Record {
        partition: 0,
        timestamp: 0,
        key: key.map(|key| key.as_bytes().to_vec()),
        value: value.map(<[u8]>::to_vec),
        headers: headers.to_vec(),
    };
    vec![
        record(None, Some(b"value"), &[]),
        record(Some("key"), None, &[]),
        record(None, None, &[header("alone", Some("1"))]),
        record(Some("key"), Some(&[0, 0xff, b'\n', 0]), &twice),
    ]
}
