//! Files that were cut or changed at any byte: what comes back is a front part of what was there.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use protocol::records::{BatchHeader, Codec, set_base_offset};
use runtime::{Disk, simulated::SimDisk};
use storage::{CleanupPolicy, Log, LogConfig, Opening};
use support::{
    abort, all, batch, batch_at, clean, headers, limits, now, open, open_on, produced,
    transactional,
};
use types::{LeaderEpoch, Offset};

const LOG: &str = "00000000000000000000.log";

/// Fields that the checksum of a batch does not cover: the base offset and the leader epoch.
const UNPROTECTED: [std::ops::Range<usize>; 2] = [0..8, 12..16];

#[test]
fn a_segment_cut_at_any_byte_keeps_the_whole_batches_before_the_cut() {
    let original = Original::new();
    for size in 0..original.log().len() {
        let mut files = original.files.clone();
        files.get_mut(LOG).unwrap().truncate(size);
        let kept = original.batches.iter().take_while(|batch| batch.end <= size).count();
        assert_eq!(recovered(&files), original.headers(kept), "cut to {size} bytes");
    }
}

#[test]
fn a_segment_changed_at_any_byte_keeps_the_batches_before_the_change() {
    let original = Original::new();
    for position in 0..original.log().len() {
        let mut files = original.files.clone();
        files.get_mut(LOG).unwrap()[position] ^= 1 << (position % 8);
        let damaged = original.batches.iter().position(|batch| position < batch.end).unwrap();
        let within = position - original.batches[damaged].start;
        if UNPROTECTED.iter().any(|field| field.contains(&within)) {
            // Kafka's format cannot tell; every batch that is left has the bytes of a whole one.
            let (_log, found) = recovered_batches(&files);
            assert!(found.len() >= damaged);
            assert_eq!(found[..damaged], original.headers(damaged));
        } else {
            assert_eq!(recovered(&files), original.headers(damaged), "changed at {position}");
        }
    }
}

#[test]
fn every_other_file_may_be_changed_or_cut_at_any_byte() {
    let original = Original::new();
    let everything = original.headers(original.batches.len());
    for (name, content) in original.files.iter().filter(|(name, _)| *name != LOG) {
        for position in 0..content.len() {
            let mut files = original.files.clone();
            files.get_mut(name).unwrap()[position] ^= 1 << (position % 8);
            assert_eq!(recovered(&files), everything, "{name} changed at {position}");
            files.get_mut(name).unwrap().truncate(position);
            assert_eq!(recovered(&files), everything, "{name} cut to {position} bytes");
        }
    }
}

/// The checksum of a batch does not cover its offset.
#[test]
fn batches_whose_offsets_go_back_are_not_believed_even_after_a_clean_shutdown() {
    let original = Original::new();
    let last = original.batches.last().unwrap().start;
    let mut files = original.files.clone();
    set_base_offset(&mut files.get_mut(LOG).unwrap()[last..], Offset(-100));
    let (_disk, mut log) = opened(&files, clean(original.end));
    assert_eq!(all(&mut log), original.headers(original.batches.len() - 1));
    log.append_as_leader(batch(1, 600), LeaderEpoch(9), now()).unwrap();
}

#[test]
fn an_index_that_points_behind_the_end_is_made_again_even_after_a_clean_shutdown() {
    let original = Original::new();
    let mut files = original.files.clone();
    let behind = [3_u32.to_be_bytes(), (1_u32 << 30).to_be_bytes()].concat();
    files.insert("00000000000000000000.index".to_owned(), behind);
    let (_disk, mut log) = opened(&files, clean(original.end));
    assert_eq!(all(&mut log), original.headers(original.batches.len()));
    log.append_as_leader(batch(1, 600), LeaderEpoch(9), now()).unwrap();
}

/// Kafka's compaction leaves segments that do not reach up to the next one.
#[test]
fn a_compacted_log_without_checkpoints_keeps_what_lies_behind_missing_offsets() {
    let compacted = left_behind_a_missing_segment(CleanupPolicy::COMPACT, 2);
    assert_eq!(compacted, [0, 2, 4, 8, 10, 12, 14]);
    let crashed = left_behind_a_missing_segment(CleanupPolicy::COMPACT, 1);
    assert_eq!(crashed, [0, 1, 2], "nothing before the missing segment was compacted");
    let never_compacted = left_behind_a_missing_segment(CleanupPolicy::DELETE, 2);
    assert_eq!(never_compacted, [0, 2, 4]);
}

