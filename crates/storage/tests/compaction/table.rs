//! A log of keys and values, and how to clean it.

use std::sync::Arc;

use protocol::records::{BatchBuilder, BatchHeader, Codec, Compression, ProducedBatch, batches};
use storage::{
    CleanError, CleanerSettings, Cleaning, CleanupPolicy, Log, LogConfig, OpenFiles, Opening,
    Progress,
};
use tempfile::TempDir;
use types::{Instant, LeaderEpoch, Now, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::support::{at, limits, open};

/// A record as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) offset: i64,
    pub(crate) key: String,
    /// None for a tombstone.
    pub(crate) value: Option<String>,
}

pub(crate) const SETTINGS: CleanerSettings =
    CleanerSettings { map_bytes: 1 << 20, load_factor: 0.9, buffer_bytes: 300 };

/// Segments of a few batches each; tombstones stay for 1000 milliseconds.
pub(crate) fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 400,
        index_interval_bytes: 100,
        cleanup_policy: CleanupPolicy::COMPACT,
        dirty_ratio_min: 0.0,
        delete_retention_ms: 1000,
        file_delete_delay_ms: 0,
        ..LogConfig::default()
    }
}

pub(crate) fn fresh() -> (TempDir, Log) {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), config(), Opening::default()).0;
    (folder, log)
}

/// One record of a key.
pub(crate) fn put(log: &mut Log, key: &str, value: &str) {
    append(log, table(Codec::None, None, &[(key, Some(value))]));
}

pub(crate) fn delete(log: &mut Log, key: &str) {
    append(log, table(Codec::None, None, &[(key, None)]));
}

pub(crate) fn append(log: &mut Log, batch: ProducedBatch) {
    log.append_as_leader(batch, LeaderEpoch(0), at(2000)).unwrap();
}

/// A batch of keys and values, perhaps of an idempotent producer with its next sequence.
pub(crate) fn table(
    codec: Codec,
    producer: Option<(i64, i32)>,
    records: &[(&str, Option<&str>)],
) -> ProducedBatch {
    let mut builder = BatchBuilder::new(Compression::new(codec));
    if let Some((id, sequence)) = producer {
        builder = builder.producer(ProducerId(id), ProducerEpoch(0), Sequence(sequence));
    }
    for (key, value) in records {
        builder.push(Timestamp(1000), Some(key.as_bytes()), value.map(str::as_bytes), &[]);
    }
    ProducedBatch::trusted(&builder.build()).unwrap()
}

/// Fills the last segment, so that all that was appended lies before the active one.
pub(crate) fn roll(log: &mut Log) {
    let segments = log.segment_count();
    while log.segment_count() == segments {
        put(log, "filler", &"f".repeat(100));
    }
}

/// Flushes and cleans the log, in small steps; returns up to where it is clean.
pub(crate) fn clean(log: &mut Log, wall: i64) -> Offset {
    try_clean(log, at(wall), SETTINGS).unwrap()
}

pub(crate) fn try_clean(
    log: &mut Log,
    now: Now,
    settings: CleanerSettings,
) -> Result<Offset, CleanError> {
    let mut cleaning = begin(log, now, settings);
    loop {
        match cleaning.work(200)? {
            Progress::Working => {}
            Progress::Swap(group) => {
                if let Some(removal) = log.swap(*group).unwrap() {
                    removal.run().unwrap();
                }
            }
            Progress::Done(first_dirty) => {
                log.finish_cleaning(&cleaning, first_dirty);
                return Ok(first_dirty);
            }
        }
    }
}

pub(crate) fn begin(log: &mut Log, now: Now, settings: CleanerSettings) -> Cleaning {
    let end = log.flush(Instant(0)).unwrap();
    let stable = log.last_stable_offset(end);
    let range = log.cleanable(stable, now.wall).unwrap();
    log.begin_cleaning(range, settings, now.wall).unwrap()
}

/// All records that are for consumers.
pub(crate) fn records(log: &mut Log) -> Vec<Seen> {
    let mut found = Vec::new();
    for bytes in stretches(log) {
        for batch in batches(&bytes) {
            let batch = batch.unwrap();
            assert!(batch.crc_is_valid());
            if batch.is_control() {
                continue;
            }
            for record in batch.payload(1 << 20).unwrap().records() {
                let record = record.unwrap();
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                found.push(Seen {
                    offset: record.offset.0,
                    key: record.key.map(text).unwrap_or_default(),
                    value: record.value.map(text),
                });
            }
        }
    }
    found
}

/// The same, without the fillers.
pub(crate) fn rows(log: &mut Log) -> Vec<(i64, String, Option<String>)> {
    let rows = records(log).into_iter().filter(|record| record.key != "filler");
    rows.map(|Seen { offset, key, value }| (offset, key, value)).collect()
}

pub(crate) fn row(offset: i64, key: &str, value: Option<&str>) -> (i64, String, Option<String>) {
    (offset, key.to_owned(), value.map(str::to_owned))
}

/// The headers of all batches.
pub(crate) fn headers(log: &mut Log) -> Vec<BatchHeader> {
    let all = stretches(log);
    all.iter().flat_map(|bytes| batches(bytes).map(|batch| *batch.unwrap().header())).collect()
}

fn stretches(log: &mut Log) -> Vec<Vec<u8>> {
    let (mut next, end) = (log.start_offset(), log.end_offset());
    let mut found = Vec::new();
    while next < end {
        let read = log.read(next, limits(700, end)).unwrap();
        assert!(read.next_offset > next, "a read goes on");
        next = read.next_offset;
        found.push(read.slice.map_or_else(Vec::new, |slice| slice.read().unwrap()));
    }
    found
}

/// Opens the log again, as after an end in good order.
pub(crate) fn reopen(folder: &TempDir, mut log: Log) -> Log {
    let (start, first_dirty) = (log.start_offset(), log.first_dirty_offset());
    let end = log.close_cleanly().unwrap();
    drop(log);
    let opening = Opening {
        clean: true,
        recovery_point: end,
        start_offset: start,
        first_dirty: Some(first_dirty),
        now: at(2000),
    };
    open(folder.path(), config(), opening).0
}

/// Opens a log on a disk of any kind.
pub(crate) fn open_on(disk: Arc<dyn runtime::Disk>, opening: Opening) -> Log {
    let files = OpenFiles::new(disk, 4);
    Log::open(&files, "table-0".as_ref(), Arc::new(config()), opening).unwrap().0
}
