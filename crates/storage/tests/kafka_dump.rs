//! Kafka's own dump tool reads what we leave on disk.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use protocol::records::Codec;
use storage::{Log, LogConfig, Opening};
use support::{at, batch_at, clean, now, open, produced};
use types::{Instant, LeaderEpoch, Offset};

/// What the tool says when something is wrong; its exit code is mostly 0 all the same.
const COMPLAINTS: &[&str] =
    &["isvalid: false", "invalid bytes", "Mismatches in", "out of order", "not found", "Exception"];

#[test]
fn a_log_that_was_closed_is_sound_to_kafka() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut log);
    log.close_cleanly().unwrap();
    let text = assert_sound(folder.path());
    assert_eq!(text.matches("baseOffset: ").count(), 210);
    assert!(text.contains("producerId: 7 producerEpoch: 0"), "{text}");
    assert!(text.contains("lastSequence: 29"), "{text}");
}

#[test]
fn a_log_that_is_in_use_is_sound_to_kafka() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut log);
    log.flush(Instant(0)).unwrap();
    assert_sound(folder.path());
}

#[test]
fn a_recovered_log_is_sound_to_kafka() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut log);
    let end = log.end_offset();
    drop(log);
    // The tail is torn and the indexes lie.
    let last = files(folder.path(), "log").pop().unwrap();
    let size = fs::metadata(&last).unwrap().len();
    fs::File::options().write(true).open(&last).unwrap().set_len(size - 1).unwrap();
    for index in files(folder.path(), "index").into_iter().chain(files(folder.path(), "timeindex"))
    {
        let garbage = fs::read(&index).unwrap().iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>();
        fs::write(&index, garbage).unwrap();
    }

    let (mut log, recovery) = open(folder.path(), config(), Opening::default());
    assert!(recovery.bytes_removed > 0 && log.end_offset() < end);
    assert_sound(folder.path());
    append_all_sorts_without_producers(&mut log);
    let end = log.close_cleanly().unwrap();
    assert_sound(folder.path());
    assert_eq!(open(folder.path(), config(), clean(end)).0.end_offset(), end);
}

#[test]
fn a_truncated_log_is_sound_to_kafka() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut log);
    let middle = Offset(log.end_offset().0 / 2);
    log.truncate_to(middle, now()).unwrap();
    append_all_sorts_without_producers(&mut log);
    log.close_cleanly().unwrap();
    assert_sound(folder.path());
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 20_000, index_interval_bytes: 500, ..LogConfig::default() }
}

fn append_all_sorts(log: &mut Log) {
    append_all_sorts_without_producers(log);
    for sequence in 0..10 {
        let batch = produced(7, 0, sequence * 3, 3);
        log.append_as_leader(batch, LeaderEpoch(3), now()).unwrap();
    }
}

/// Batches of every codec, with times that go forth and back, in more than one epoch.
fn append_all_sorts_without_producers(log: &mut Log) {
    let codecs = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];
    for number in 0..200i64 {
        let codec = codecs[usize::try_from(number % 5).unwrap()];
        let time = 10_000 + number * 7 - (number % 3) * 50;
        let batch = batch_at(codec, time, 1 + number % 4, 200);
        let epoch = LeaderEpoch(if number < 100 { 1 } else { 3 });
        log.append_as_leader(batch, epoch, at(20_000)).unwrap();
    }
}

/// Lets the tool read all files of a log; returns what it says of them.
fn assert_sound(folder: &Path) -> String {
    let indexes = [files(folder, "index"), files(folder, "timeindex")].concat();
    let batches = [files(folder, "log"), files(folder, "snapshot")].concat();
    assert!(files(folder, "log").len() > 1, "more than one segment is looked at");
    dump(&indexes, "--verify-index-only");
    dump(&indexes, "--index-sanity-check");
    dump(&batches, "--deep-iteration")
}

fn dump(files: &[PathBuf], mode: &str) -> String {
    let list = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(",");
    let class = "org.apache.kafka.tools.DumpLogSegments";
    let output = kafka_jars::tool(class, ["--files", &list, mode]);
    let text = kafka_jars::text(&output);
    assert!(output.status.success(), "{text}");
    for complaint in COMPLAINTS {
        assert!(!text.contains(complaint), "{complaint}:\n{text}");
    }
    text
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == suffix))
        .collect();
    found.sort();
    found
}
