//! Small cases, in which every outcome of a power cut can be looked at: after each step, each subset
//! of what was not synced survives once.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{path::Path, sync::Arc};

use protocol::records::{BatchHeader, ProducedBatch};
use runtime::{Disk, simulated::SimDisk};
use storage::{Log, LogConfig, Opening};
use support::{abort, all, batch, now, open_on, produced, transactional};
use types::{Instant, LeaderEpoch, Offset};

/// So many changes are looked at in all ways; of more, those ways that keep all behind them.
const CHANGES_MAX: usize = 12;

/// What is done to a log.
#[derive(Debug, Clone, Copy)]
enum Step {
    Append(fn() -> ProducedBatch),
    BeginEpoch(i32),
    Flush,
    Truncate(i64),
    RefuseForWantOfRoom,
}

#[test]
fn appends_flushes_and_rolls_survive_every_power_cut() {
    every_crash(&[
        Step::Append(|| batch(1, 150)),
        Step::Append(|| batch(2, 100)),
        Step::Flush,
        Step::Append(|| batch(1, 150)),
        Step::Append(|| batch(1, 150)),
        Step::Flush,
        Step::Append(|| batch(1, 150)),
    ]);
}

#[test]
fn truncation_survives_every_power_cut() {
    every_crash(&[
        Step::Append(|| batch(1, 150)),
        Step::Append(|| batch(1, 150)),
        Step::Append(|| batch(1, 150)),
        Step::Flush,
        Step::Truncate(1),
        Step::Append(|| batch(1, 100)),
        Step::Flush,
        Step::Append(|| batch(1, 100)),
    ]);
}

#[test]
fn producers_and_epochs_survive_every_power_cut() {
    every_crash(&[
        Step::Append(|| produced(7, 0, 0, 1)),
        Step::BeginEpoch(5),
        Step::Append(|| produced(7, 0, 1, 1)),
        Step::Flush,
        Step::Append(|| produced(7, 0, 2, 1)),
        Step::BeginEpoch(6),
        Step::Append(|| batch(1, 300)),
        Step::Append(|| produced(7, 0, 3, 1)),
    ]);
}

#[test]
fn transactions_survive_every_power_cut() {
    every_crash(&[
        Step::Append(|| transactional(7, 0, 0, 1)),
        Step::Append(|| abort(7, 0, 0)),
        Step::Flush,
        Step::Append(|| transactional(7, 0, 1, 1)),
        Step::Append(|| batch(1, 250)),
        Step::Append(|| abort(7, 0, 0)),
        Step::Append(|| transactional(7, 0, 2, 1)),
    ]);
}

#[test]
fn a_full_disk_and_then_every_power_cut() {
    every_crash(&[
        Step::Append(|| batch(1, 100)),
        Step::Flush,
        Step::RefuseForWantOfRoom,
        Step::Append(|| batch(1, 450)),
        Step::Flush,
        Step::Append(|| batch(1, 50)),
    ]);
}

fn every_crash(steps: &[Step]) {
    let mut outcomes = 0_u64;
    for count in 1..=steps.len() {
        let unsynced = Run::of(&steps[..count]).disk.unsynced();
        for kept in 0..1_u64 << unsynced.min(CHANGES_MAX) {
            let run = Run::of(&steps[..count]);
            let kept = kept | u64::MAX << CHANGES_MAX;
            run.check(&run.disk.crash_keeping(kept), &format!("{count} steps, kept {kept:b}"));
            outcomes += 1;
        }
    }
    assert!(outcomes > 100, "{outcomes} are not many");
}

/// A log to which something was done, and what must be true of it.
struct Run {
    disk: SimDisk,
    log: Log,
    epoch: LeaderEpoch,
    /// The last recovery point that the node wrote down.
    recovery_point: Offset,
    flushed: Offset,
    /// What is in the log.
    batches: Vec<BatchHeader>,
}

impl Run {
    fn of(steps: &[Step]) -> Run {
        let disk = SimDisk::new(1);
        disk.create_folder(Path::new("log")).unwrap();
        disk.sync_folder(Path::new("/")).unwrap();
        let log = reopened(&disk, Offset(0));
        let (epoch, zero) = (LeaderEpoch(1), Offset(0));
        let batches = Vec::new();
        let mut run = Run { disk, log, epoch, recovery_point: zero, flushed: zero, batches };
        steps.iter().for_each(|step| run.take(*step));
        run.batches = all(&mut run.log);
        run
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Append(batch) => {
                self.log.append_as_leader(batch(), self.epoch, now()).unwrap();
            }
            Step::BeginEpoch(epoch) => self.epoch = LeaderEpoch(epoch),
            Step::Flush => {
                self.flushed = self.log.flush(Instant(0)).unwrap();
                self.recovery_point = self.log.recovery_point();
            }
            Step::Truncate(end) => {
                self.log.truncate_to(Offset(end), now()).unwrap();
                self.flushed = self.flushed.min(self.log.end_offset());
                self.recovery_point = self.log.recovery_point();
            }
            Step::RefuseForWantOfRoom => {
                self.disk.fill_after(70);
                assert!(self.log.append_as_leader(batch(1, 100), self.epoch, now()).is_err());
                self.disk.heal();
            }
        }
    }

    /// What was flushed is there, and nothing that was never appended; and the log goes on.
    fn check(&self, disk: &SimDisk, what: &str) {
        let mut log = reopened(disk, self.recovery_point);
        let found = all(&mut log);
        assert!(self.batches.starts_with(&found), "{what}: {found:?}");
        let end = found.last().map_or(Offset(0), |last| last.last_offset().next());
        assert!(end >= self.flushed, "{what}: ends at {end}, flushed to {}", self.flushed);
        assert_eq!(log.end_offset(), end, "{what}");
        for batch in &found {
            let epoch = log.epoch_of(batch.base_offset());
            assert_eq!(epoch, Some(batch.partition_leader_epoch()), "{what}");
        }
        Run::check_transactions(&mut log, &found, what);
        let appended = log.append_as_leader(batch(1, 10), LeaderEpoch(9), now()).unwrap();
        assert_eq!(appended.base_offset, end, "{what}");
        log.flush(Instant(0)).unwrap();
        let recovery_point = log.recovery_point();
        drop(log);
        let mut again = reopened(&disk.crash_keeping(0), recovery_point);
        assert_eq!(all(&mut again).len(), found.len() + 1, "{what}, and again");
    }

    /// As many transactions are known to be aborted as there are markers.
    fn check_transactions(log: &mut Log, found: &[BatchHeader], what: &str) {
        let end = log.end_offset();
        let markers = found.iter().filter(|batch| batch.is_control()).count();
        assert_eq!(log.aborted_transactions(Offset(0), end).unwrap().len(), markers, "{what}");
        let last = found.iter().rev().find(|batch| batch.has_producer());
        let open = last.filter(|last| last.is_transactional() && !last.is_control());
        let stable = open.map_or(end, BatchHeader::base_offset);
        assert_eq!(log.last_stable_offset(end), stable, "{what}");
    }
}

fn reopened(disk: &SimDisk, recovery_point: Offset) -> Log {
    let config =
        LogConfig { segment_bytes: 600, index_interval_bytes: 100, ..LogConfig::default() };
    let opening = Opening { recovery_point, ..Opening::default() };
    open_on(Arc::new(disk.clone()), Path::new("log"), config, opening).0
}
