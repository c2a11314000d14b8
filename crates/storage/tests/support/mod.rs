//! What the tests of the log share: opening one, batches for it, reading it.
#![allow(dead_code, reason = "every test uses another part")]

use std::{path::Path, sync::Arc};

use protocol::records::{
    BatchBuilder, BatchHeader, Codec, Compression, ProducedBatch, batches,
    control::{ControlRecord, EndTxnMarker},
};
use runtime::{Disk, SystemDisk};
use storage::{Log, LogConfig, OpenFiles, Opening, Read, ReadLimits, Recovery};
use types::{Instant, Now, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// Opens a log on the real disk.
pub(crate) fn open(folder: &Path, config: LogConfig, opening: Opening) -> (Log, Recovery) {
    open_on(Arc::new(SystemDisk), folder, config, opening)
}

/// Opens a log.
pub(crate) fn open_on(
    disk: Arc<dyn Disk>,
    folder: &Path,
    config: LogConfig,
    opening: Opening,
) -> (Log, Recovery) {
    let files = OpenFiles::new(disk, 10);
    Log::open(&files, folder, Arc::new(config), opening).unwrap()
}

/// A log that was closed in good order up to an offset.
pub(crate) fn clean(end: Offset) -> Opening {
    Opening { clean: true, recovery_point: end, ..Opening::default() }
}

/// All batches of a log.
pub(crate) fn all(log: &mut Log) -> Vec<BatchHeader> {
    let (mut next, end) = (log.start_offset(), log.end_offset());
    let mut found = Vec::new();
    while next < end {
        let read = log.read(next, limits(777, end)).unwrap();
        found.extend(headers(&read));
        next = read.next_offset;
    }
    found
}

/// The batches that were read.
pub(crate) fn headers(read: &Read) -> Vec<BatchHeader> {
    let Some(slice) = &read.slice else { return Vec::new() };
    let bytes = slice.read().unwrap();
    batches(&bytes).map(|batch| *batch.unwrap().header()).collect()
}

/// The offsets of the batches that were read.
pub(crate) fn offsets(read: &Read) -> Vec<(i64, i64)> {
    headers(read).iter().map(|batch| (batch.base_offset().0, batch.last_offset().0)).collect()
}

pub(crate) fn limits(bytes_max: usize, upper: Offset) -> ReadLimits {
    ReadLimits { bytes_max, at_least_one_batch: true, upper }
}

/// A batch of so many records of so many bytes, a millisecond apart from 1000 on.
pub(crate) fn batch(records: i64, size: usize) -> ProducedBatch {
    batch_at(Codec::None, 1000, records, size)
}

pub(crate) fn batch_at(codec: Codec, time: i64, records: i64, size: usize) -> ProducedBatch {
    filled(BatchBuilder::new(Compression::new(codec)), time, records, size)
}

/// A batch of an idempotent producer.
pub(crate) fn produced(producer: i64, epoch: i16, sequence: i32, records: i64) -> ProducedBatch {
    let builder = BatchBuilder::new(Compression::new(Codec::None)).producer(
        ProducerId(producer),
        ProducerEpoch(epoch),
        Sequence(sequence),
    );
    filled(builder, 1000, records, 10)
}

/// A batch that belongs to its producer's transaction.
pub(crate) fn transactional(
    producer: i64,
    epoch: i16,
    sequence: i32,
    records: i64,
) -> ProducedBatch {
    let builder = BatchBuilder::new(Compression::new(Codec::None))
        .producer(ProducerId(producer), ProducerEpoch(epoch), Sequence(sequence))
        .transactional();
    filled(builder, 1000, records, 10)
}

/// The end of a transaction that is aborted.
pub(crate) fn abort(producer: i64, epoch: i16, coordinator_epoch: i32) -> ProducedBatch {
    marker(producer, epoch, &ControlRecord::Abort(EndTxnMarker { coordinator_epoch }))
}

/// The end of a transaction that is committed.
pub(crate) fn commit(producer: i64, epoch: i16, coordinator_epoch: i32) -> ProducedBatch {
    marker(producer, epoch, &ControlRecord::Commit(EndTxnMarker { coordinator_epoch }))
}

fn marker(producer: i64, epoch: i16, record: &ControlRecord) -> ProducedBatch {
    let mut builder = BatchBuilder::new(Compression::new(Codec::None))
        .producer(ProducerId(producer), ProducerEpoch(epoch), Sequence::NONE)
        .transactional()
        .control();
    builder.push_control(Timestamp(1500), record);
    ProducedBatch::trusted(&builder.build()).unwrap()
}

fn filled(mut builder: BatchBuilder, time: i64, records: i64, size: usize) -> ProducedBatch {
    for number in 0..records {
        let value = vec![u8::try_from(number % 100).unwrap(); size];
        builder.push(Timestamp(time + number), Some(b"key"), Some(&value), &[]);
    }
    ProducedBatch::trusted(&builder.build()).unwrap()
}

pub(crate) fn now() -> Now {
    at(2000)
}

pub(crate) fn at(wall: i64) -> Now {
    Now { instant: Instant(1), wall: Timestamp(wall) }
}
