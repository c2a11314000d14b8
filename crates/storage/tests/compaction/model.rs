//! Random operations, rounds and crashes, held to what compaction promises.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use proptest::{collection::vec, prelude::*};
use protocol::records::{BatchBuilder, Codec, Compression, ProducedBatch};
use runtime::{Disk, simulated::SimDisk};
use storage::{Log, Opening, Progress};
use types::{Instant, LeaderEpoch, Now, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::{
    support::{abort, at, commit},
    table::*,
};

/// Keys of one batch; every third is a tombstone.
type Keys = Vec<u8>;

#[derive(Debug, Clone)]
enum Op {
    Append(Keys),
    AppendOfProducer { producer: i64, keys: Keys },
    Transaction { keys: Keys, is_aborted: bool },
    AppendAgain { producer: i64 },
    Flush,
    Clean { steps: usize },
    Pass { milliseconds: i64 },
    Kill,
    Crash,
}

fn op() -> impl Strategy<Value = Op> {
    let keys = || vec(0..18u8, 1..4);
    prop_oneof![
        8 => keys().prop_map(Op::Append),
        5 => (1..4i64, keys()).prop_map(|(producer, keys)| Op::AppendOfProducer { producer, keys }),
        3 => (keys(), any::<bool>())
            .prop_map(|(keys, is_aborted)| Op::Transaction { keys, is_aborted }),
        2 => (1..4i64).prop_map(|producer| Op::AppendAgain { producer }),
        3 => Just(Op::Flush),
        5 => prop_oneof![Just(1000), 0..12usize].prop_map(|steps| Op::Clean { steps }),
        2 => (1..1500i64).prop_map(|milliseconds| Op::Pass { milliseconds }),
        1 => Just(Op::Kill),
        1 => Just(Op::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn compaction_keeps_its_promises_through_operations_and_crashes(
        seed in any::<u64>(),
        ops in vec(op(), 1..120),
    ) {
        let mut world = World::new(seed);
        for op in ops {
            world.run(op);
            world.check();
        }
        world.run(Op::Crash);
        world.check();
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100)
}

/// A record as it was appended.
#[derive(Debug, Clone)]
struct Row {
    key: String,
    value: Option<String>,
    is_aborted: bool,
    /// From when on a tombstone may be gone: after a round that saw it, and the time it stays.
    gone_from: Option<i64>,
}

/// What a producer sent last.
#[derive(Debug, Clone)]
struct Sent {
    batch: ProducedBatch,
    base: Offset,
    last: Offset,
    next: Sequence,
}

struct World {
    disk: SimDisk,
    log: Option<Log>,
    rows: BTreeMap<i64, Row>,
    /// All that each producer sent, oldest first.
    sent: BTreeMap<i64, Vec<Sent>>,
    end: Offset,
    flushed: Offset,
    recovery_point: Offset,
    wall: i64,
    values: u64,
}

impl World {
    fn new(seed: u64) -> World {
        let disk = SimDisk::new(seed);
        let mut world = World {
            disk,
            log: None,
            rows: BTreeMap::new(),
            sent: BTreeMap::new(),
            end: Offset::ZERO,
            flushed: Offset::ZERO,
            recovery_point: Offset::ZERO,
            wall: 10_000,
            values: 0,
        };
        world.open();
        world
    }

    fn run(&mut self, op: Op) {
        self.wall += 1;
        match op {
            Op::Append(keys) => {
                let plain = BatchBuilder::new(Compression::new(Codec::None));
                self.append(plain, &keys, false);
            }
            Op::AppendOfProducer { producer, keys } => self.append_of(producer, &keys, None),
            Op::Transaction { keys, is_aborted } => self.append_of(9, &keys, Some(is_aborted)),
            Op::AppendAgain { producer } => self.append_again(producer),
            Op::Flush => self.flush(),
            Op::Clean { steps } => self.clean(steps),
            Op::Pass { milliseconds } => self.wall += milliseconds,
            Op::Kill => self.end_process(SimDisk::kill),
            Op::Crash => self.end_process(SimDisk::crash),
        }
    }

    fn append(
        &mut self,
        mut builder: BatchBuilder,
        keys: &[u8],
        is_aborted: bool,
    ) -> ProducedBatch {
        let base = self.end.0;
        for (offset, number) in (base..).zip(keys) {
            self.values += 1;
            let value = (number % 3 != 0).then(|| format!("{:030}", self.values));
            let key = format!("key {}", number / 3);
            let bytes = value.as_deref().map(str::as_bytes);
            builder.push(Timestamp(self.wall), Some(key.as_bytes()), bytes, &[]);
            self.rows.insert(offset, Row { key, value, is_aborted, gone_from: None });
        }
        let batch = ProducedBatch::trusted(&builder.build()).unwrap();
        let now = self.now();
        let appended = self.log().append_as_leader(batch.clone(), LeaderEpoch(0), now).unwrap();
        assert_eq!((appended.base_offset, appended.duplicate), (self.end, false));
        self.end = appended.last_offset.next();
        batch
    }

    /// With a transaction, which the batch is all of, it is ended at once.
    fn append_of(&mut self, producer: i64, keys: &[u8], ended: Option<bool>) {
        let before = self.sent.get(&producer).and_then(|sent| sent.last());
        let sequence = before.map_or(Sequence(0), |sent| sent.next);
        let mut builder = BatchBuilder::new(Compression::new(Codec::Lz4)).producer(
            ProducerId(producer),
            ProducerEpoch(0),
            sequence,
        );
        if ended.is_some() {
            builder = builder.transactional();
        }
        let base = self.end;
        let batch = self.append(builder, keys, ended == Some(true));
        let last = self.end.plus(-1);
        let next = sequence.plus(i32::try_from(keys.len()).unwrap());
        self.sent.entry(producer).or_default().push(Sent { batch, base, last, next });
        if let Some(is_aborted) = ended {
            self.end_transaction(is_aborted);
        }
    }

    fn end_transaction(&mut self, is_aborted: bool) {
        let marker = if is_aborted { abort(9, 0, 1) } else { commit(9, 0, 1) };
        let now = self.now();
        self.log().append_as_leader(marker, LeaderEpoch(0), now).unwrap();
        self.end = self.end.next();
    }

    /// The last batch of a producer is known, whatever became of its records.
    fn append_again(&mut self, producer: i64) {
        let Some(sent) = self.sent.get(&producer).and_then(|sent| sent.last()).cloned() else {
            return;
        };
        let now = self.now();
        let again = self.log().append_as_leader(sent.batch, LeaderEpoch(0), now).unwrap();
        assert!(again.duplicate);
        assert_eq!((again.base_offset, again.last_offset), (sent.base, sent.last));
    }

    fn flush(&mut self) {
        self.flushed = self.log().flush(Instant(0)).unwrap();
        // As the node writes it down, now and then.
        self.recovery_point = self.log().recovery_point();
    }

    /// A round that may be given up after some steps.
    fn clean(&mut self, steps: usize) {
        let (now, retention) = (self.wall, config().delete_retention_ms);
        let end = self.end;
        let log = self.log();
        let stable = log.last_stable_offset(end);
        let range = log.cleanable(stable, Timestamp(now)).unwrap();
        let mut cleaning = log.begin_cleaning(range, SETTINGS, Timestamp(now)).unwrap();
        for _ in 0..steps {
            match cleaning.work(150).unwrap() {
                Progress::Working => {}
                Progress::Swap(group) => log.swap(*group).unwrap().unwrap().run().unwrap(),
                Progress::Done(first_dirty) => {
                    log.finish_cleaning(&cleaning, first_dirty);
                    break;
                }
            }
        }
        cleaning.discard();
        for (_, row) in self.rows.range_mut(..range.end.0) {
            row.gone_from.get_or_insert(now + retention);
        }
    }

    fn end_process(&mut self, end: impl Fn(&SimDisk) -> SimDisk) {
        self.log = None;
        self.disk = end(&self.disk);
        self.open();
        let end = self.log().end_offset();
        assert!(end >= self.flushed && end <= self.end, "{end} of {}", self.end);
        self.end = end;
        self.rows.split_off(&end.0);
        for sent in self.sent.values_mut() {
            sent.retain(|sent| sent.last < end);
        }
        if self.log().last_stable_offset(end) < end {
            // A crash took the marker: the coordinator sends it again.
            let is_aborted = self.rows.last_key_value().is_some_and(|(_, row)| row.is_aborted);
            self.end_transaction(is_aborted);
        }
        let producers: Vec<i64> = self.sent.keys().copied().collect();
        for producer in producers {
            self.append_again(producer);
        }
    }

    fn open(&mut self) {
        self.disk.create_folder(Path::new("table-0")).unwrap();
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let recovery_point = self.recovery_point;
        let opening = Opening { recovery_point, now: self.now(), ..Opening::default() };
        self.log = Some(open_on(disk, opening));
        let lowered = self.log().recovery_point();
        self.recovery_point = recovery_point.min(lowered);
    }

    /// What is there was appended, at its offset; of what was appended nothing is missing but what
    /// has been superseded, deleted long enough ago, or aborted.
    fn check(&mut self) {
        assert_eq!((self.log().start_offset(), self.log().end_offset()), (Offset(0), self.end));
        let found = records(self.log.as_mut().unwrap());
        assert!(found.is_sorted_by(|one, next| one.offset < next.offset));
        for seen in &found {
            let row = &self.rows[&seen.offset];
            assert_eq!((&seen.key, &seen.value), (&row.key, &row.value));
            if row.is_aborted {
                let (from, to) = (Offset(seen.offset), Offset(seen.offset + 1));
                assert_eq!(self.log().aborted_transactions(from, to).unwrap().len(), 1);
            }
        }
        let mut last: BTreeMap<&str, (i64, &Row)> = BTreeMap::new();
        for (offset, row) in self.rows.iter().filter(|(_, row)| !row.is_aborted) {
            last.insert(&row.key, (*offset, row));
        }
        for (key, (offset, row)) in last {
            let is_there = found.iter().any(|seen| seen.offset == offset);
            let may_be_gone =
                row.value.is_none() && row.gone_from.is_some_and(|from| from <= self.wall);
            assert!(is_there || may_be_gone, "{key} at {offset} is lost");
        }
    }

    fn log(&mut self) -> &mut Log {
        self.log.as_mut().unwrap()
    }

    fn now(&self) -> Now {
        at(self.wall)
    }
}
