//! The log, one behaviour a test.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use protocol::records::{BatchView, Codec, ProducedBatch, TimestampType, set_base_offset};
use runtime::{Disk, SystemDisk, simulated::SimDisk};
use storage::{
    AppendError, CleanupPolicy, Log, LogConfig, OpenFiles, Opening, ReadError, Recovery,
};
use support::{
    all, at, batch, batch_at, clean, headers, limits, now, offsets, open, open_on, produced,
};
use types::{Instant, LeaderEpoch, Offset, Timestamp, Uuid};

#[test]
fn what_was_appended_is_read_back_from_the_batch_that_holds_the_offset() {
    let (_folder, mut log) = fresh(LogConfig::default());
    for first in [0, 3, 6] {
        let appended = log.append_as_leader(batch(3, 100), LeaderEpoch(0), now()).unwrap();
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
    let error = log.read(Offset(10), limits(1, Offset(9))).unwrap_err();
    assert!(matches!(error, ReadError::OutOfRange { .. }));
}

#[test]
fn nothing_is_on_disk_before_the_first_append() {
    let folder = tempfile::tempdir().unwrap();
    let files = OpenFiles::new(Arc::new(SystemDisk), 10);
    let config = Arc::new(LogConfig::default());
    let (mut log, _) = Log::open(&files, folder.path(), config, Opening::default()).unwrap();
    log.begin_epoch(LeaderEpoch(4));
    assert!(!log.flush_due(Instant(0)));
    log.close_cleanly().unwrap();
    assert_eq!(names(folder.path()), [""; 0]);
    assert_eq!(files.count(), 0);
}

#[test]
fn a_log_goes_on_after_a_clean_close_and_after_none() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        LogConfig { segment_bytes: 4000, index_interval_bytes: 300, ..LogConfig::default() };
    let mut log = open(folder.path(), config.clone(), Opening::default()).0;
    append(&mut log, 100, LeaderEpoch(3));
    log.flush(Instant(0)).unwrap();
    assert_eq!(log.flushed_end(), Offset(200));
    log.close_cleanly().unwrap();

    let (mut log, recovery) = open(folder.path(), config.clone(), clean(Offset(200)));
    assert_eq!(recovery, Recovery::default());
    assert_eq!(log.end_offset(), Offset(200));
    append(&mut log, 100, LeaderEpoch(4));
    drop(log);

    let opening = Opening { recovery_point: Offset(200), ..Opening::default() };
    let (mut log, recovery) = open(folder.path(), config, opening);
    assert!(recovery.bytes_checked > 0);
    assert_eq!(recovery.bytes_removed, 0);
    assert_eq!(log.end_offset(), Offset(400));
    assert_eq!(all(&mut log).len(), 200);
    assert_eq!(log.epoch_end_offset(LeaderEpoch(3)).unwrap().end_offset, Offset(200));
}

#[test]
fn a_batch_that_comes_again_gets_its_first_offsets() {
    let (_folder, mut log) = fresh(LogConfig::default());
    for number in 0..6 {
        log.append_as_leader(produced(1, 0, number * 2, 2), LeaderEpoch(0), now()).unwrap();
    }
    let again = log.append_as_leader(produced(1, 0, 2, 2), LeaderEpoch(0), now()).unwrap();
    assert_eq!((again.base_offset, again.last_offset), (Offset(2), Offset(3)));
    assert!(again.duplicate);
    assert!(again.log_append_time.is_some(), "as in Kafka, a duplicate is told its time");
    assert_eq!(log.end_offset(), Offset(12));
    // The sixth batch from the end is beyond what a client keeps in flight.
    assert!(log.append_as_leader(produced(1, 0, 0, 2), LeaderEpoch(0), now()).is_err());
}

#[test]
fn sequences_wrap_to_zero_and_must_not_jump() {
    let (_folder, mut log) = fresh(LogConfig::default());
    let mut append = |batch: ProducedBatch| log.append_as_leader(batch, LeaderEpoch(0), now());
    // What is not known may begin anywhere: its state may have expired.
    append(produced(1, 0, i32::MAX - 1, 3)).unwrap();
    let error = append(produced(1, 0, 2, 1)).unwrap_err();
    assert_eq!(error.to_string(), "producer 1 sent sequence 2, 1 is next");
    append(produced(1, 0, 1, 1)).unwrap();
}

