//! How a round follows upon another, and what may come in between.

use storage::{CleanerSettings, CleanupPolicy, LogConfig, Progress};
use types::{Offset, Timestamp};

use crate::{support::at, table::*};

#[test]
fn a_full_map_of_keys_cleans_up_to_where_it_is_full_and_the_next_round_goes_on() {
    let (_folder, mut log) = fresh();
    for round in 0..3 {
        for key in 0..20 {
            put(&mut log, &format!("{key}"), &format!("{round}"));
        }
    }
    roll(&mut log);
    let eight = 8 * CleanerSettings::BYTES_PER_KEY;
    let settings = CleanerSettings { map_bytes: eight, load_factor: 1.0, ..SETTINGS };
    let first = try_clean(&mut log, at(3000), settings).unwrap();
    assert_eq!(first, Offset(7), "one slot stays empty");
    let (mut before, mut rounds) = (first, 1);
    loop {
        let next = try_clean(&mut log, at(3000), settings).unwrap();
        if next == before {
            break;
        }
        (before, rounds) = (next, rounds + 1);
    }
    assert!(rounds > 3);
    let left = rows(&mut log);
    assert_eq!(left.len(), 20);
    assert!(left.iter().all(|(offset, _, value)| *offset >= 40 && value.as_deref() == Some("2")));
}

#[test]
fn a_log_that_was_cut_meanwhile_keeps_its_segments() {
    let (_folder, mut log) = fresh();
    for value in 0..12 {
        put(&mut log, "a", &format!("{value:040}"));
    }
    roll(&mut log);
    let mut cleaning = begin(&mut log, at(3000), SETTINGS);
    let group = loop {
        match cleaning.work(1 << 20).unwrap() {
            Progress::Working => {}
            Progress::Swap(group) => break group,
            Progress::Done(_) => panic!("there was something to clean"),
        }
    };
    log.truncate_to(Offset(2), at(3000)).unwrap();
    assert!(log.swap(*group).unwrap().is_none());
    log.finish_cleaning(&cleaning, Offset(10));
    assert_eq!(rows(&mut log).len(), 2);
    assert_eq!(log.first_dirty_offset(), Offset(0));
}

#[test]
fn a_log_that_lost_old_segments_meanwhile_keeps_the_others() {
    let (folder, mut log) = fresh();
    for value in 0..12 {
        put(&mut log, "a", &format!("{value:040}"));
    }
    roll(&mut log);
    let mut cleaning = begin(&mut log, at(3000), SETTINGS);
    let Progress::Working = cleaning.work(1 << 20).unwrap() else { panic!("keys come first") };
    log.advance_start_offset(Offset(4));
    let end = log.end_offset();
    log.apply_retention(end, at(3000)).unwrap().unwrap().run().unwrap();
    assert!(cleaning.work(1 << 20).is_err());
    assert_eq!(rows(&mut log).first().unwrap().0, 4);
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert!(
        !names
            .into_iter()
            .any(|name| { name.unwrap().file_name().into_string().unwrap().contains(".cleaned") })
    );
}

#[test]
fn retention_removes_segments_that_were_cleaned_where_the_policy_is_both() {
    let (_folder, mut log) = fresh();
    for value in 0..12 {
        put(&mut log, "a", &format!("{value:040}"));
    }
    roll(&mut log);
    clean(&mut log, 3000);
    let policy = CleanupPolicy { delete: true, compact: true };
    let both = LogConfig { cleanup_policy: policy, retention_ms: 500, ..config() };
    log.set_config(std::sync::Arc::new(both));
    let end = log.end_offset();
    log.apply_retention(end, at(9000)).unwrap().unwrap().run().unwrap();
    assert_eq!((rows(&mut log), log.start_offset()), (Vec::new(), end));
}

#[test]
fn a_round_without_anything_to_gain_ends_where_it_began() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", "1");
    let range = log.cleanable(Offset(1), Timestamp(3000)).unwrap();
    assert!(!range.is_due(0.0));
    assert_eq!(clean(&mut log, 3000), Offset(0));
}
