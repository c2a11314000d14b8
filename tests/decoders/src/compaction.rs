//! A folder with any files in it, opened as a compacted log and cleaned: that goes well or says why
//! not, and the last value of every key that could be read is still there, also after a crash.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use protocol::records::{BatchBuilder, BatchView, Codec, Compression, ProducedBatch, batches};
use runtime::simulated::SimDisk;
use storage::{CleanerSettings, CleanupPolicy, Log, LogConfig, Opening, Progress, ReadLimits};
use types::{Instant, LeaderEpoch, Now, Offset, Timestamp};

use crate::{files, kafka_batches, log_folder};

/// What the first byte of an input says, bit by bit.
const HAS_CHECKSUMS: u8 = 1;
const IS_SMALL: u8 = 2;

/// Two rounds, the second of them when tombstones may go.
const ROUNDS: [Timestamp; 2] = [Timestamp(10_000), Timestamp(100_000)];
const SETTINGS: CleanerSettings =
    CleanerSettings { map_bytes: 1 << 16, load_factor: 0.9, buffer_bytes: 300 };
/// What a batch may decompress to.
const PAYLOAD_MAX: usize = 1 << 20;

/// What is known of the keys of a log.
#[derive(Default)]
struct Values {
    /// Of each key the last record.
    last: BTreeMap<Vec<u8>, (Offset, Option<Vec<u8>>)>,
    /// Keys that are left out: whether what transactions wrote counts is for their markers to say.
    in_transactions: BTreeSet<Vec<u8>>,
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for codec in [Codec::None, Codec::Lz4] {
        let disk = files::disk(Path::new(log_folder::FOLDER));
        let mut log = open(&disk, IS_SMALL).expect("an empty folder");
        for number in 0..12_u8 {
            let text = [number; 30];
            let value = (number % 5 != 4).then_some(&text[..]);
            let batch = batch(codec, &[(&[b'a' + number % 3], value), (b"same", Some(&[number]))]);
            log.append_as_leader(batch, LeaderEpoch(0), at(ROUNDS[0])).expect("the disk has room");
        }
        log.close_cleanly().expect("the disk has room");
        seeds.extend([0, IS_SMALL].map(|options| input_of(&disk, options)));
    }
    let log = kafka_batches::log();
    seeds.push([&[HAS_CHECKSUMS], &files::encode(&[(log_folder::LOG, &log)])[..]].concat());
    seeds
}

fn input_of(disk: &SimDisk, options: u8) -> Vec<u8> {
    [&[options], &log_folder::encode(disk)[..]].concat()
}

pub(crate) fn check(data: &[u8]) {
    let [options, rest @ ..] = data else { return };
    let disk = files::disk(Path::new(log_folder::FOLDER));
    log_folder::write_all(&disk, rest, options & HAS_CHECKSUMS != 0);
    let Some(mut log) = open(&disk, *options) else { return };
    for _ in 0..4 {
        // What is appended to is not cleaned: a few batches make another segment.
        let more = batch(Codec::None, &[(b"more", Some(&[0; 100]))]);
        if log.append_as_leader(more, LeaderEpoch(i32::MAX), at(ROUNDS[0])).is_err() {
            return;
        }
    }
    log.flush(Instant(1)).expect("the disk does not fail");
    let Some(before) = last_values(&mut log) else { return };
    for now in ROUNDS {
        clean(&mut log, now);
        check_kept(&before, &mut log);
    }
    drop(log);
    let mut log = open(&disk.crash(), *options).expect("we wrote it");
    check_kept(&before, &mut log);
}

fn check_kept(before: &Values, log: &mut Log) {
    let after = last_values(log).expect("what could be read can be read");
    for (key, known) in before.last.iter().filter(|(_, (_, value))| value.is_some()) {
        assert_eq!(after.last.get(key), Some(known), "the last value of {key:?}");
    }
    // What was in a transaction may be gone, and the key then counts.
    let all = after.last.iter().filter(|(key, _)| !before.in_transactions.contains(*key));
    for (key, known) in all {
        let (last, _) = before.last.get(key).expect("no key is made up");
        assert!(known.0 <= *last, "nothing is made up behind the last value of {key:?}");
    }
}

fn clean(log: &mut Log, now: Timestamp) {
    let end = log.end_offset();
    let stable = log.last_stable_offset(end);
    let Ok(range) = log.cleanable(stable, now) else { return };
    let Ok(mut cleaning) = log.begin_cleaning(range, SETTINGS, now) else { return };
    loop {
        match cleaning.work(1_000) {
            Ok(Progress::Working) => {}
            Ok(Progress::Swap(group)) => match log.swap(*group) {
                Ok(Some(removal)) => removal.run().expect("the disk does not fail"),
                Ok(None) => {}
                Err(_) => break,
            },
            Ok(Progress::Done(first_dirty)) => {
                log.finish_cleaning(&cleaning, first_dirty);
                break;
            }
            Err(error) => {
                log.give_up_cleaning(&error);
                break;
            }
        }
    }
    cleaning.discard();
}

/// The last record of each key, tombstones included; none when a batch is not as brokers store them.
fn last_values(log: &mut Log) -> Option<Values> {
    let (mut next, end) = (log.start_offset(), log.end_offset());
    let mut values = Values::default();
    while next < end {
        let limits = ReadLimits { bytes_max: 1_000, at_least_one_batch: true, upper: end };
        let read = log.read(next, limits).ok()?;
        let Some(slice) = read.slice else { break };
        for batch in batches(&slice.read().ok()?) {
            let batch = batch.ok()?;
            if batch.is_control() {
                continue;
            }
            for (key, offset, value) in records(&batch)? {
                if batch.is_transactional() {
                    values.in_transactions.insert(key);
                } else {
                    values.last.insert(key, (offset, value));
                }
            }
        }
        next = read.next_offset;
    }
    let Values { last, in_transactions } = &mut values;
    last.retain(|key, _| !in_transactions.contains(key));
    Some(values)
}

type Keyed = (Vec<u8>, Offset, Option<Vec<u8>>);

/// The records that have a key.
fn records(batch: &BatchView<'_>) -> Option<Vec<Keyed>> {
    let payload = batch.payload(PAYLOAD_MAX).ok()?;
    let mut records = Vec::new();
    let mut next = batch.base_offset();
    for record in payload.records() {
        let record = record.ok()?;
        if record.offset < next || record.offset > batch.last_offset() {
            return None;
        }
        next = record.offset.next();
        if let Some(key) = record.key {
            records.push((key.to_vec(), record.offset, record.value.map(<[u8]>::to_vec)));
        }
    }
    Some(records)
}

fn open(disk: &SimDisk, options: u8) -> Option<Log> {
    let config = LogConfig {
        segment_bytes: if options & IS_SMALL == 0 { 1 << 20 } else { 300 },
        index_interval_bytes: 100,
        cleanup_policy: CleanupPolicy::COMPACT,
        dirty_ratio_min: 0.0,
        delete_retention_ms: 1_000,
        file_delete_delay_ms: 0,
        ..LogConfig::default()
    };
    log_folder::open_as(disk, config, Opening::default())
}

fn batch(codec: Codec, records: &[(&[u8], Option<&[u8]>)]) -> ProducedBatch {
    let mut builder = BatchBuilder::new(Compression::new(codec));
    for (key, value) in records {
        builder.push(Timestamp(1_000), Some(key), *value, &[]);
    }
    ProducedBatch::trusted(&builder.build()).expect("it was just built")
}

fn at(wall: Timestamp) -> Now {
    Now { instant: Instant(1), wall }
}
