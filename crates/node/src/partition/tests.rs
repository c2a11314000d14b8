//! One partition whose log holds transactions, which no client can write yet.

use std::{path::Path, time::Duration};

use protocol::records::{
    BatchBuilder, Codec, Compression, batches,
    control::{ControlRecord, EndTxnMarker},
};
use runtime::{Disk, simulated::SimDisk};
use storage::{LogConfig, OpenFiles, Opening};
use types::{ProducerEpoch, ProducerId, Sequence, Timestamp};

use super::{reads::Readable, *};
use crate::{effect::Ticket, list_offsets, request::Fetch};

#[test]
fn pitfall_16_a_read_of_committed_records_stops_before_the_first_open_transaction() {
    let mut partition = partition();
    append(&mut partition, [plain(), transactional(0), plain()]);
    let committed = read(&mut partition, Isolation::Committed);
    assert_eq!((committed.last_stable, committed.high_watermark), (Offset(1), Offset(3)));
    assert_eq!(count(&committed), 1);
    let uncommitted = read(&mut partition, Isolation::Uncommitted);
    assert_eq!(count(&uncommitted), 3);
}

#[test]
fn pitfall_16_what_was_aborted_is_told_only_to_those_who_read_committed_records() {
    let mut partition = partition();
    append(&mut partition, [plain(), transactional(0), abort()]);
    let committed = read(&mut partition, Isolation::Committed);
    let aborted: Vec<_> = committed.aborted.iter().map(|one| one.first_offset).collect();
    assert_eq!((count(&committed), aborted), (3, vec![Offset(1)]));
    assert!(read(&mut partition, Isolation::Uncommitted).aborted.is_empty());
}

#[test]
fn pitfall_24_the_latest_offset_of_committed_records_is_the_last_stable_one() {
    let mut partition = partition();
    append(&mut partition, [plain(), transactional(0), plain()]);
    let latest = |partition: &mut Partition, isolation| {
        list_offsets::latest(partition, Some(isolation)).expect("the log is there").offset
    };
    assert_eq!(latest(&mut partition, Isolation::Committed), Offset(1));
    assert_eq!(latest(&mut partition, Isolation::Uncommitted), Offset(3));
    append(&mut partition, [abort()]);
    assert_eq!(latest(&mut partition, Isolation::Committed), Offset(4));
}

#[test]
fn a_fetch_of_committed_records_is_woken_by_the_end_of_the_transaction() {
    let mut partition = partition();
    append(&mut partition, [transactional(0)]);
    let request = Fetch {
        isolation: Isolation::Committed,
        wait_max: Duration::from_secs(1),
        bytes_min: 100_000,
        bytes_max: 1 << 20,
        partitions: Vec::new(),
    };
    let wait = Arc::new(FetchWait::new(Ticket(1), Instant(9), request, Vec::new(), 100_000));
    let mut effects = Vec::new();
    let seen = read(&mut partition, Isolation::Committed).last_stable;
    partition.park_fetch(&wait, seen, &mut effects);
    partition.append(now(), plain(), &mut effects).expect("the disk is well");
    assert!(effects.is_empty(), "nothing more can be read yet");
    partition.append(now(), abort(), &mut effects).expect("the disk is well");
    assert!(matches!(&effects[..], [PartitionEffect::Wake(_)]));
}

fn partition() -> Box<Partition> {
    let disk = SimDisk::new(1);
    disk.create_folder(Path::new("log")).expect("the disk is empty");
    let files = OpenFiles::new(Arc::new(disk), 10);
    let config = Arc::new(LogConfig::default());
    let (log, _) = Log::open(&files, Path::new("log"), config, Opening::default())
        .expect("an empty folder is a log");
    Partition::lead(log, LeaderEpoch(0), Offset::ZERO, Instant(0), &mut Vec::new())
}

fn append(partition: &mut Partition, batches: impl IntoIterator<Item = ProducedBatch>) {
    for batch in batches {
        let appended = partition.append(now(), batch, &mut Vec::new());
        appended.expect("the disk is well");
    }
}

fn read(partition: &mut Partition, isolation: Isolation) -> Readable {
    partition.read(Offset(0), None, isolation, 1 << 20, true).expect("the log begins at 0")
}

fn count(readable: &Readable) -> usize {
    let slice = readable.records.as_ref().expect("something can be read");
    batches(&slice.read().expect("the disk is well")).count()
}

fn plain() -> ProducedBatch {
    built(builder(), None)
}

fn transactional(sequence: i32) -> ProducedBatch {
    built(of_producer(Sequence(sequence)), None)
}

fn abort() -> ProducedBatch {
    let marker = ControlRecord::Abort(EndTxnMarker { coordinator_epoch: 0 });
    built(of_producer(Sequence::NONE).control(), Some(&marker))
}

fn builder() -> BatchBuilder {
    BatchBuilder::new(Compression::new(Codec::None))
}

fn of_producer(sequence: Sequence) -> BatchBuilder {
    builder().producer(ProducerId(7), ProducerEpoch(0), sequence).transactional()
}

fn built(mut builder: BatchBuilder, marker: Option<&ControlRecord>) -> ProducedBatch {
    match marker {
        Some(marker) => builder.push_control(Timestamp(1), marker),
        None => builder.push(Timestamp(1), None, Some(b"value"), &[]),
    }
    ProducedBatch::trusted(&builder.build()).expect("a built batch is whole")
}

fn now() -> Now {
    Now { instant: Instant(0), wall: Timestamp(1) }
}
