//! A folder with any files in it, opened as a log: it opens or says why not, every batch can be
//! read once and in order, it goes on, and all of that is still so after another start.
//!
//! This is the way to every file of a log: segments, both indexes and that of transactions, leader
//! epochs, producer snapshots.

use std::{path::Path, sync::Arc};

use protocol::records::{
    BatchBuilder, BatchHeader, BatchView, Compression, ProducedBatch, batches,
};
use runtime::{Disk, simulated::SimDisk};
use storage::{Log, LogConfig, OpenFiles, Opening, ReadLimits};
use types::{Instant, LeaderEpoch, Now, Offset, Timestamp};

use crate::{files, kafka_batches};

pub(crate) const LOG: u8 = 0;
const SUFFIXES: [&str; 5] = ["log", "index", "timeindex", "snapshot", "txnindex"];
const BASES: [i64; 8] = [0, 1, 3, 6, 20, 1 << 31, 1 << 40, i64::MAX - 3];
/// Files whose names are not made of an offset and a suffix come behind those.
const OTHERS: [&str; 6] = [
    "leader-epoch-checkpoint",
    "partition.metadata",
    "sync-failed",
    "00000000000000000000.log.deleted",
    "00000000000000000003.log.cleaned",
    "00000000000000000000.log.swap",
];
const OF_OFFSET: u8 = 5 * 8;
const LEADER_EPOCHS: u8 = OF_OFFSET;

/// What the first byte of an input says, bit by bit.
const IS_CLEAN: u8 = 1;
const HAS_CHECKSUMS: u8 = 2;
const HAS_RECOVERY_POINT: u8 = 4;

pub(crate) const FOLDER: &str = "log";
const TIMES: [i64; 5] = [i64::MIN, -1, 0, 1_000, i64::MAX];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (segment_bytes, appends) in [(1 << 20, 4), (300, 12)] {
        let disk = files::disk(Path::new(FOLDER));
        let mut log = open(&disk, segment_bytes, Opening::default()).expect("an empty folder");
        for number in 0..appends {
            let epoch = LeaderEpoch(number / 3);
            log.append_as_leader(batch(2), epoch, now()).expect("the disk has room");
        }
        log.close_cleanly().expect("the disk has room");
        seeds.extend([0, IS_CLEAN].map(|options| input_of(&disk, options)));
    }
    let log = kafka_batches::log();
    let all: [(u8, &[u8]); 2] = [(LOG, &log), (LEADER_EPOCHS, b"0\n1\n1 0\n")];
    seeds.push([&[HAS_CHECKSUMS, 0, 0], &files::encode(&all)[..]].concat());
    seeds
}

fn input_of(disk: &SimDisk, options: u8) -> Vec<u8> {
    [&[options, 0, 0], &encode(disk)[..]].concat()
}

/// The files of a log as an input.
pub(crate) fn encode(disk: &SimDisk) -> Vec<u8> {
    let mut contents = Vec::new();
    for number in 0..=u8::MAX {
        let Some(name) = name(number) else { break };
        let path = Path::new(FOLDER).join(name);
        contents.extend(disk.read(&path, 1 << 16).ok().map(|content| (number, content)));
    }
    let files: Vec<_> = contents.iter().map(|(name, content)| (*name, &content[..])).collect();
    files::encode(&files)
}

/// Writes the files of an input, with the checksums of batches set right if that is wanted.
pub(crate) fn write_all(disk: &SimDisk, input: &[u8], with_checksums: bool) {
    for (number, content) in files::parse(input) {
        let names = OF_OFFSET + u8::try_from(OTHERS.len()).expect("they are few");
        let name = name(number % names).expect("the number is that of a name");
        let content = match name.ends_with(".log") && with_checksums {
            true => kafka_batches::with_checksums(content),
            false => content.to_vec(),
        };
        files::write(disk, &Path::new(FOLDER).join(name), &content);
    }
}

pub(crate) fn check(data: &[u8]) {
    let [options, high, low, rest @ ..] = data else { return };
    let disk = files::disk(Path::new(FOLDER));
    write_all(&disk, rest, options & HAS_CHECKSUMS != 0);
    let number = Offset(u16::from_be_bytes([*high, *low]).into());
    let recovery_point = if options & HAS_RECOVERY_POINT == 0 { Offset(0) } else { number };
    let clean = options & IS_CLEAN != 0;
    let is_forged = options & HAS_CHECKSUMS != 0;
    let opening = Opening { clean, recovery_point, ..Opening::default() };
    if clean || recovery_point > Offset(0) {
        check_trusted(&disk, opening, is_forged);
    } else {
        check_recovered(&disk, opening, is_forged);
    }
}