#[test]
fn a_new_producer_epoch_begins_at_zero_and_ends_the_old_one() {
    let (_folder, mut log) = fresh(LogConfig::default());
    let mut append = |batch: ProducedBatch| log.append_as_leader(batch, LeaderEpoch(0), now());
    append(produced(1, 3, 10, 1)).unwrap();
    assert!(append(produced(1, 4, 11, 1)).is_err());
    append(produced(1, 4, 0, 1)).unwrap();
    let error = append(produced(1, 3, 11, 1)).unwrap_err();
    assert_eq!(error.to_string(), "producer 1 has epoch 4, epoch 3 is over");
}

#[test]
fn producers_are_known_after_a_clean_close_and_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { segment_bytes: 200, ..LogConfig::default() };
    let mut log = open(folder.path(), config.clone(), Opening::default()).0;
    for number in 0..8 {
        log.append_as_leader(produced(1, 0, number, 1), LeaderEpoch(0), now()).unwrap();
    }
    assert!(log.segment_count() > 3);
    let end = log.close_cleanly().unwrap();
    for opening in [clean(end), Opening::default()] {
        let mut log = open(folder.path(), config.clone(), opening).0;
        for number in 3..8 {
            let again = produced(1, 0, number, 1);
            let again = log.append_as_leader(again, LeaderEpoch(0), now()).unwrap();
            assert_eq!((again.duplicate, again.base_offset), (true, Offset(i64::from(number))));
        }
        assert!(log.append_as_leader(produced(1, 0, 9, 1), LeaderEpoch(0), now()).is_err());
    }
}

#[test]
fn producers_expire_by_the_time_of_their_appends() {
    let (_folder, mut log) = fresh(LogConfig::default());
    log.append_as_leader(produced(1, 0, 0, 1), LeaderEpoch(0), at(5_000_000)).unwrap();
    log.expire_producers(Timestamp(5_000_000));
    assert_eq!(log.producer_count(), 1);
    log.expire_producers(Timestamp(5_000_001));
    assert_eq!(log.producer_count(), 0);
}

#[test]
fn the_leaders_time_is_given_to_all_records_when_the_topic_says_so() {
    let config =
        LogConfig { message_timestamp_type: TimestampType::LogAppendTime, ..LogConfig::default() };
    let (_folder, mut log) = fresh(config);
    let appended = log.append_as_leader(batch(2, 10), LeaderEpoch(0), at(77)).unwrap();
    assert_eq!(appended.log_append_time, Some(Timestamp(77)));
    let slice = log.read(Offset(0), limits(1000, Offset(2))).unwrap().slice.unwrap();
    let bytes = slice.read().unwrap();
    let batch = BatchView::parse(&bytes).unwrap();
    assert!(batch.crc_is_valid());
    assert_eq!(batch.max_timestamp(), Timestamp(77));
}

#[test]
fn a_follower_takes_offsets_as_they_are_and_nothing_damaged_or_out_of_order() {
    let (_leader_folder, mut leader) = fresh(LogConfig::default());
    append(&mut leader, 20, LeaderEpoch(2));
    let end = leader.end_offset();
    let bytes = leader.read(Offset(0), limits(1 << 20, end)).unwrap().slice.unwrap();
    let bytes = bytes.read().unwrap();

    let (_folder, mut log) = fresh(LogConfig { segment_bytes: 1500, ..LogConfig::default() });
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(matches!(log.append_as_follower(&damaged, now()), Err(AppendError::Checksum(_))));
    assert_eq!(log.end_offset(), Offset(0));
    log.append_as_follower(&bytes, now()).unwrap();
    assert_eq!(all(&mut log), all(&mut leader));
    assert!(log.segment_count() > 1);
    assert_eq!(log.latest_epoch(), Some(LeaderEpoch(2)));
    let again = log.append_as_follower(&bytes, now());
    assert!(matches!(again, Err(AppendError::OutOfOrder { .. })));
}

#[test]
fn batches_above_the_limit_are_refused() {
    let (_folder, mut log) = fresh(LogConfig { max_message_bytes: 200, ..LogConfig::default() });
    let error = log.append_as_leader(batch(1, 300), LeaderEpoch(0), now()).unwrap_err();
    assert!(matches!(error, AppendError::BatchTooLarge { limit: 200, .. }));
    log.append_as_leader(batch(1, 10), LeaderEpoch(0), now()).unwrap();
}

