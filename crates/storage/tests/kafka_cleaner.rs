//! The same log through Kafka's cleaner and ours: the same records survive, as Kafka's own tool sees
//! them.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use kafka_jars::cleaner::{self, Rounds};
use protocol::records::{
    BatchBuilder, Codec, Compression, Header, ProducedBatch, TimestampType, control::ControlRecord,
    control::EndTxnMarker,
};
use runtime::{Clock, SystemClock};
use storage::{CleanerSettings, CleanupPolicy, Log, LogConfig, Opening, Progress};
use support::{clean, open};
use types::{Instant, LeaderEpoch, Now, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

const SEGMENT_BYTES: u32 = 3000;
const DELETE_RETENTION_MS: i64 = 10_000;

/// Memory for some 100 keys: more than one round is needed.
const MAP_BYTES: usize = 2700;

#[test]
fn kafkas_cleaner_and_ours_leave_the_same_records() {
    // Kafka forgets producers by the real clock.
    let start = SystemClock::new().now().wall.0;
    let (ours, kafkas) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ours, kafkas) = (ours.path().join("table-0"), kafkas.path().join("table-0"));
    fs::create_dir_all(&ours).unwrap();
    let end = fill(&ours, start);
    copy(&ours, &kafkas);

    let times: Vec<i64> = (1..=7).map(|round| start + 20_000 + round * 6_000).collect();
    let rounds = Rounds {
        segment_bytes: SEGMENT_BYTES,
        delete_retention_ms: DELETE_RETENTION_MS,
        map_bytes: MAP_BYTES,
        times: &times,
    };
    let kafkas_progress = cleaner::clean(&kafkas, &rounds);
    let our_progress = clean_ours(&ours, end, &times);
    assert_eq!(our_progress, kafkas_progress);
    assert!(our_progress[0] < our_progress[2], "one round was not enough");

    let (ours, kafkas) = (dump(&ours), dump(&kafkas));
    assert!(ours.records.iter().any(|record| record.contains("endTxnMarker")));
    assert!(ours.records.iter().any(|record| record.contains("valueSize: -1")));
    assert!(ours.batches.iter().any(|batch| batch.contains("deleteHorizonMs: OptionalLong[")));
    assert_eq!(ours.records, kafkas.records);
    assert_eq!(ours.batches, kafkas.batches);
}

/// What producers have sent so far.
#[derive(Default)]
struct Producers {
    sequences: [i32; 3],
}

impl Producers {
    /// A batch of a producer's with its next sequence, in a transaction or not.
    fn batch(&mut self, codec: Codec, producer: usize, records: i32) -> BatchBuilder {
        let sequence = self.sequences[producer];
        self.sequences[producer] += records;
        let id = ProducerId(i64::try_from(producer).unwrap() + 1);
        BatchBuilder::new(Compression::new(codec)).producer(
            id,
            ProducerEpoch(0),
            Sequence(sequence),
        )
    }
}

/// Keys that come back, tombstones, transactions of both kinds, producers that stay and go, every
/// codec, headers that repeat, times of the leader's.
fn fill(folder: &Path, start: i64) -> Offset {
    let mut log = open(folder, config(), Opening::default()).0;
    let mut producers = Producers::default();
    for number in 0..300i64 {
        let codec = Codec::ALL[usize::try_from(number % 5).unwrap()];
        let records = i32::try_from(1 + number % 4).unwrap();
        let builder = match number % 6 {
            0 => producers.batch(codec, 0, records),
            1 if number < 100 => producers.batch(codec, 1, records),
            2 => producers.batch(codec, 2, records).transactional(),
            _ => BatchBuilder::new(Compression::new(codec)),
        };
        let mut batch = filled(builder, number, records, start + number);
        if number % 7 == 0 {
            batch.set_log_append_time(Timestamp(start + number));
        }
        append(&mut log, batch, start);
        if number % 12 == 2 {
            append(&mut log, marker(number % 24 == 2, start + number), start);
        }
    }
    append(&mut log, marker(true, start + 300), start);
    log.close_cleanly().unwrap()
}

