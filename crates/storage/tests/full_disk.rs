//! A full disk refuses what is new, loses nothing, and is no reason to give up the log.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{path::Path, sync::Arc};

use protocol::records::ProducedBatch;
use runtime::{Disk, simulated::SimDisk};
use storage::{AppendError, Log, LogConfig, Opening};
use support::{abort, all, batch, clean, now, open_on, produced, transactional};
use types::{Instant, LeaderEpoch, Offset, Timestamp};

#[test]
fn a_batch_that_finds_no_room_leaves_the_log_as_it_was() {
    for room in 0..200 {
        let (disk, mut log) = filled(3);
        let (end, size) = (log.end_offset(), file_size(&disk));
        disk.fill_after(room);
        refuse(&mut log, batch(1, 300));
        assert_eq!(log.end_offset(), end);
        assert_eq!(file_size(&disk), size, "half a batch is taken away");
        assert_eq!(all(&mut log).len(), 3);
        assert!(log.closed().is_none());
    }
}

#[test]
fn writing_resumes_by_itself_when_there_is_room() {
    let (disk, mut log) = filled(3);
    disk.fill_after(100);
    refuse(&mut log, batch(1, 300));
    disk.heal();
    append(&mut log, batch(1, 300));
    let end = log.flush(Instant(0)).unwrap();
    let mut log = reopened(&disk.crash(), Opening { recovery_point: end, ..Opening::default() });
    assert_eq!(all(&mut log).len(), 4);
}

#[test]
fn a_producer_that_was_refused_may_send_the_same_batch_again() {
    let (disk, mut log) = filled(3);
    append(&mut log, produced(7, 0, 0, 2));
    disk.fill_after(50);
    refuse(&mut log, produced(7, 0, 2, 2));
    disk.heal();
    assert!(!append(&mut log, produced(7, 0, 2, 2)).duplicate);
    assert!(append(&mut log, produced(7, 0, 2, 2)).duplicate);
}

#[test]
fn whatever_room_is_left_nothing_is_lost_and_the_log_goes_on() {
    // Rolls, indexes, snapshots, epochs: each runs out of room at another number of bytes.
    for room in 0..1200 {
        let (disk, mut log) = filled(0);
        disk.fill_after(room);
        let mut taken = 0;
        for round in 0..30 {
            let epoch = LeaderEpoch(round / 10);
            let next = produced(7, 0, i32::try_from(taken).unwrap(), 1);
            match log.append_as_leader(next, epoch, now()) {
                Ok(_) => taken += 1,
                Err(AppendError::Full(_)) => {}
                Err(error) => panic!("{error}"),
            }
            if round % 7 == 0 {
                log.flush(Instant(u64::try_from(round).unwrap())).unwrap();
            }
        }
        let flushed = log.flush(Instant(0)).unwrap();
        assert_eq!(flushed, log.end_offset(), "what found room can be made durable");
        assert_eq!(all(&mut log).len(), taken);
        disk.heal();
        append(&mut log, produced(7, 0, i32::try_from(taken).unwrap(), 1));
        let end = log.flush(Instant(0)).unwrap();
        let recovery_point = log.recovery_point();
        let mut again = reopened(&disk.crash(), Opening { recovery_point, ..Opening::default() });
        assert_eq!((again.end_offset(), all(&mut again).len()), (end, taken + 1));
        let last = i32::try_from(taken).unwrap();
        assert!(append(&mut again, produced(7, 0, last, 1)).duplicate);
        for batch in all(&mut again) {
            let epoch = again.epoch_of(batch.base_offset());
            assert_eq!(epoch, Some(batch.partition_leader_epoch()));
        }
        assert!(again.offset_for_timestamp(Timestamp(1000)).unwrap().is_some());
    }
}

#[test]
fn half_a_batch_does_not_come_back_at_the_end_of_a_full_segment() {
    for seed in 0..100 {
        let (disk, mut log) = filled_on(SimDisk::new(seed), 3);
        log.flush(Instant(0)).unwrap();
        disk.fill_after(100);
        refuse(&mut log, batch(1, 200));
        disk.heal();
        append(&mut log, batch(1, 900));
        assert_eq!(log.segment_count(), 2);
        log.flush(Instant(0)).unwrap();
        let recovery_point = log.recovery_point();
        let opening = Opening { recovery_point, ..Opening::default() };
        let mut log = reopened(&disk.crash(), opening);
        assert_eq!(all(&mut log).len(), 4, "seed {seed}");
    }
}