#[test]
fn batches_larger_than_a_segment_are_refused() {
    let (_folder, mut log) = fresh(LogConfig { segment_bytes: 200, ..LogConfig::default() });
    let error = log.append_as_leader(batch(1, 300), LeaderEpoch(0), now()).unwrap_err();
    assert!(matches!(error, AppendError::ExceedsSegment { limit: 200, .. }));
}

#[test]
fn a_segment_is_full_by_bytes_by_time_and_by_its_index() {
    let by_bytes = LogConfig { segment_bytes: 600, ..LogConfig::default() };
    let by_time = LogConfig { segment_ms: 500, ..LogConfig::default() };
    let by_index =
        LogConfig { segment_index_bytes: 36, index_interval_bytes: 0, ..LogConfig::default() };
    for config in [by_bytes, by_time, by_index] {
        let (_folder, mut log) = fresh(config.clone());
        for number in 0..8 {
            let batch = batch_at(Codec::None, 1000 + number * 200, 1, 100);
            log.append_as_leader(batch, LeaderEpoch(0), now()).unwrap();
        }
        assert!((2..8).contains(&log.segment_count()), "{config:?}");
        assert_eq!(all(&mut log).len(), 8);
    }
}

#[test]
fn segments_get_old_at_different_times_when_their_age_has_jitter() {
    let config = LogConfig { segment_ms: 1000, segment_jitter_ms: 800, ..LogConfig::default() };
    let ages: BTreeSet<i64> = (0..8).map(|_| age_at_first_roll(config.clone())).collect();
    assert!(ages.len() > 1, "all logs rolled together after {ages:?} ms");
    assert!(ages.iter().all(|age| (201..=1001).contains(age)), "{ages:?}");
    let config = LogConfig { segment_jitter_ms: 0, ..config };
    assert_eq!(age_at_first_roll(config), 1001);
}

/// How old the first segment was when a batch had to go into another.
fn age_at_first_roll(config: LogConfig) -> i64 {
    let (_folder, mut log) = fresh(config);
    let mut rolls = |age: &i64| {
        let batch = batch_at(Codec::None, 1000 + age, 1, 10);
        log.append_as_leader(batch, LeaderEpoch(0), now()).unwrap();
        log.segment_count() > 1
    };
    (0..=2000).find(|age| rolls(age)).unwrap()
}

#[test]
fn a_quiet_log_rolls_when_its_time_has_come() {
    let (_folder, mut log) = fresh(LogConfig { segment_ms: 500, ..LogConfig::default() });
    assert!(!log.roll_if_due(at(9000)).unwrap());
    log.append_as_leader(batch(1, 10), LeaderEpoch(0), at(9000)).unwrap();
    assert!(!log.roll_if_due(at(9500)).unwrap());
    assert!(log.roll_if_due(at(9501)).unwrap());
    assert!(!log.roll_if_due(at(20_000)).unwrap());
    assert_eq!(log.segment_count(), 2);
}

#[test]
fn offsets_too_far_apart_for_one_segment_get_two() {
    let (_folder, mut log) = fresh(LogConfig::default());
    for base in [0, i64::from(i32::MAX), 5_000_000_000] {
        let mut far = batch(1, 10).to_bytes().to_vec();
        set_base_offset(&mut far, Offset(base));
        log.append_as_follower(&far, now()).unwrap();
    }
    assert_eq!(log.segment_count(), 2);
    let read = log.read(Offset(1), limits(1000, log.end_offset())).unwrap();
    assert_eq!(offsets(&read), [(i64::from(i32::MAX), i64::from(i32::MAX))]);
}

#[test]
fn a_log_whose_offsets_are_used_up_takes_nothing_more() {
    let (_folder, mut log) = fresh(LogConfig::default());
    let mut last = batch(1, 10).to_bytes().to_vec();
    set_base_offset(&mut last, Offset(i64::MAX - 2));
    log.append_as_follower(&last, now()).unwrap();
    let error = log.append_as_leader(batch(2, 10), LeaderEpoch(0), now()).unwrap_err();
    assert!(matches!(error, AppendError::Invalid(_)));
}

