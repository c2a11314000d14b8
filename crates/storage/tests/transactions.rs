//! What a log knows of transactions: who may read how far, and what was aborted.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod support;

use std::{fs, path::Path};

use protocol::records::ProducedBatch;
use storage::{AppendError, Log, LogConfig, Opening, ProducerError};
use support::{abort, batch, clean, commit, now, open, produced, transactional};
use types::{Instant, LeaderEpoch, Offset};

#[test]
fn pitfall_16_the_last_stable_offset_is_the_first_of_the_oldest_open_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [batch(2, 10), transactional(7, 0, 0, 2), transactional(8, 0, 0, 1)]);
    append(&mut log, [batch(1, 10), commit(8, 0, 1)]);
    assert_eq!(stable(&mut log), 2);
    append(&mut log, [abort(7, 0, 1)]);
    assert_eq!(stable(&mut log), 8);
}

#[test]
fn pitfall_16_the_high_watermark_caps_the_last_stable_offset() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [batch(2, 10), transactional(7, 0, 0, 2)]);
    assert_eq!(log.last_stable_offset(Offset(1)), Offset(1));
    assert_eq!(log.last_stable_offset(Offset(4)), Offset(2));
}

#[test]
fn pitfall_16_a_transaction_holds_readers_back_until_its_marker_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 0, 0, 2), commit(7, 0, 1)]);
    assert_eq!(log.last_stable_offset(Offset(2)), Offset(0));
    assert_eq!(log.last_stable_offset(Offset(3)), Offset(3));
}

#[test]
fn pitfall_16_the_aborted_transactions_of_a_producer_ascend_and_cover_the_range() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    for round in 0..300 {
        append(&mut log, [transactional(7, 0, round * 2, 2), transactional(8, 0, round, 1)]);
        append(&mut log, [abort(8, 0, 1), abort(7, 0, 1)]);
    }
    assert!(log.segment_count() > 3);
    let all = aborted(&mut log, 0, 1500);
    assert_eq!(all.len(), 600);
    for producer in [7, 8] {
        let firsts: Vec<i64> =
            all.iter().filter(|(id, ..)| *id == producer).map(|(_, first, _)| *first).collect();
        assert!(firsts.is_sorted() && firsts.len() == 300);
    }
    // Five offsets a round: 0..2 of one, 2 of the other, 3 and 4 the markers.
    assert_eq!(aborted(&mut log, 1000, 1001), [(7, 1000, 1004)]);
    assert_eq!(aborted(&mut log, 1002, 1003), [(8, 1002, 1003), (7, 1000, 1004)]);
    assert_eq!(aborted(&mut log, 1004, 1005), [(7, 1000, 1004)]);
    assert_eq!(aborted(&mut log, 1004, 1006), [(7, 1000, 1004), (7, 1005, 1009)]);
    assert_eq!(aborted(&mut log, 1500, 1600), []);
}

#[test]
fn pitfall_16_committed_transactions_are_not_among_the_aborted() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 0, 0, 2), commit(7, 0, 1), abort(7, 0, 1)]);
    assert_eq!(aborted(&mut log, 0, 4), []);
    log.flush(Instant(0)).unwrap();
    assert!(!folder.path().join(index(0)).exists(), "an index of nothing has no file");
}

#[test]
fn pitfall_16_a_long_transaction_is_found_from_the_segments_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(9, 0, 0, 1)]);
    for _ in 0..100 {
        append(&mut log, [batch(1, 100)]);
    }
    append(&mut log, [abort(9, 0, 1)]);
    assert!(log.segment_count() > 3);
    assert_eq!(aborted(&mut log, 0, 1), [(9, 0, 101)]);
    assert_eq!(aborted(&mut log, 50, 51), [(9, 0, 101)]);
}

#[test]
fn a_follower_takes_transactions_over_as_they_come() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut leader = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut leader);
    let mut follower = open(other.path(), config(), Opening::default()).0;
    let (mut next, end) = (Offset(0), leader.end_offset());
    while next < end {
        let read = leader.read(next, support::limits(700, end)).unwrap();
        follower.append_as_follower(&read.slice.unwrap().read().unwrap(), now()).unwrap();
        next = read.next_offset;
    }
    assert_same(&mut follower, &mut leader);
}

