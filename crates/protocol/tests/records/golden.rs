//! Batches that Kafka's Java client wrote; `golden/Golden.java` says how.

use std::fs;

use bytes::Bytes;
use protocol::records::{
    BatchBuilder, BatchView, Codec, Compression, Header, TimestampType,
    control::{
        ControlRecord, EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord,
        SnapshotHeaderRecord, VotersRecord,
        leader_change::Voter,
        voters::{self, Endpoint, KRaftVersionFeature},
    },
};
use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp, Uuid};

use crate::ENOUGH;

/// Every file in the folder.
pub(crate) const NAMES: [&str; 14] = [
    "none",
    "gzip",
    "snappy",
    "lz4",
    "zstd",
    "log-append-time",
    "transactional",
    "commit",
    "abort",
    "leader-change",
    "snapshot-header",
    "snapshot-footer",
    "kraft-version",
    "voters",
];

/// The bytes of one file.
pub(crate) fn golden(name: &str) -> Bytes {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/golden");
    fs::read(format!("{folder}/{name}.batch")).unwrap().into()
}

#[test]
fn every_batch_of_kafka_is_whole_and_valid() {
    for name in NAMES {
        let bytes = golden(name);
        let batch = BatchView::parse(&bytes).unwrap();
        assert!(batch.crc_is_valid(), "{name}");
        assert_eq!(batch.size(), bytes.len(), "{name}");
    }
}

#[test]
fn records_compressed_by_kafka_are_read() {
    for codec in Codec::ALL {
        let bytes = golden(codec.name());
        let batch = BatchView::parse(&bytes).unwrap();
        assert_eq!(batch.codec(), codec);
        assert_eq!(batch.base_offset(), Offset(40));
        assert_eq!(batch.partition_leader_epoch(), LeaderEpoch(5));
        assert_eq!(batch.producer_id(), ProducerId(7));
        assert_eq!(batch.producer_epoch(), ProducerEpoch(3));
        assert_eq!(batch.base_sequence(), Sequence(i32::MAX - 1));
        assert_eq!(batch.last_sequence(), Sequence(if codec == Codec::None { 0 } else { 1 }));
        assert_eq!(batch.max_timestamp(), Timestamp(3_000_000_000_000));

        let payload = batch.payload(ENOUGH).unwrap();
        let records: Vec<_> = payload.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), if codec == Codec::None { 3 } else { 4 });
        assert_eq!((records[0].offset, records[0].timestamp), (Offset(40), Timestamp(1_000)));
        assert_eq!((records[0].key, records[0].value), (Some(&b"key"[..]), Some(&b"value"[..])));
        assert!(records[0].headers.clone().eq(headers()));
        assert_eq!(records[1].timestamp, Timestamp(999));
        assert_eq!((records[1].key, records[1].value), (None, None));
        assert_eq!(records[2].timestamp, Timestamp(3_000_000_000_000));
        assert_eq!((records[2].key, records[2].value), (Some(&b""[..]), Some(&b""[..])));
        if let Some(long) = records.get(3) {
            assert_eq!(long.timestamp, Timestamp::NONE);
            assert_eq!(long.value, Some(&[0; 70_000][..]));
        }
    }
}

#[test]
fn the_same_records_make_the_same_bytes() {
    let mut builder = BatchBuilder::new(Compression::NONE)
        .base_offset(Offset(40))
        .partition_leader_epoch(LeaderEpoch(5))
        .producer(ProducerId(7), ProducerEpoch(3), Sequence(i32::MAX - 1));
    builder.push(Timestamp(1_000), Some(b"key"), Some(b"value"), &headers());
    builder.push(Timestamp(999), None, None, &[]);
    builder.push(Timestamp(3_000_000_000_000), Some(b""), Some(b""), &[]);
    assert_eq!(builder.build(), golden("none"));

    let mut builder = BatchBuilder::new(Compression::NONE)
        .base_offset(Offset(60))
        .partition_leader_epoch(LeaderEpoch(3))
        .producer(ProducerId(9), ProducerEpoch(2), Sequence(0))
        .transactional();
    builder.push(Timestamp(10), Some(b"key"), Some(b"value"), &[]);
    assert_eq!(builder.build(), golden("transactional"));
}

