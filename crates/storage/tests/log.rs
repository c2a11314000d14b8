//! The log on a real disk, one behaviour a test.

use std::{path::Path, sync::Arc};

use protocol::records::{BatchBuilder, Codec, Compression, ProducedBatch, batches};
use runtime::SystemDisk;
use storage::{Log, LogConfig, OpenFiles, Opening, Read, ReadLimits, Recovery};
use types::{Instant, LeaderEpoch, Now, Offset, Timestamp};

#[test]
fn what_was_appended_is_read_back_from_the_batch_that_holds_the_offset() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), LogConfig::default(), Opening::default()).0;
    for first in [0, 3, 6] {
        let appended =
            log.append_as_leader(produced(&batch(3, 100)), LeaderEpoch(0), now()).unwrap();
        assert_eq!(appended.base_offset, Offset(first));
    }
    let read = log.read(Offset(4), limits(1 << 20, Offset(9))).unwrap();
    assert_eq!(offsets(&read), [(3, 5), (6, 8)]);
    assert_eq!(read.next_offset, Offset(9));
    let read = log.read(Offset(4), limits(1, Offset(9))).unwrap();
    assert_eq!(offsets(&read), [(3, 5)]);
    let read = log.read(Offset(0), limits(1 << 20, Offset(6))).unwrap();
    assert_eq!(offsets(&read), [(0, 2), (3, 5)]);
    assert!(log.read(Offset(9), limits(1, Offset(9))).unwrap().slice.is_none());
    assert!(log.read(Offset(10), limits(1, Offset(9))).is_err());
}

#[test]
fn a_log_goes_on_after_a_clean_close_and_after_none() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        LogConfig { segment_bytes: 4000, index_interval_bytes: 300, ..LogConfig::default() };
    let mut log = open(folder.path(), config.clone(), Opening::default()).0;
    for _ in 0..100 {
        log.append_as_leader(produced(&batch(2, 100)), LeaderEpoch(3), now()).unwrap();
    }
    log.flush(Instant(0)).unwrap();
    assert_eq!(log.flushed_end(), Offset(200));
    log.close_cleanly().unwrap();

    let opening = Opening { clean: true, recovery_point: Offset(200), ..Opening::default() };
    let (mut log, recovery) = open(folder.path(), config.clone(), opening);
    assert_eq!(recovery, Recovery::default());
    assert_eq!(log.end_offset(), Offset(200));
    for _ in 0..100 {
        log.append_as_leader(produced(&batch(2, 100)), LeaderEpoch(4), now()).unwrap();
    }
    drop(log);

    let opening = Opening { recovery_point: Offset(200), ..Opening::default() };
    let (mut log, recovery) = open(folder.path(), config, opening);
    assert!(recovery.bytes_checked > 0);
    assert_eq!(recovery.bytes_removed, 0);
    assert_eq!(log.end_offset(), Offset(400));
    assert_eq!(all_offsets(&mut log).len(), 200);
    assert_eq!(log.epoch_end_offset(LeaderEpoch(3)).unwrap().end_offset, Offset(200));
}

fn open(folder: &Path, config: LogConfig, opening: Opening) -> (Log, Recovery) {
    let files = OpenFiles::new(Arc::new(SystemDisk), 10);
    Log::open(&files, folder, Arc::new(config), opening).unwrap()
}

fn all_offsets(log: &mut Log) -> Vec<(i64, i64)> {
    let (mut next, end) = (log.start_offset(), log.end_offset());
    let mut found = Vec::new();
    while next < end {
        let read = log.read(next, limits(777, end)).unwrap();
        found.extend(offsets(&read));
        next = read.next_offset;
    }
    found
}

fn offsets(read: &Read) -> Vec<(i64, i64)> {
    let bytes = read.slice.as_ref().unwrap().read().unwrap();
    batches(&bytes)
        .map(|batch| batch.unwrap())
        .map(|batch| (batch.base_offset().0, batch.last_offset().0))
        .collect()
}

fn limits(bytes_max: usize, upper: Offset) -> ReadLimits {
    ReadLimits { bytes_max, at_least_one_batch: true, upper }
}

fn batch(records: i64, size: usize) -> bytes::Bytes {
    let mut builder = BatchBuilder::new(Compression::new(Codec::None));
    for number in 0..records {
        builder.push(Timestamp(1000 + number), None, Some(&vec![7; size]), &[]);
    }
    builder.build()
}

fn now() -> Now {
    Now { instant: Instant(1), wall: Timestamp(2000) }
}

fn produced(batch: &bytes::Bytes) -> ProducedBatch {
    ProducedBatch::trusted(batch).unwrap()
}
