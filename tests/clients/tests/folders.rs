//! Folders of partitions, exchanged between Apache Kafka and Klamm: what one wrote, the other reads.
//!
//! A partition's files are put in the place of an empty one of the same name on the other side, which
//! keeps its own `partition.metadata`, so that the topic's id is the one that side knows.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use client_tests::folders::{self, Place};
use client_tests::server::{Folder, Server};
use std::sync::Arc;

use protocol::records::{BatchView, batches};
use runtime::SystemDisk;
use storage::{Log, LogConfig, OpenFiles, Opening, ReadLimits};
use types::Offset;

const DECOMPRESSED_SIZE_MAX: usize = 1 << 26;

#[test]
#[ignore = "needs Java and Maven, starts Apache Kafka and Klamm"]
fn klamm_reads_what_kafka_wrote() {
    let kafka = Folder::temporary().unwrap();
    let server = Server::kafka_in(kafka.clone()).unwrap();
    folders::run(&server, &["mixed", "mixed", "transactions"]).unwrap();
    folders::run(&server, &["compacted", "compacted"]).unwrap();
    let written = everything(&server);
    server.stop().unwrap();

    let source = Place::of_kafka(&kafka);
    for topic in ["mixed", "compacted"] {
        let expected = offsets(&written, topic);
        for clean in [true, false] {
            assert_eq!(offsets_in_log(&source, topic, clean), expected, "{topic}");
        }
    }

    let klamm = Folder::temporary().unwrap();
    let server = Server::klamm_in(klamm.clone()).unwrap();
    create_both(&server);
    server.stop().unwrap();
    transplant(&source, &Place::of_klamm(&klamm));
    let server = Server::klamm_in(klamm).unwrap();
    assert_same(&everything(&server), &written);
    server.stop().unwrap();
}

#[test]
#[ignore = "needs Java and Maven, starts Apache Kafka and Klamm"]
fn kafka_reads_what_klamm_wrote() {
    let klamm = Folder::temporary().unwrap();
    let server = Server::klamm_in(klamm.clone()).unwrap();
    folders::run(&server, &["mixed", "mixed", "none"]).unwrap();
    folders::run(&server, &["compacted", "compacted"]).unwrap();
    let written = everything(&server);
    server.stop().unwrap();

    for crashed in [false, true] {
        let kafka = Folder::temporary().unwrap();
        let server = Server::kafka_in(kafka.clone()).unwrap();
        create_both(&server);
        server.stop().unwrap();
        let target = Place::of_kafka(&kafka);
        transplant(&Place::of_klamm(&klamm), &target);
        if crashed {
            target.forget_clean_shutdown().unwrap();
        }
        let server = Server::kafka_in(kafka).unwrap();
        assert_same(&everything(&server), &written);
        server.stop().unwrap();
    }
}

/// What consumers of either isolation see of both topics.
fn everything(server: &Server) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for topic in ["mixed", "compacted"] {
        for isolation in ["read_uncommitted", "read_committed"] {
            let records = folders::run(server, &["read", topic, isolation]).unwrap();
            assert!(records.lines().count() > 100, "{topic} holds {records}");
            found.push((format!("{topic} {isolation}"), records));
        }
    }
    found
}

fn assert_same(found: &[(String, String)], written: &[(String, String)]) {
    for ((what, found), (_, written)) in found.iter().zip(written) {
        let differing = written.lines().zip(found.lines()).find(|(one, other)| one != other);
        assert_eq!(differing, None, "{what}");
        assert_eq!(found.lines().count(), written.lines().count(), "{what}");
    }
}

fn create_both(server: &Server) {
    for topic in ["mixed", "compacted"] {
        folders::run(server, &["create", topic]).unwrap();
    }
}

fn transplant(source: &Place, target: &Place) {
    for topic in ["mixed", "compacted"] {
        source.copy_partition(topic, target).unwrap();
    }
}

/// The offsets that a consumer who reads everything has seen.
fn offsets(written: &[(String, String)], topic: &str) -> Vec<i64> {
    let wanted = format!("{topic} read_uncommitted");
    let (_, records) = written.iter().find(|(what, _)| *what == wanted).unwrap();
    records.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
}

/// The offsets of all records of data in a copy of the partition's folder.
fn offsets_in_log(place: &Place, topic: &str, clean: bool) -> Vec<i64> {
    let copy = tempfile::tempdir().unwrap();
    place.copy_files(topic, copy.path()).unwrap();
    let start_offset = Offset(place.start_offset(topic).unwrap());
    let recovery_point = Offset(place.recovery_point(topic).unwrap());
    let opening = Opening { clean, start_offset, recovery_point, ..Opening::default() };
    let files = OpenFiles::new(Arc::new(SystemDisk), 10);
    let config = Arc::new(LogConfig::default());
    let (mut log, recovery) = Log::open(&files, copy.path(), config, opening).unwrap();
    assert_eq!(recovery.bytes_removed, 0, "{topic} was whole");
    let mut found = Vec::new();
    let (mut next, end) = (log.start_offset(), log.end_offset());
    while next < end {
        let limits = ReadLimits { bytes_max: 1 << 20, at_least_one_batch: true, upper: end };
        let read = log.read(next, limits).unwrap();
        let bytes = read.slice.unwrap().read().unwrap();
        batches(&bytes).for_each(|batch| found.extend(data(&batch.unwrap())));
        next = read.next_offset;
    }
    found.retain(|offset| *offset >= log.start_offset().0);
    found
}

/// The offsets of a batch's records, unless they are control records, which no consumer sees.
fn data(batch: &BatchView<'_>) -> Vec<i64> {
    if batch.is_control() {
        return Vec::new();
    }
    let payload = batch.payload(DECOMPRESSED_SIZE_MAX).unwrap();
    payload.records().map(|record| record.unwrap().offset.0).collect()
}
