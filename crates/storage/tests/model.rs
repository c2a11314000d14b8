//! Random operations and crashes, held to a model of a log that is a list of batches.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::{collection::vec, prelude::*};
use protocol::records::{
    BatchBuilder, Codec, Compression, ProducedBatch,
    control::{ControlRecord, EndTxnMarker},
    set_base_offset, set_partition_leader_epoch,
};
use runtime::{Disk, simulated::SimDisk};
use storage::{
    DataFolder, Flush, Log, LogConfig, OpenFiles, Opening, PartitionOffsets, ReadLimits,
};
use types::{
    BrokerEpoch, Instant, LeaderEpoch, Now, Offset, PartitionIndex, ProducerEpoch, ProducerId,
    Sequence, Timestamp, TopicId, TopicName, TopicPartition, Uuid,
};

/// A place in the log or an amount, as a part of 2^16 of what there is.
type Part = u16;

#[derive(Debug, Clone)]
enum Op {
    Append { records: i64, size: usize, time: i64 },
    AppendOfProducer { producer: i64, records: i64, size: usize },
    AppendAgain { producer: i64, back: usize },
    Follow { batches: usize, gap: i64 },
    AppendToTransaction { producer: i64, records: i64 },
    EndTransaction { producer: i64, is_abort: bool },
    BeginEpoch,
    BeginFlush,
    FinishFlush,
    Checkpoint,
    Truncate { at: Part },
    AdvanceStart { to: Part },
    Retain { bytes: i64 },
    RollIfDue,
    Read { from: Part, upper: Part, bytes_max: usize },
    LookUp { time: i64 },
    Close,
    Kill,
    Crash,
}