#[test]
fn a_flush_covers_what_was_appended_before_it_began() {
    let (_folder, mut log) = fresh(LogConfig { flush_messages: 3, ..LogConfig::default() });
    append(&mut log, 1, LeaderEpoch(0));
    let flush = log.begin_flush().unwrap().unwrap();
    append(&mut log, 2, LeaderEpoch(0));
    assert!(log.begin_flush().unwrap().is_none(), "one is on its way");
    assert!(!log.flush_due(Instant(0)));
    assert_eq!(log.finish_flush(&flush, flush.run(), Instant(0)).unwrap(), Offset(2));
    assert!(log.flush_due(Instant(0)));
    assert_eq!(log.flush(Instant(0)).unwrap(), Offset(6));
    assert!(log.begin_flush().unwrap().is_none());
}

#[test]
fn a_failed_flush_closes_the_log_for_good() {
    let disk = SimDisk::new(1);
    let mut log = simulated(&disk, LogConfig::default());
    append(&mut log, 1, LeaderEpoch(0));
    disk.fail_sync_after(0);
    assert!(log.flush(Instant(0)).is_err());
    disk.heal();
    let error = log.append_as_leader(batch(1, 1), LeaderEpoch(0), now()).unwrap_err();
    assert!(matches!(error, AppendError::Closed(_)));
    assert!(error.to_string().contains("because the disk failed"), "{error}");
    assert!(log.flush(Instant(0)).is_err());
    assert!(log.close_cleanly().is_err());
    // What is there can be read as long as the process lives.
    assert_eq!(all(&mut log).len(), 1);
}

#[test]
fn a_write_that_fails_closes_the_log_and_keeps_what_was_whole() {
    let disk = SimDisk::new(1);
    let mut log = simulated(&disk, LogConfig::default());
    append(&mut log, 3, LeaderEpoch(0));
    disk.fail_write_after(0);
    let error = log.append_as_leader(batch(1, 500), LeaderEpoch(0), now()).unwrap_err();
    let AppendError::Disk(error) = error else { panic!("{error}") };
    assert_eq!(error.error.raw_os_error(), Some(5), "an input/output error");
    assert!(log.closed().is_some());
    drop(log);
    let disk = disk.kill();
    let mut log = simulated(&disk, LogConfig::default());
    assert_eq!(all(&mut log).len(), 3);
}

#[test]
fn what_lies_before_the_start_is_flushed_too_or_a_power_cut_would_take_what_follows_along() {
    let config = LogConfig { segment_bytes: 1000, ..LogConfig::default() };
    for seed in 0..50 {
        let disk = SimDisk::new(seed);
        let mut log = simulated(&disk, config.clone());
        append(&mut log, 9, LeaderEpoch(0));
        assert!(log.segment_count() > 2);
        drop(log);
        // The records up to 16 were deleted, and the process was killed before it flushed any.
        let disk = disk.kill();
        let opening = Opening { start_offset: Offset(16), ..Opening::default() };
        let open = |disk: &SimDisk, opening| {
            open_on(Arc::new(disk.clone()), Path::new("log"), config.clone(), opening).0
        };
        let mut log = open(&disk, opening);
        assert_eq!(log.flush(Instant(0)).unwrap(), Offset(18));
        let opening = Opening { recovery_point: log.recovery_point(), ..opening };
        drop(log);
        let log = open(&disk.crash(), opening);
        assert_eq!((log.start_offset(), log.end_offset()), (Offset(16), Offset(18)), "{seed}");
    }
}

#[test]
fn records_are_found_by_their_time_inside_compressed_batches() {
    let config =
        LogConfig { segment_bytes: 1000, index_interval_bytes: 100, ..LogConfig::default() };
    let (_folder, mut log) = fresh(config);
    for number in 0..20 {
        let batch = batch_at(Codec::Zstd, 1000 + number * 100, 5, 60);
        log.append_as_leader(batch, LeaderEpoch(6), now()).unwrap();
    }
    let mut find = |time| {
        let found = log.offset_for_timestamp(Timestamp(time)).unwrap();
        found.map(|found| (found.offset.0, found.timestamp.0, found.leader_epoch.0))
    };
    assert_eq!(find(0), Some((0, 1000, 6)));
    assert_eq!(find(1003), Some((3, 1003, 6)));
    assert_eq!(find(1005), Some((5, 1100, 6)));
    assert_eq!(find(2902), Some((97, 2902, 6)));
    assert_eq!(find(2905), None);
    let newest = log.offset_of_max_timestamp().unwrap().unwrap();
    assert_eq!((newest.offset, newest.timestamp), (Offset(99), Timestamp(2904)));
}