#[test]
fn compressed_records_begin_as_kafkas_do() {
    // Snappy: the xerial header. LZ4: version, independent blocks of 64 KiB, no checksums, and the
    // header's checksum. Zstandard: magic, neither the content's size nor a checksum. Behind that,
    // compressors may differ.
    for (codec, length) in [(Codec::Snappy, 16), (Codec::Lz4, 7), (Codec::Zstd, 5)] {
        let kafkas = golden(codec.name());
        let kafkas = BatchView::parse(&kafkas).unwrap();
        let mut ours = Vec::new();
        let payload = kafkas.payload(ENOUGH).unwrap();
        Compression::new(codec).compress(payload.bytes(), &mut ours);
        assert_eq!(ours[..length], kafkas.stored_payload()[..length], "{codec}");
    }
}

#[test]
fn the_leaders_time_is_that_of_every_record() {
    let bytes = golden("log-append-time");
    let batch = BatchView::parse(&bytes).unwrap();
    assert_eq!(batch.timestamp_type(), TimestampType::LogAppendTime);
    let payload = batch.payload(ENOUGH).unwrap();
    assert!(payload.records().all(|record| record.unwrap().timestamp == Timestamp(4_000)));
}

#[test]
fn control_records_are_read_and_written_as_kafka_does() {
    for (name, expected) in control_records() {
        let bytes = golden(name);
        let batch = BatchView::parse(&bytes).unwrap();
        assert!(batch.is_control(), "{name}");
        let payload = batch.payload(ENOUGH).unwrap();
        let record = payload.records().next().unwrap().unwrap();
        assert_eq!(ControlRecord::decode(&record), Ok(Some(expected.clone())), "{name}");

        let mut builder = BatchBuilder::new(Compression::NONE)
            .base_offset(batch.base_offset())
            .partition_leader_epoch(batch.partition_leader_epoch())
            .producer(batch.producer_id(), batch.producer_epoch(), Sequence::NONE)
            .control();
        if batch.is_transactional() {
            builder = builder.transactional();
        }
        builder.push_control(record.timestamp, &expected);
        assert_eq!(builder.build(), bytes, "{name}");
    }
}

fn headers() -> [Header<'static>; 4] {
    [
        Header { key: b"trace", value: Some(b"one") },
        Header { key: b"trace", value: None },
        Header { key: b"", value: Some(b"") },
        Header { key: b"trace", value: Some(b"one") },
    ]
}

fn control_records() -> [(&'static str, ControlRecord); 7] {
    let voter = |voter_id| Voter { voter_id, voter_directory_id: Uuid::ZERO };
    let endpoint = Endpoint { name: "CONTROLLER".into(), host: "chat-0".into(), port: 9093 };
    let feature = KRaftVersionFeature { min_supported_version: 0, max_supported_version: 1 };
    [
        ("commit", ControlRecord::Commit(EndTxnMarker { coordinator_epoch: 11 })),
        ("abort", ControlRecord::Abort(EndTxnMarker { coordinator_epoch: 12 })),
        (
            "leader-change",
            ControlRecord::LeaderChange(LeaderChangeMessage {
                version: 0,
                leader_id: 1,
                voters: vec![voter(1), voter(2)],
                granting_voters: vec![voter(1)],
            }),
        ),
        (
            "snapshot-header",
            ControlRecord::SnapshotHeader(SnapshotHeaderRecord {
                version: 0,
                last_contained_log_timestamp: 77,
            }),
        ),
        ("snapshot-footer", ControlRecord::SnapshotFooter(SnapshotFooterRecord { version: 0 })),
        (
            "kraft-version",
            ControlRecord::KRaftVersion(KRaftVersionRecord { version: 0, kraft_version: 1 }),
        ),
        (
            "voters",
            ControlRecord::Voters(VotersRecord {
                version: 0,
                voters: vec![voters::Voter {
                    voter_id: 1,
                    voter_directory_id: Uuid::from_u128(101),
                    endpoints: vec![endpoint],
                    kraft_version_feature: feature,
                }],
            }),
        ),
    ]
}