#[test]
fn transactions_are_known_again_after_a_clean_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut log);
    let end = log.close_cleanly().unwrap();
    let mut reopened = open(folder.path(), config(), clean(end)).0;
    assert_same(&mut reopened, &mut log);
    append(&mut reopened, [abort(9, 0, 1)]);
    assert_eq!(stable(&mut reopened), end.0 + 1);
}

#[test]
fn transactions_are_known_again_after_a_crash_whatever_became_of_the_index() {
    for damage in ["none", "gone", "torn", "garbage"] {
        for recovery_point in [0, 40, 110, 200] {
            let folder = tempfile::tempdir().unwrap();
            let mut log = open(folder.path(), config(), Opening::default()).0;
            append_all_sorts(&mut log);
            log.flush(Instant(0)).unwrap();
            spoil_indexes(folder.path(), damage, recovery_point);
            let opening = Opening { recovery_point: Offset(recovery_point), ..Opening::default() };
            let mut reopened = open(folder.path(), config(), opening).0;
            assert_same(&mut reopened, &mut log);
        }
    }
}

#[test]
fn an_index_that_makes_no_sense_is_read_from_the_log_again_after_a_clean_stop() {
    for damage in ["torn", "garbage"] {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path(), config(), Opening::default()).0;
        append_all_sorts(&mut log);
        let end = log.close_cleanly().unwrap();
        spoil_indexes(folder.path(), damage, 0);
        let mut reopened = open(folder.path(), config(), clean(end)).0;
        assert_same(&mut reopened, &mut log);
        drop(reopened);
        let mut again = open(folder.path(), config(), clean(end)).0;
        assert_same(&mut again, &mut log);
    }
}

#[test]
fn truncation_opens_transactions_again_whose_ends_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 0, 0, 2), abort(7, 0, 1), transactional(7, 0, 2, 2)]);
    append(&mut log, [abort(7, 0, 1)]);
    log.flush(Instant(0)).unwrap();
    log.truncate_to(Offset(5), now()).unwrap();
    assert_eq!(stable(&mut log), 3);
    assert_eq!(aborted(&mut log, 0, 5), [(7, 0, 2)]);
    append(&mut log, [commit(7, 0, 1)]);
    assert_eq!(stable(&mut log), 6);
    assert_eq!(aborted(&mut log, 0, 6), [(7, 0, 2)]);
}

#[test]
fn retention_takes_the_index_of_a_segment_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    for round in 0..60 {
        append(&mut log, [transactional(7, 0, round, 1), abort(7, 0, 1)]);
    }
    log.flush(Instant(0)).unwrap();
    assert!(folder.path().join(index(0)).exists());
    let short = LogConfig { retention_bytes: 500, ..config() };
    log.set_config(short.into());
    let removal = log.apply_retention(Offset(120), now()).unwrap().unwrap();
    removal.run().unwrap();
    assert!(!folder.path().join(index(0)).exists());
    let start = log.start_offset();
    assert!(start > Offset(0));
    assert!(aborted(&mut log, start.0, 120).iter().all(|(_, _, last)| *last >= start.0));
}

#[test]
fn an_older_coordinator_cannot_end_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 0, 0, 1), commit(7, 0, 5), transactional(7, 0, 1, 1)]);
    let refused = log.append_as_leader(abort(7, 0, 4), LeaderEpoch(0), now());
    let Err(AppendError::Producer(ProducerError::FencedCoordinator { given, current, .. })) =
        refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((given, current), (4, 5));
    append(&mut log, [abort(7, 0, 5)]);
}

#[test]
fn an_older_incarnation_of_a_producer_cannot_end_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 3, 0, 1)]);
    let refused = log.append_as_leader(abort(7, 2, 0), LeaderEpoch(0), now());
    assert!(matches!(refused, Err(AppendError::Producer(ProducerError::StaleEpoch { .. }))));
    // A newer one ends what the older one began.
    append(&mut log, [abort(7, 4, 0)]);
    assert_eq!(stable(&mut log), 2);
    assert_eq!(aborted(&mut log, 0, 2), [(7, 0, 1)]);
}