#[test]
fn aborted_transactions_are_not_forgotten_for_want_of_room() {
    let (disk, mut log) = filled(0);
    append(&mut log, transactional(7, 0, 0, 1));
    append(&mut log, abort(7, 0, 0));
    disk.fill_after(0);
    log.flush(Instant(0)).unwrap();
    assert!(log.close_cleanly().is_err(), "what is in memory only is not closed in good order");
    drop(log);
    let mut log = reopened(&disk.kill(), Opening::default());
    assert_eq!(log.aborted_transactions(Offset(0), Offset(2)).unwrap().len(), 1);
}

#[test]
fn a_full_disk_is_read_and_cleaned_up() {
    let (disk, mut log) = filled(40);
    assert!(log.segment_count() > 3);
    log.flush(Instant(0)).unwrap();
    disk.fill_after(0);
    refuse(&mut log, batch(1, 300));
    assert_eq!(all(&mut log).len(), 40);
    log.set_config(Arc::new(LogConfig { retention_bytes: 0, ..config() }));
    let end = log.end_offset();
    log.apply_retention(end, now()).unwrap().unwrap().run().unwrap();
    assert_eq!(log.segment_count(), 1, "all but the last, which could not be followed by another");
    append(&mut log, batch(1, 300));
    assert!(log.closed().is_none());
}

#[test]
fn a_log_is_opened_on_a_full_disk() {
    let (disk, mut log) = filled(10);
    let end = log.end_offset();
    log.flush(Instant(0)).unwrap();
    drop(log);
    let disk = disk.kill();
    disk.fill_after(0);
    let mut log = reopened(&disk, Opening::default());
    assert_eq!((log.end_offset(), all(&mut log).len()), (end, 10));
    disk.heal();
    append(&mut log, batch(1, 10));
    let end = log.close_cleanly().unwrap();
    assert_eq!(reopened(&disk.kill(), clean(end)).end_offset(), end);
}

#[test]
fn a_follower_goes_on_where_it_was_refused() {
    let (_, mut leader) = filled(20);
    let (disk, mut follower) = filled(0);
    disk.fill_after(2500);
    let mut refused = 0;
    while follower.end_offset() < leader.end_offset() {
        let read = leader.read(follower.end_offset(), support::limits(1 << 20, Offset(20)));
        let bytes = read.unwrap().slice.unwrap().read().unwrap();
        match follower.append_as_follower(&bytes, now()) {
            Ok(()) => {}
            Err(AppendError::Full(_)) => {
                refused += 1;
                disk.heal();
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((refused, all(&mut follower)), (1, all(&mut leader)));
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 1200, index_interval_bytes: 100, ..LogConfig::default() }
}

fn filled(batches: usize) -> (SimDisk, Log) {
    filled_on(SimDisk::new(1), batches)
}

fn filled_on(disk: SimDisk, batches: usize) -> (SimDisk, Log) {
    disk.create_folder(Path::new("log")).unwrap();
    let mut log = reopened(&disk, Opening::default());
    for _ in 0..batches {
        append(&mut log, batch(1, 100));
    }
    (disk, log)
}

fn reopened(disk: &SimDisk, opening: Opening) -> Log {
    open_on(Arc::new(disk.clone()), Path::new("log"), config(), opening).0
}

fn append(log: &mut Log, batch: ProducedBatch) -> storage::Appended {
    log.append_as_leader(batch, LeaderEpoch(9), now()).unwrap()
}

fn refuse(log: &mut Log, batch: ProducedBatch) {
    let refused = log.append_as_leader(batch, LeaderEpoch(9), now());
    assert!(matches!(refused, Err(AppendError::Full(_))), "{refused:?}");
}

fn file_size(disk: &SimDisk) -> usize {
    disk.peek(Path::new("log/00000000000000000000.log")).unwrap().len()
}