#[test]
fn retention_removes_whole_segments_by_time_and_by_size() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { segment_bytes: 1000, retention_ms: 100, ..LogConfig::default() };
    let mut log = open(folder.path(), config.clone(), Opening::default()).0;
    for number in 0..12 {
        let batch = batch_at(Codec::None, 1000 + number * 10, 1, 300);
        log.append_as_leader(batch, LeaderEpoch(0), at(1200)).unwrap();
    }
    let (segments, end) = (log.segment_count(), log.end_offset());
    assert!(log.apply_retention(end, at(1100)).unwrap().is_none());
    assert!(log.apply_retention(Offset(0), at(9000)).unwrap().is_none());
    let removal = log.apply_retention(end, at(1145)).unwrap().unwrap();
    assert!(log.segment_count() < segments && log.start_offset() > Offset(0));
    assert!(names(folder.path()).iter().any(|name| name.ends_with(".log.deleted")));
    removal.run().unwrap();
    assert!(!names(folder.path()).iter().any(|name| name.ends_with(".deleted")));

    let size = log.size_bytes();
    let bytes = i64::try_from(size - 1).unwrap() - 1000;
    let by_size = LogConfig { retention_bytes: bytes, retention_ms: -1, ..config };
    log.set_config(Arc::new(by_size));
    log.apply_retention(end, at(9000)).unwrap().unwrap().run().unwrap();
    assert!(log.size_bytes() < size && log.size_bytes() >= size - 1001);
}

#[test]
fn only_the_start_offset_removes_segments_where_the_policy_is_not_to_delete() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig {
        segment_bytes: 1000,
        retention_ms: 100,
        retention_bytes: 1,
        cleanup_policy: CleanupPolicy::COMPACT,
        ..LogConfig::default()
    };
    let mut log = open(folder.path(), config, Opening::default()).0;
    for _ in 0..12 {
        log.append_as_leader(batch(1, 300), LeaderEpoch(0), now()).unwrap();
    }
    let (end, segments) = (log.end_offset(), log.segment_count());
    assert!(log.apply_retention(end, at(9000)).unwrap().is_none());
    log.advance_start_offset(Offset(7));
    log.apply_retention(end, at(9000)).unwrap().unwrap().run().unwrap();
    assert_eq!(log.start_offset(), Offset(7));
    assert!(log.segment_count() < segments && log.segment_count() > 1);
}

#[test]
fn a_compacted_logs_segment_takes_batches_no_longer_than_they_may_wait_for_compaction() {
    let config = LogConfig {
        cleanup_policy: CleanupPolicy::COMPACT,
        compaction_lag_ms_max: 500,
        ..LogConfig::default()
    };
    let (_folder, mut log) = fresh(config);
    append(&mut log, 1, LeaderEpoch(0));
    assert!(!log.roll_if_due(at(2500)).unwrap());
    assert!(log.roll_if_due(at(2501)).unwrap());
}

#[test]
fn a_log_that_retention_emptied_keeps_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { retention_ms: 100, ..LogConfig::default() };
    let mut log = open(folder.path(), config.clone(), Opening::default()).0;
    append(&mut log, 3, LeaderEpoch(0));
    log.apply_retention(Offset(6), at(9000)).unwrap().unwrap().run().unwrap();
    assert_eq!((log.start_offset(), log.end_offset()), (Offset(6), Offset(6)));
    drop(log);
    let mut log = open(folder.path(), config, Opening::default()).0;
    assert_eq!((log.start_offset(), log.end_offset()), (Offset(6), Offset(6)));
    append(&mut log, 1, LeaderEpoch(1));
    assert_eq!(headers(&log.read(Offset(6), limits(1, Offset(8))).unwrap()).len(), 1);
}