#[test]
fn a_producer_writes_nothing_beside_its_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 0, 0, 1)]);
    let refused = log.append_as_leader(produced(7, 0, 1, 1), LeaderEpoch(0), now());
    assert!(matches!(refused, Err(AppendError::Producer(ProducerError::OutsideTransaction(_)))));
}

#[test]
fn a_producer_with_an_open_transaction_is_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append(&mut log, [transactional(7, 0, 0, 1), produced(8, 0, 0, 1)]);
    log.expire_producers(types::Timestamp(i64::MAX));
    assert_eq!(log.producer_count(), 1);
    append(&mut log, [abort(7, 0, 0)]);
    assert_eq!(stable(&mut log), 3);
}

#[test]
fn kafka_reads_our_index_of_aborted_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), config(), Opening::default()).0;
    append_all_sorts(&mut log);
    log.close_cleanly().unwrap();
    let ours = log.aborted_transactions(Offset(0), log.end_offset()).unwrap();
    let mut said = String::new();
    for name in indexes(folder.path()) {
        let file = folder.path().join(name).display().to_string();
        let output = kafka_jars::tool("org.apache.kafka.tools.DumpLogSegments", ["--files", &file]);
        said += &kafka_jars::text(&output);
    }
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("version: ")).collect();
    let wanted: Vec<String> = ours
        .iter()
        .map(|one| {
            format!(
                "version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
                one.producer, one.first_offset, one.last_offset, one.last_stable_offset
            )
        })
        .collect();
    assert_eq!(lines, wanted, "{said}");
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 2000, index_interval_bytes: 300, ..LogConfig::default() }
}

fn append(log: &mut Log, batches: impl IntoIterator<Item = ProducedBatch>) {
    for batch in batches {
        log.append_as_leader(batch, LeaderEpoch(0), now()).unwrap();
    }
}

/// Interleaved transactions of both ends, one of which stays open, across several segments.
fn append_all_sorts(log: &mut Log) {
    append(log, [batch(3, 10)]);
    for round in 0..30 {
        let (id, sequence) = (2000 + round, i32::try_from(round).unwrap());
        append(log, [transactional(id, 0, 0, 2), transactional(8, 0, sequence, 1)]);
        append(log, [batch(1, 20), abort(8, 0, 1), transactional(id, 0, 2, 1)]);
        append(log, [if round % 3 == 0 { commit(id, 0, 2) } else { abort(id, 0, 2) }]);
    }
    append(log, [transactional(9, 0, 0, 2), batch(1, 10)]);
}

fn stable(log: &mut Log) -> i64 {
    let end = log.end_offset();
    log.last_stable_offset(end).0
}

/// Producer, first and last offset of the transactions aborted in a range.
fn aborted(log: &mut Log, start: i64, end: i64) -> Vec<(i64, i64, i64)> {
    let found = log.aborted_transactions(Offset(start), Offset(end)).unwrap();
    found.iter().map(|one| (one.producer.0, one.first_offset.0, one.last_offset.0)).collect()
}

fn assert_same(log: &mut Log, original: &mut Log) {
    let end = original.end_offset();
    assert_eq!(log.end_offset(), end);
    assert_eq!(stable(log), stable(original));
    let all = |log: &mut Log| log.aborted_transactions(Offset(0), end).unwrap();
    assert_eq!(all(log), all(original));
}

fn spoil_indexes(folder: &Path, damage: &str, from: i64) {
    for name in indexes(folder) {
        let path = folder.join(&name);
        let base: i64 = name[..20].parse().unwrap();
        let bytes = fs::read(&path).unwrap();
        match damage {
            _ if base < from => {}
            "gone" => fs::remove_file(&path).unwrap(),
            "torn" => fs::write(&path, &bytes[..bytes.len() - 1]).unwrap(),
            "garbage" => fs::write(&path, vec![0x55; bytes.len()]).unwrap(),
            _ => {}
        }
    }
}

fn indexes(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".txnindex"));
    names.sort();
    names
}

fn index(base: i64) -> String {
    format!("{base:020}.txnindex")
}