fn filled(mut builder: BatchBuilder, number: i64, records: i32, time: i64) -> ProducedBatch {
    for index in 0..i64::from(records) {
        let key = format!("key-{}", (number * 31 + index * 17) % 160);
        let value = format!("value {number} {index}");
        let is_tombstone = (number + index) % 9 == 4;
        let value = (!is_tombstone).then_some(value.as_bytes());
        let twice = [Header { key: b"h", value: Some(b"1") }, Header { key: b"h", value: None }];
        let headers = if number % 11 == 0 { &twice[..] } else { &[] };
        builder.push(Timestamp(time + index), Some(key.as_bytes()), value, headers);
    }
    ProducedBatch::trusted(&builder.build()).unwrap()
}

fn marker(is_abort: bool, time: i64) -> ProducedBatch {
    let marker = EndTxnMarker { coordinator_epoch: 1 };
    let record =
        if is_abort { ControlRecord::Abort(marker) } else { ControlRecord::Commit(marker) };
    let mut builder = BatchBuilder::new(Compression::NONE)
        .producer(ProducerId(3), ProducerEpoch(0), Sequence::NONE)
        .transactional()
        .control();
    builder.push_control(Timestamp(time), &record);
    ProducedBatch::trusted(&builder.build()).unwrap()
}

fn append(log: &mut Log, batch: ProducedBatch, wall: i64) {
    log.append_as_leader(batch, LeaderEpoch(0), at(wall)).unwrap();
}

/// As many rounds as there are times; returns up to where the log was clean after each.
fn clean_ours(folder: &Path, end: Offset, times: &[i64]) -> Vec<i64> {
    let mut log = open(folder, config(), clean(end)).0;
    let progress = times.iter().map(|time| clean_once(&mut log, end, *time)).collect();
    log.close_cleanly().unwrap();
    progress
}

fn clean_once(log: &mut Log, end: Offset, time: i64) -> i64 {
    let settings =
        CleanerSettings { map_bytes: MAP_BYTES, load_factor: 0.9, buffer_bytes: 1 << 16 };
    let stable = log.last_stable_offset(end);
    let range = log.cleanable(stable, Timestamp(time)).unwrap();
    let mut cleaning = log.begin_cleaning(range, settings, Timestamp(time)).unwrap();
    loop {
        match cleaning.work(4096).unwrap() {
            Progress::Working => {}
            Progress::Swap(group) => log.swap(*group).unwrap().unwrap().run().unwrap(),
            Progress::Done(first_dirty) => {
                log.finish_cleaning(&cleaning, first_dirty);
                return first_dirty.0;
            }
        }
    }
}

/// What Kafka's tool says of a log.
struct Dump {
    records: Vec<String>,
    /// The headers of batches with records, but for what depends on where they lie and on how well
    /// they were compressed.
    batches: Vec<String>,
}

fn dump(folder: &Path) -> Dump {
    let indexes = [files(folder, "index"), files(folder, "timeindex")].concat();
    tool(&indexes, &["--index-sanity-check"]);
    let text = tool(&files(folder, "log"), &["--deep-iteration", "--print-data-log"]);
    assert!(!text.contains("isvalid: false"), "{text}");
    let lines = |start: &'static str| text.lines().filter(move |line| line.starts_with(start));
    let header = |line: &str| {
        let (before, behind) = line.split_once(" position: ").unwrap();
        let (_, time) = behind.split_once(' ').unwrap();
        let (time, _) = time.split_once(" size: ").unwrap();
        format!("{before} {time}")
    };
    let batches = lines("baseOffset: ").filter(|line| !line.contains(" count: 0 "));
    Dump {
        records: lines("| offset: ").map(str::to_owned).collect(),
        batches: batches.map(header).collect(),
    }
}

fn tool(files: &[PathBuf], modes: &[&str]) -> String {
    let list = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(",");
    let arguments = [&["--files", &list], modes].concat();
    let output = kafka_jars::tool("org.apache.kafka.tools.DumpLogSegments", arguments);
    let text = kafka_jars::text(&output);
    assert!(output.status.success() && !text.contains("Exception"), "{text}");
    text
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == suffix)).collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: SEGMENT_BYTES,
        index_interval_bytes: 500,
        cleanup_policy: CleanupPolicy::COMPACT,
        delete_retention_ms: DELETE_RETENTION_MS,
        file_delete_delay_ms: 0,
        message_timestamp_type: TimestampType::CreateTime,
        ..LogConfig::default()
    }
}

fn at(wall: i64) -> Now {
    Now { instant: Instant(1), wall: Timestamp(wall) }
}