/// A log that was not checked may turn out to be nonsense, but never does harm.
fn check_trusted(disk: &SimDisk, opening: Opening, is_forged: bool) {
    let Some(mut log) = open(disk, 1 << 20, opening) else { return };
    let _ = read_all(&mut log);
    look_around(&mut log);
    let _ = log.append_as_leader(batch(1), LeaderEpoch(i32::MAX), now());
    let _ = read_all(&mut log);
    let _ = log.close_cleanly();
    drop(log);
    // A start that trusts nothing makes it whole, whatever the one before made of it.
    check_recovered(disk, Opening::default(), is_forged);
}

/// A log that was recovered is whole. What the records of forged batches say is not: they were never
/// looked at as a producer's are.
fn check_recovered(disk: &SimDisk, opening: Opening, is_forged: bool) {
    let Some(mut log) = open(disk, 1 << 20, opening) else { return };
    let before = read_all(&mut log).expect("what was recovered can be read");
    look_around(&mut log);
    if !is_forged {
        check_times(&mut log);
    }
    for header in &before {
        let epoch = header.partition_leader_epoch();
        if epoch >= LeaderEpoch(0) {
            assert!(log.epoch_of(header.base_offset()).is_some(), "epochs are told by batches");
        }
    }
    let appended = log.append_as_leader(batch(2), LeaderEpoch(i32::MAX), now());
    let Ok(appended) = appended else { return };
    assert_eq!(log.end_offset(), appended.last_offset.next());
    let mut after = read_all(&mut log).expect("it can be read");
    assert_eq!(after.len(), before.len() + 1, "what is appended stands behind the rest");
    let end = log.close_cleanly().expect("the disk does not fail");
    drop(log);
    for clean in [true, false] {
        let opening = Opening { clean, recovery_point: end, ..Opening::default() };
        let disk = if clean { disk.clone() } else { disk.crash() };
        let mut log = open(&disk, 1 << 20, opening).expect("we wrote it");
        let again = read_all(&mut log).expect("we wrote it");
        assert_eq!(again, after, "after another start it is the same");
        after = again;
    }
}

/// What clients and followers ask; only the harm it may do is looked at.
fn look_around(log: &mut Log) {
    for time in TIMES {
        let _ = log.offset_for_timestamp(Timestamp(time));
    }
    let _ = log.offset_of_max_timestamp();
    for epoch in [-1, 0, 1, i32::MAX] {
        let _ = log.epoch_end_offset(LeaderEpoch(epoch));
    }
}

/// What is found by its time has that time and is in the log.
fn check_times(log: &mut Log) {
    let inside = log.start_offset()..log.end_offset();
    for time in TIMES {
        if let Ok(Some(found)) = log.offset_for_timestamp(Timestamp(time)) {
            assert!(found.timestamp >= Timestamp(time));
            assert!(inside.contains(&found.offset), "{found:?} is not in {inside:?}");
        }
    }
}

/// The batches from the start to the end; none when reading fails or does not get on.
fn read_all(log: &mut Log) -> Option<Vec<BatchHeader>> {
    let (mut next, end) = (log.start_offset(), log.end_offset());
    let mut found: Vec<BatchHeader> = Vec::new();
    while next < end {
        let limits = ReadLimits { bytes_max: 100, at_least_one_batch: true, upper: end };
        let read = log.read(next, limits).ok()?;
        let Some(slice) = read.slice else { break };
        if read.next_offset <= next {
            return None;
        }
        for batch in batches(&slice.read().ok()?) {
            found.push(*batch.ok()?.header());
        }
        next = read.next_offset;
    }
    Some(found)
}

fn open(disk: &SimDisk, segment_bytes: u32, opening: Opening) -> Option<Log> {
    let config = LogConfig { segment_bytes, index_interval_bytes: 100, ..LogConfig::default() };
    open_as(disk, config, opening)
}

/// Opens the folder's log with this configuration, if it can be opened.
pub(crate) fn open_as(disk: &SimDisk, config: LogConfig, opening: Opening) -> Option<Log> {
    let files = OpenFiles::new(files::shared(disk), 4);
    let opened = Log::open(&files, Path::new(FOLDER), Arc::new(config), opening);
    opened.ok().map(|(log, _)| log)
}

fn name(number: u8) -> Option<String> {
    if let Some(other) = number.checked_sub(OF_OFFSET) {
        return OTHERS.get(usize::from(other)).map(|name| (*name).to_owned());
    }
    let (base, suffix) = (number / 5, number % 5);
    Some(format!("{:020}.{}", BASES[usize::from(base)], SUFFIXES[usize::from(suffix)]))
}

fn batch(records: i64) -> ProducedBatch {
    let mut builder = BatchBuilder::new(Compression::NONE);
    for number in 0..records {
        builder.push(Timestamp(1_000 + number), Some(b"key"), Some(b"value"), &[]);
    }
    let bytes = builder.build();
    assert!(BatchView::parse(&bytes).is_ok_and(|batch| batch.crc_is_valid()));
    ProducedBatch::trusted(&bytes).expect("it was just built")
}

fn now() -> Now {
    Now { instant: Instant(1), wall: Timestamp(2_000) }
}
