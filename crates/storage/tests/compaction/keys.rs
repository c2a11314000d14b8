//! What is kept of keys, offsets and batches.

use std::fs;

use protocol::records::Codec;
use storage::{CleanError, CleanerSettings};
use types::{LeaderEpoch, Offset, Timestamp};

use crate::{
    support::{at, limits},
    table::*,
};

#[test]
fn pitfall_25_the_last_record_of_each_key_stays_at_its_offset() {
    let (_folder, mut log) = fresh();
    for value in ["1", "2", "3"] {
        for key in ["a", "b"] {
            put(&mut log, key, value);
        }
    }
    put(&mut log, "c", "only");
    roll(&mut log);
    let end = log.end_offset();
    clean(&mut log, 3000);
    let left = [row(4, "a", Some("3")), row(5, "b", Some("3")), row(6, "c", Some("only"))];
    assert_eq!(rows(&mut log), left);
    assert_eq!((log.start_offset(), log.end_offset()), (Offset(0), end));
}

#[test]
fn pitfall_25_a_batch_keeps_its_base_offset_and_its_last_offset() {
    for codec in Codec::ALL {
        let (folder, mut log) = fresh();
        let three = [("a", Some("1")), ("b", Some("1")), ("c", Some("1"))];
        append(&mut log, table(codec, None, &three));
        append(&mut log, table(codec, None, &[("a", Some("2")), ("c", Some("2"))]));
        roll(&mut log);
        clean(&mut log, 3000);
        let first = headers(&mut log)[0];
        assert_eq!((first.base_offset(), first.last_offset()), (Offset(0), Offset(2)));
        assert_eq!((first.count(), first.codec()), (1, codec));
        // A reader that comes for a record that is gone gets the next one that is there.
        let read = log.read(Offset(2), limits(1, Offset(5))).unwrap();
        assert_eq!(read.next_offset, Offset(3));
        let mut log = reopen(&folder, log);
        let left = [row(1, "b", Some("1")), row(3, "a", Some("2")), row(4, "c", Some("2"))];
        assert_eq!(rows(&mut log), left);
    }
}

#[test]
fn pitfall_25_the_active_segment_is_left_alone() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", "1");
    put(&mut log, "a", "2");
    assert_eq!(log.segment_count(), 1);
    assert_eq!(clean(&mut log, 3000), Offset(0));
    assert_eq!(rows(&mut log), [row(0, "a", Some("1")), row(1, "a", Some("2"))]);
}

#[test]
fn pitfall_25_nothing_is_cleaned_past_the_last_stable_offset() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", "1");
    roll(&mut log);
    let first = log.end_offset();
    append(&mut log, crate::support::transactional(7, 0, 0, 1));
    put(&mut log, "a", "2");
    roll(&mut log);
    assert!(clean(&mut log, 3000) <= first);
    let left = rows(&mut log);
    assert!(left.contains(&row(0, "a", Some("1"))), "the open transaction lies before the second");
}

#[test]
fn what_is_not_durable_supersedes_nothing() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", "1");
    roll(&mut log);
    log.flush(types::Instant(0)).unwrap();
    let durable = log.recovery_point();
    put(&mut log, "a", "2");
    roll(&mut log);
    let range = log.cleanable(log.end_offset(), Timestamp(3000)).unwrap();
    assert!(range.end <= durable);
}

#[test]
fn small_segments_become_one() {
    let (folder, mut log) = fresh();
    for round in 0..20 {
        put(&mut log, "a", &format!("{round:060}"));
        put(&mut log, "b", &format!("{round:060}"));
    }
    roll(&mut log);
    let before = log.segment_count();
    clean(&mut log, 3000);
    clean(&mut log, 3000);
    roll(&mut log);
    clean(&mut log, 3000);
    assert!(
        before > 8 && log.segment_count() * 2 < before,
        "{before} became {}",
        log.segment_count()
    );
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    let of_log = names.iter().filter(|name| name.ends_with(".log")).count();
    assert_eq!(of_log, log.segment_count());
    assert!(!names.iter().any(|name| name.contains(".cleaned") || name.contains(".swap")));
}

#[test]
fn records_are_found_by_offset_and_by_time_as_before() {
    let (folder, mut log) = fresh();
    for number in 0..60i64 {
        let key = format!("{}", number % 17);
        let mut batch = table(Codec::None, None, &[(&key, Some("some value"))]);
        batch.set_log_append_time(Timestamp(5000 + number));
        append(&mut log, batch);
    }
    roll(&mut log);
    clean(&mut log, 9000);
    for mut log in [reopen(&folder, log)] {
        let left = rows(&mut log);
        for number in 0..60i64 {
            let found = log.offset_for_timestamp(Timestamp(5000 + number)).unwrap().unwrap();
            let next = left.iter().find(|(offset, ..)| *offset >= number).unwrap();
            assert_eq!(found.offset.0, next.0);
            assert_eq!(found.timestamp.0, 5000 + next.0);
        }
    }
}

#[test]
fn a_reader_of_the_old_files_goes_on_undisturbed() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", "1");
    put(&mut log, "a", "2");
    roll(&mut log);
    let slice = log.read(Offset(0), limits(1 << 20, Offset(2))).unwrap().slice.unwrap();
    let before = slice.read().unwrap();
    clean(&mut log, 3000);
    assert_eq!(slice.read().unwrap(), before);
}

#[test]
fn the_leader_epochs_stay_as_they_were() {
    let (_folder, mut log) = fresh();
    for epoch in 0..10 {
        let batch = table(Codec::None, None, &[("a", Some("value"))]);
        log.append_as_leader(batch, LeaderEpoch(epoch), at(2000)).unwrap();
    }
    roll(&mut log);
    clean(&mut log, 3000);
    for epoch in 0..9 {
        let end = log.epoch_end_offset(LeaderEpoch(epoch)).unwrap();
        assert_eq!(end.end_offset, Offset(i64::from(epoch) + 1));
    }
}

#[test]
fn a_batch_larger_than_the_buffer_is_cleaned_all_the_same() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", &"1".repeat(300));
    put(&mut log, "b", &"2".repeat(300));
    put(&mut log, "a", "3");
    roll(&mut log);
    let settings = CleanerSettings { buffer_bytes: 64, ..SETTINGS };
    try_clean(&mut log, at(3000), settings).unwrap();
    assert_eq!(rows(&mut log), [row(1, "b", Some(&"2".repeat(300))), row(2, "a", Some("3"))]);
}

#[test]
fn a_damaged_batch_ends_the_round_and_nothing_is_lost() {
    let (folder, mut log) = fresh();
    for value in 0..12 {
        put(&mut log, "a", &format!("{value:040}"));
    }
    roll(&mut log);
    log.flush(types::Instant(0)).unwrap();
    let path = folder.path().join("00000000000000000000.log");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 5;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();

    let error = try_clean(&mut log, at(3000), SETTINGS).unwrap_err();
    assert!(error.is_lasting());
    let CleanError::Corrupt { segment: Offset(0), position, reason } = error else {
        panic!("{error}")
    };
    assert!(position > 0 && reason.contains("checksum"));
    assert_eq!(log.first_dirty_offset(), Offset(0));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}