#[test]
fn the_start_can_be_moved_into_a_segment_and_epochs_follow() {
    let (_folder, mut log) = fresh(LogConfig::default());
    append(&mut log, 2, LeaderEpoch(0));
    append(&mut log, 2, LeaderEpoch(1));
    log.advance_start_offset(Offset(5));
    assert!(log.read(Offset(4), limits(1, Offset(8))).is_err());
    assert_eq!(offsets(&log.read(Offset(5), limits(1, Offset(8))).unwrap()), [(4, 5)]);
    assert_eq!(log.epoch_end_offset(LeaderEpoch(0)).unwrap().end_offset, Offset(5));
    log.advance_start_offset(Offset(99));
    assert_eq!(log.start_offset(), Offset(8));
}

#[test]
fn truncation_takes_batches_epochs_and_producers_back() {
    let (_folder, mut log) = fresh(LogConfig { segment_bytes: 700, ..LogConfig::default() });
    append(&mut log, 4, LeaderEpoch(0));
    log.append_as_leader(produced(1, 0, 0, 2), LeaderEpoch(1), now()).unwrap();
    log.append_as_leader(produced(1, 0, 2, 2), LeaderEpoch(1), now()).unwrap();
    log.truncate_to(Offset(11), now()).unwrap();
    assert_eq!(log.end_offset(), Offset(10));
    log.truncate_to(Offset(8), now()).unwrap();
    assert_eq!(log.latest_epoch(), Some(LeaderEpoch(0)));
    assert_eq!(log.producer_count(), 0);
    append(&mut log, 1, LeaderEpoch(2));
    assert_eq!(all(&mut log).len(), 5);
}

#[test]
fn a_replica_that_starts_anew_goes_on_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), LogConfig::default(), Opening::default()).0;
    append(&mut log, 4, LeaderEpoch(0));
    log.restart_at(Offset(1000), now()).unwrap();
    assert_eq!((log.start_offset(), log.end_offset()), (Offset(1000), Offset(1000)));
    assert_eq!(log.latest_epoch(), None);
    drop(log);
    let log = open(folder.path(), LogConfig::default(), Opening::default()).0;
    assert_eq!(log.end_offset(), Offset(1000));
}

#[test]
fn a_deleted_log_gives_its_name_free_at_once() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("chat-0");
    std::fs::create_dir(&folder).unwrap();
    let mut log = open(&folder, LogConfig::default(), Opening::default()).0;
    append(&mut log, 1, LeaderEpoch(0));
    let removal = log.delete(Uuid::from_u128(1)).unwrap();
    assert!(!folder.exists());
    assert!(log.append_as_leader(batch(1, 1), LeaderEpoch(0), now()).is_err());
    assert_eq!(names(parent.path()), ["chat-0.00000000000000000000000000000001-delete"]);
    removal.run().unwrap();
    assert_eq!(names(parent.path()), [""; 0]);
}

#[test]
fn many_logs_share_a_few_open_files() {
    let folder = tempfile::tempdir().unwrap();
    let files = OpenFiles::new(Arc::new(SystemDisk), 8);
    let config = Arc::new(LogConfig { segment_bytes: 600, ..LogConfig::default() });
    let mut logs: Vec<Log> = (0..20)
        .map(|number: i32| {
            let folder = folder.path().join(number.to_string());
            std::fs::create_dir(&folder).unwrap();
            Log::open(&files, &folder, Arc::clone(&config), Opening::default()).unwrap().0
        })
        .collect();
    for _ in 0..10 {
        for log in &mut logs {
            append(log, 1, LeaderEpoch(0));
            assert!(files.count() <= 8);
        }
    }
    for log in &mut logs {
        assert_eq!(all(log).len(), 10);
        log.flush(Instant(0)).unwrap();
    }
}

fn fresh(config: LogConfig) -> (tempfile::TempDir, Log) {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), config, Opening::default()).0;
    (folder, log)
}

fn simulated(disk: &SimDisk, config: LogConfig) -> Log {
    disk.create_folder(Path::new("log")).unwrap();
    open_on(Arc::new(disk.clone()), Path::new("log"), config, Opening::default()).0
}

/// Appends batches of two records.
fn append(log: &mut Log, batches: usize, epoch: LeaderEpoch) {
    for _ in 0..batches {
        log.append_as_leader(batch(2, 100), epoch, now()).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    SystemDisk.list(folder).unwrap()
}