fn op() -> impl Strategy<Value = Op> {
    let part = any::<Part>;
    prop_oneof![
        8 => (1..6i64, 0..120usize, 0..5000i64)
            .prop_map(|(records, size, time)| Op::Append { records, size, time }),
        8 => (0..3i64, 1..6i64, 0..120usize)
            .prop_map(|(producer, records, size)| Op::AppendOfProducer { producer, records, size }),
        4 => (0..3i64, 0..5usize).prop_map(|(producer, back)| Op::AppendAgain { producer, back }),
        4 => (1..8usize, 0..3i64).prop_map(|(batches, gap)| Op::Follow { batches, gap }),
        5 => (10..13i64, 1..4i64)
            .prop_map(|(producer, records)| Op::AppendToTransaction { producer, records }),
        5 => (10..13i64, any::<bool>())
            .prop_map(|(producer, is_abort)| Op::EndTransaction { producer, is_abort }),
        2 => Just(Op::BeginEpoch),
        5 => Just(Op::BeginFlush),
        5 => Just(Op::FinishFlush),
        2 => Just(Op::Checkpoint),
        1 => part().prop_map(|at| Op::Truncate { at }),
        1 => part().prop_map(|to| Op::AdvanceStart { to }),
        1 => (0..4000i64).prop_map(|bytes| Op::Retain { bytes }),
        1 => Just(Op::RollIfDue),
        6 => (part(), part(), 0..2000usize)
            .prop_map(|(from, upper, bytes_max)| Op::Read { from, upper, bytes_max }),
        3 => (0..5200i64).prop_map(|time| Op::LookUp { time }),
        1 => Just(Op::Close),
        1 => Just(Op::Kill),
        2 => Just(Op::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_is_its_model_through_operations_and_crashes(
        seed in any::<u64>(),
        ops in vec(op(), 1..150),
    ) {
        let mut world = World::new(seed);
        for op in ops {
            world.run(op);
        }
        world.run(Op::Crash);
        world.check_everything();
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

/// A batch as it must lie in the log.
#[derive(Debug, Clone)]
struct ModelBatch {
    base: Offset,
    last: Offset,
    time: i64,
    epoch: LeaderEpoch,
    sent: Option<Sent>,
    within: Option<InTransaction>,
    bytes: Vec<u8>,
}

/// What a batch is in its producer's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InTransaction {
    Record { producer: i64 },
    End { producer: i64, is_abort: bool },
}

/// The batch as an idempotent producer sent it.
#[derive(Debug, Clone)]
struct Sent {
    producer: i64,
    last_sequence: Sequence,
    bytes: Vec<u8>,
}

struct World {
    disk: SimDisk,
    folder: Option<DataFolder>,
    log: Option<Log>,
    batches: Vec<ModelBatch>,
    start: Offset,
    end: Offset,
    flushed: Offset,
    epoch: LeaderEpoch,
    flush: Option<Flush>,
    wall: i64,
    /// Transactions are known from here on: what was before was left behind with the old start.
    known_from: Offset,
}

impl World {
    fn new(seed: u64) -> World {
        let mut world = World {
            disk: SimDisk::new(seed),
            folder: None,
            log: None,
            batches: Vec::new(),
            start: Offset::ZERO,
            end: Offset::ZERO,
            flushed: Offset::ZERO,
            epoch: LeaderEpoch(0),
            flush: None,
            wall: 1_000_000,
            known_from: Offset::ZERO,
        };
        world.open();
        world
    }

    fn run(&mut self, op: Op) {
        self.wall += 10;
        match op {
            Op::Append { records, size, time } => self.append(records, size, time),
            Op::AppendOfProducer { producer, records, size } => {
                self.append_of_producer(producer, records, size);
            }
            Op::AppendAgain { producer, back } => self.append_again(producer, back),
            Op::Follow { batches, gap } => self.follow(batches, gap),
            Op::AppendToTransaction { producer, records } => {
                self.append_to_transaction(producer, records);
            }
            Op::EndTransaction { producer, is_abort } => self.end_transaction(producer, is_abort),
            Op::BeginEpoch => {
                self.epoch = self.epoch.next();
                let epoch = self.epoch;
                self.log().begin_epoch(epoch);
            }
            Op::BeginFlush => {
                if let Some(flush) = self.log().begin_flush().unwrap() {
                    assert!(self.flush.is_none(), "one flush is on its way at a time");
                    self.flush = Some(flush);
                }
            }
            Op::FinishFlush => self.finish_flush(),
            Op::Checkpoint => self.checkpoint(),
            Op::Truncate { at } => self.truncate(at),
            Op::AdvanceStart { to } => self.advance_start(to),
            Op::Retain { bytes } => self.retain(bytes),
            Op::RollIfDue => {
                let now = self.now();
                self.log().roll_if_due(now).unwrap();
            }
            Op::Read { from, upper, bytes_max } => self.read(from, upper, bytes_max),
            Op::LookUp { time } => self.look_up(time),
            Op::Close => self.close(),
            Op::Kill => self.kill(),
            Op::Crash => self.crash(),
        }
        assert_eq!(self.log().end_offset(), self.end);
        assert_eq!(self.log().start_offset(), self.start);
    }

    fn append(&mut self, records: i64, size: usize, time: i64) {
        let sent = builder(records, size, time, self.end.0, |builder| builder);
        let (epoch, now) = (self.epoch, self.now());
        let appended = self.log().append_as_leader(produced(&sent), epoch, now).unwrap();
        assert_eq!(appended.base_offset, self.end);
        self.push(&sent, records, time, None);
    }

    fn append_of_producer(&mut self, producer: i64, records: i64, size: usize) {
        let next = self.last_sequence(producer).map_or(Sequence(i32::MAX - 7), |last| last.plus(1));
        let sent = builder(records, size, 77, self.end.0, |builder| {
            builder.producer(ProducerId(producer), ProducerEpoch(0), next)
        });
        let (epoch, now) = (self.epoch, self.now());
        let appended = self.log().append_as_leader(produced(&sent), epoch, now).unwrap();
        assert_eq!((appended.base_offset, appended.duplicate), (self.end, false));
        let last_sequence = next.plus(i32::try_from(records - 1).unwrap());
        let sent = Sent { producer, last_sequence, bytes: sent };
        let bytes = sent.bytes.clone();
        self.push(&bytes, records, 77, Some(sent));
    }

    fn append_to_transaction(&mut self, producer: i64, records: i64) {
        let known_from = self.known_from;
        let is_known = |batch: &&ModelBatch| batch.base >= known_from;
        let last = self
            .batches
            .iter()
            .rev()
            .filter(is_known)
            .find_map(|batch| batch.sent.as_ref().filter(|sent| sent.producer == producer));
        let next = last.map_or(Sequence(0), |last| last.last_sequence.plus(1));
        let sent = builder(records, 20, 88, self.end.0, |builder| {
            builder.producer(ProducerId(producer), ProducerEpoch(0), next).transactional()
        });
        let (epoch, now) = (self.epoch, self.now());
        self.log().append_as_leader(produced(&sent), epoch, now).unwrap();
        let last_sequence = next.plus(i32::try_from(records - 1).unwrap());
        let of = Sent { producer, last_sequence, bytes: sent.clone() };
        self.push(&sent, records, 88, Some(of));
        self.batches.last_mut().unwrap().within = Some(InTransaction::Record { producer });
    }

    fn end_transaction(&mut self, producer: i64, is_abort: bool) {
        let end = EndTxnMarker { coordinator_epoch: 0 };
        let record = if is_abort { ControlRecord::Abort(end) } else { ControlRecord::Commit(end) };
        let mut builder = BatchBuilder::new(Compression::new(Codec::None))
            .producer(ProducerId(producer), ProducerEpoch(0), Sequence::NONE)
            .transactional()
            .control();
        builder.push_control(Timestamp(99), &record);
        let sent = builder.build().to_vec();
        let (epoch, now) = (self.epoch, self.now());
        self.log().append_as_leader(produced(&sent), epoch, now).unwrap();
        self.push(&sent, 1, 99, None);
        self.batches.last_mut().unwrap().within = Some(InTransaction::End { producer, is_abort });
    }

    fn append_again(&mut self, producer: i64, back: usize) {
        let start = self.start;
        let of_producer = |batch: &&ModelBatch| {
            let by_it = batch.sent.as_ref().is_some_and(|sent| sent.producer == producer);
            by_it && batch.base >= start
        };
        let Some(first) = self.batches.iter().rev().filter(of_producer).nth(back).cloned() else {
            return;
        };
        let (epoch, now) = (self.epoch, self.now());
        let again = first.sent.unwrap().bytes;
        let appended = self.log().append_as_leader(produced(&again), epoch, now).unwrap();
        assert!(appended.duplicate);
        assert_eq!((appended.base_offset, appended.last_offset), (first.base, first.last));
    }

    fn follow(&mut self, batches: usize, gap: i64) {
        let (before, mut bytes) = (self.batches.len(), Vec::new());
        for number in 0..batches {
            self.end = self.end.plus(gap);
            let time = 100 * i64::try_from(number).unwrap();
            let sent = builder(2, 40, time, self.end.0, |builder| builder);
            self.push(&sent, 2, time, None);
        }
        for batch in &self.batches[before..] {
            bytes.extend(&batch.bytes);
        }
        let now = self.now();
        self.log().append_as_follower(&bytes, now).unwrap();
    }

    fn push(&mut self, sent: &[u8], records: i64, time: i64, of: Option<Sent>) {
        let mut bytes = sent.to_vec();
        set_base_offset(&mut bytes, self.end);
        set_partition_leader_epoch(&mut bytes, self.epoch);
        let (base, last, epoch) = (self.end, self.end.plus(records - 1), self.epoch);
        self.batches.push(ModelBatch { base, last, time, epoch, sent: of, within: None, bytes });
        self.end = last.next();
    }

    fn last_sequence(&self, producer: i64) -> Option<Sequence> {
        let of_producer = |batch: &ModelBatch| {
            batch.sent.as_ref().filter(|sent| sent.producer == producer).map(|s| s.last_sequence)
        };
        self.batches.iter().rev().find_map(of_producer)
    }

    fn finish_flush(&mut self) {
        if let Some(flush) = self.flush.take() {
            let outcome = flush.run();
            let flushed = self.log().finish_flush(&flush, outcome, Instant(0)).unwrap();
            assert!(flushed <= self.end);
            self.flushed = flushed;
        }
    }

    /// Writes what the node keeps for all logs together.
    fn checkpoint(&mut self) {
        let (recovery_point, start) = (self.log().recovery_point(), self.log().start_offset());
        let folder = self.folder.as_ref().unwrap();
        let offsets = |offset| PartitionOffsets::from([(partition(), offset)]);
        folder.write_recovery_points(&offsets(recovery_point)).unwrap();
        folder.write_start_offsets(&offsets(start)).unwrap();
    }

    fn truncate(&mut self, at: Part) {
        let (at, now) = (self.offset(self.start, at), self.now());
        self.log().truncate_to(at, now).unwrap();
        if at < self.end {
            let holds = |batch: &&ModelBatch| batch.base <= at && at <= batch.last;
            let end = match self.batches.iter().find(holds) {
                // What is in front of the start is not kept.
                Some(batch) if at > self.start => batch.base.max(self.start),
                Some(_) | None => at,
            };
            let is_left_behind =
                self.batches.iter().find(holds).is_some_and(|b| b.base < self.start);
            if at <= self.start || is_left_behind {
                self.known_from = end;
            }
            self.keep(at);
            assert_eq!(self.log().end_offset(), end);
            self.end = end;
            self.start = self.start.min(end);
            self.flushed = self.flushed.min(end);
        }
        self.checkpoint();
    }

    /// Keeps the batches that end before `end`.
    fn keep(&mut self, end: Offset) {
        self.batches.retain(|batch| batch.last < end);
    }

    fn advance_start(&mut self, to: Part) {
        let to = self.offset(self.start, to).min(self.flushed);
        self.log().advance_start_offset(to);
        self.start = self.start.max(to);
        self.checkpoint();
    }

    fn retain(&mut self, bytes: i64) {
        let (now, upper) = (self.now(), self.flushed);
        let config = LogConfig { retention_bytes: bytes, ..config() };
        self.log().set_config(Arc::new(config));
        if let Some(removal) = self.log().apply_retention(upper, now).unwrap() {
            removal.run().unwrap();
        }
        let start = self.log().start_offset();
        assert!(start >= self.start && start <= upper.max(self.start));
        self.start = start;
    }

    fn read(&mut self, from: Part, upper: Part, bytes_max: usize) {
        let from = self.offset(self.start, from);
        let upper = self.offset(from, upper);
        let limits =
            ReadLimits { bytes_max, at_least_one_batch: bytes_max.is_multiple_of(2), upper };
        let read = self.log().read(from, limits).unwrap();
        let found = read.slice.map_or_else(Vec::new, |slice| slice.read().unwrap());
        let mut wanted: Vec<u8> = Vec::new();
        let whole = self.batches.iter().filter(|batch| batch.last >= from && batch.last < upper);
        for batch in whole {
            let is_first = wanted.is_empty() && limits.at_least_one_batch;
            if found.len() == wanted.len() && !found.is_empty() {
                break;
            }
            if wanted.len() + batch.bytes.len() > bytes_max && !is_first {
                break;
            }
            wanted.extend(&batch.bytes);
        }
        // A read may stop at the end of a segment, but never without anything.
        assert!(wanted.starts_with(&found), "read something else from {from} up to {upper}");
        assert_eq!(found.is_empty(), wanted.is_empty());
    }

    fn look_up(&mut self, time: i64) {
        let found = self.log().offset_for_timestamp(Timestamp(time)).unwrap();
        let start = self.start;
        let record = |batch: &ModelBatch| {
            // Records of a batch are a millisecond apart.
            let count = batch.last.since(batch.base);
            (0..=count)
                .map(|delta| (batch.base.plus(delta), batch.time + delta))
                .find(|(offset, at)| *offset >= start && *at >= time)
        };
        let wanted = self.batches.iter().find_map(record);
        assert_eq!(found.map(|found| (found.offset, found.timestamp.0)), wanted);
    }

    fn close(&mut self) {
        self.flush = None;
        let mut log = self.log.take().unwrap();
        let end = log.close_cleanly().unwrap();
        assert_eq!(end, self.end);
        self.log = Some(log);
        self.checkpoint();
        self.folder.as_ref().unwrap().write_clean_shutdown(BrokerEpoch(1)).unwrap();
        self.flushed = self.end;
        self.end_process(SimDisk::kill);
        let end = self.log().end_offset();
        self.forget_gap(end);
        assert_eq!(self.log().flushed_end(), self.end);
        self.check_everything();
    }

    fn kill(&mut self) {
        self.end_process(SimDisk::kill);
        let end = self.log().end_offset();
        self.forget_gap(end);
        assert_eq!(end, self.end, "a killed process loses nothing");
        self.check_everything();
    }

    fn crash(&mut self) {
        self.end_process(SimDisk::crash);
        let end = self.log().end_offset();
        let lost = self.batches.iter().find(|batch| batch.last >= end).map(|batch| batch.base);
        assert!(lost.is_none_or(|lost| lost >= end), "a crash takes whole batches");
        self.keep(end);
        self.forget_gap(end);
        assert!(end >= self.flushed, "what was flushed up to {} ends at {end}", self.flushed);
        assert!(end <= self.end);
        self.end = end;
        self.check_everything();
    }

    /// An end behind offsets that no batch has, which truncation leaves, is not written anywhere.
    fn forget_gap(&mut self, end: Offset) {
        if self.batches.last().is_none_or(|last| last.last < end) {
            self.end = self.end.min(end);
            self.flushed = self.flushed.min(end);
        }
    }

    fn end_process(&mut self, end: impl Fn(&SimDisk) -> SimDisk) {
        self.flush = None;
        self.log = None;
        self.folder = None;
        self.disk = end(&self.disk);
        self.open();
    }

    fn open(&mut self) {
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let folder = DataFolder::open(Arc::clone(&disk), Path::new("data")).unwrap();
        let clean = folder.take_clean_shutdown().unwrap().is_some();
        let offset =
            |offsets: PartitionOffsets| offsets.get(&partition()).copied().unwrap_or(Offset::ZERO);
        let opening = Opening {
            clean,
            recovery_point: offset(folder.recovery_points().unwrap()),
            start_offset: offset(folder.start_offsets().unwrap()),
            first_dirty: None,
            now: self.now(),
        };
        let path: PathBuf =
            folder.create_partition(&partition(), TopicId(Uuid::from_u128(9))).unwrap();
        let files = OpenFiles::new(disk, 3);
        let (log, _) = Log::open(&files, &path, Arc::new(config()), opening).unwrap();
        let moved_back = log.recovery_point() < opening.recovery_point;
        self.folder = Some(folder);
        self.log = Some(log);
        if moved_back {
            self.checkpoint();
        }
    }

    fn check_everything(&mut self) {
        let (mut next, end) = (self.start, self.end);
        let mut found = Vec::new();
        while next < end {
            let limits = ReadLimits { bytes_max: 500, at_least_one_batch: true, upper: end };
            let read = self.log().read(next, limits).unwrap();
            assert!(read.next_offset > next, "a read goes on");
            next = read.next_offset;
            found.extend(read.slice.map_or_else(Vec::new, |slice| slice.read().unwrap()));
        }
        let start = self.start;
        let there = self.batches.iter().filter(|batch| batch.last >= start);
        let wanted: Vec<u8> = there.flat_map(|batch| batch.bytes.clone()).collect();
        assert!(found == wanted, "the log holds what was appended");
        self.check_epochs();
        self.check_transactions();
    }

    fn check_transactions(&mut self) {
        let (mut open, mut aborted) = (BTreeMap::new(), Vec::new());
        let known_from = self.known_from;
        for batch in self.batches.iter().filter(|batch| batch.base >= known_from) {
            match batch.within {
                Some(InTransaction::Record { producer }) => {
                    open.entry(producer).or_insert(batch.base);
                }
                Some(InTransaction::End { producer, is_abort }) => {
                    let first = open.remove(&producer);
                    aborted.extend(
                        first.filter(|_| is_abort).map(|first| (producer, first, batch.last)),
                    );
                }
                None => {}
            }
        }
        let (start, end) = (self.start, self.end);
        aborted.retain(|(_, _, last)| *last >= start);
        let found = self.log().aborted_transactions(start, end).unwrap();
        let found: Vec<_> =
            found.iter().map(|one| (one.producer.0, one.first_offset, one.last_offset)).collect();
        assert_eq!(found, aborted, "the aborted transactions from {start} to {end}");
        let stable = open.values().min().map_or(end, |first| *first).max(start);
        assert_eq!(self.log().last_stable_offset(end), stable);
    }

    fn check_epochs(&mut self) {
        let epochs: Vec<(Offset, LeaderEpoch)> = self
            .batches
            .iter()
            .filter(|batch| batch.base >= self.start)
            .map(|batch| (batch.base, batch.epoch))
            .collect();
        for (base, epoch) in epochs {
            assert_eq!(self.log().epoch_of(base), Some(epoch));
        }
    }

    fn log(&mut self) -> &mut Log {
        self.log.as_mut().unwrap()
    }

    fn now(&self) -> Now {
        Now { instant: Instant(0), wall: Timestamp(self.wall) }
    }

    fn offset(&self, from: Offset, part: Part) -> Offset {
        from.plus(self.end.since(from) * i64::from(part) / i64::from(Part::MAX))
    }
}

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 1500,
        segment_ms: 3000,
        index_interval_bytes: 200,
        segment_index_bytes: 60,
        retention_ms: -1,
        ..LogConfig::default()
    }
}

fn partition() -> TopicPartition {
    TopicPartition { topic: TopicName::parse("model").unwrap(), partition: PartitionIndex(0) }
}

/// A batch whose content nobody else wrote.
fn builder(
    records: i64,
    size: usize,
    time: i64,
    mark: i64,
    with: impl FnOnce(BatchBuilder) -> BatchBuilder,
) -> Vec<u8> {
    let mut builder = with(BatchBuilder::new(Compression::new(Codec::None)));
    for delta in 0..records {
        let value = vec![u8::try_from(mark % 251).unwrap(); size];
        builder.push(Timestamp(time + delta), None, Some(&value), &[]);
    }
    builder.build().to_vec()
}

fn produced(batch: &[u8]) -> ProducedBatch {
    ProducedBatch::trusted(&batch.to_vec().into()).unwrap()
}