/// The first offsets of a log of eight batches, one a segment, so far apart, without the fourth.
fn left_behind_a_missing_segment(cleanup_policy: CleanupPolicy, apart: i64) -> Vec<i64> {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { segment_bytes: 600, cleanup_policy, ..LogConfig::default() };
    let mut log = open(folder.path(), config.clone(), Opening::default()).0;
    for number in 0..8 {
        let mut bytes = batch(1, 300).to_bytes().to_vec();
        set_base_offset(&mut bytes, Offset(number * apart));
        log.append_as_follower(&bytes, now()).unwrap();
    }
    log.close_cleanly().unwrap();
    let mut segments: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    segments.retain(|file| file.as_ref().unwrap().path().extension().is_some_and(|it| it == "log"));
    segments.sort_by_key(|file| file.as_ref().unwrap().path());
    assert_eq!(segments.len(), 8);
    std::fs::remove_file(segments[3].as_ref().unwrap().path()).unwrap();
    offsets_of(&mut open(folder.path(), config, Opening::default()).0)
}

fn offsets_of(log: &mut Log) -> Vec<i64> {
    all(log).iter().map(|header| header.base_offset().0).collect()
}

#[test]
fn a_missing_index_is_made_again_even_after_a_clean_shutdown() {
    let original = Original::new();
    for suffix in ["index", "timeindex", "snapshot"] {
        let mut files = original.files.clone();
        files.retain(|name, _| !name.ends_with(suffix));
        let (_disk, mut log) = opened(&files, clean(original.end));
        assert_eq!(all(&mut log), original.headers(original.batches.len()));
    }
}

/// The files of a small log and what is in it.
struct Original {
    files: BTreeMap<String, Vec<u8>>,
    batches: Vec<Place>,
    end: Offset,
}

struct Place {
    start: usize,
    end: usize,
    header: BatchHeader,
}

impl Original {
    fn new() -> Original {
        let (disk, mut log) = opened(&BTreeMap::new(), Opening::default());
        for number in 0..4 {
            for batch in [
                batch_at(Codec::None, 1000 + number, 2, 30),
                batch_at(Codec::Lz4, 2000 - number, 3, 50),
                produced(5, 0, i32::try_from(number).unwrap() * 2, 2),
                transactional(6, 0, i32::try_from(number).unwrap(), 1),
                abort(6, 0, 0),
            ] {
                let epoch = LeaderEpoch(i32::try_from(number).unwrap());
                log.append_as_leader(batch, epoch, now()).unwrap();
            }
        }
        let end = log.close_cleanly().unwrap();
        let mut batches = Vec::new();
        let mut start = 0;
        let read = log.read(Offset(0), limits(1 << 20, end)).unwrap();
        for header in headers(&read) {
            batches.push(Place { start, end: start + header.size(), header });
            start += header.size();
        }
        let read = |name: &String| disk.read(&Path::new("log").join(name), 1 << 20).unwrap();
        let names = disk.list(Path::new("log")).unwrap();
        let files = names.iter().map(|name| (name.clone(), read(name))).collect();
        Original { files, batches, end }
    }

    fn log(&self) -> &[u8] {
        &self.files[LOG]
    }

    fn headers(&self, count: usize) -> Vec<BatchHeader> {
        self.batches[..count].iter().map(|batch| batch.header).collect()
    }
}

/// Opens the log after a crash and checks that its indexes agree with its batches.
fn recovered(files: &BTreeMap<String, Vec<u8>>) -> Vec<BatchHeader> {
    let (mut log, found) = recovered_batches(files);
    for batch in &found {
        assert_eq!(log.epoch_of(batch.base_offset()), Some(batch.partition_leader_epoch()));
        assert!(log.offset_for_timestamp(batch.max_timestamp()).unwrap().is_some());
    }
    let markers = found.iter().filter(|batch| batch.is_control()).count();
    let aborted = log.aborted_transactions(Offset(0), log.end_offset()).unwrap();
    assert_eq!(aborted.len(), markers, "each marker here ends a transaction");
    found
}

/// Opens the log after a crash and checks that it goes on; the log is as after another start.
fn recovered_batches(files: &BTreeMap<String, Vec<u8>>) -> (Log, Vec<BatchHeader>) {
    let (disk, mut log) = opened(files, Opening::default());
    let found = all(&mut log);
    let epoch = LeaderEpoch(i32::MAX);
    let appended = log.append_as_leader(batch(1, 10), epoch, now()).unwrap();
    let end = log.close_cleanly().unwrap();
    assert_eq!(end, appended.last_offset.next());
    let mut log = reopened(&disk, clean(end));
    assert_eq!(all(&mut log).len(), found.len() + 1);
    (log, found)
}

fn opened(files: &BTreeMap<String, Vec<u8>>, opening: Opening) -> (SimDisk, Log) {
    let disk = SimDisk::new(0);
    let folder = Path::new("log");
    disk.create_folder(folder).unwrap();
    for (name, content) in files {
        disk.create(&folder.join(name)).unwrap().write_all_at(content, 0).unwrap();
    }
    let log = reopened(&disk, opening);
    (disk, log)
}

fn reopened(disk: &SimDisk, opening: Opening) -> Log {
    let config = LogConfig { index_interval_bytes: 200, ..LogConfig::default() };
    open_on(Arc::new(disk.clone()), Path::new("log"), config, opening).0
}
