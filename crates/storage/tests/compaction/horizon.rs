//! Tombstones, transactions and producers.

use protocol::records::Codec;
use types::{Offset, Timestamp};

use crate::{
    support::{abort, at, commit, produced, transactional},
    table::*,
};

#[test]
fn pitfall_25_a_tombstone_stays_until_its_horizon() {
    let (_folder, mut log) = fresh();
    put(&mut log, "a", "1");
    delete(&mut log, "a");
    roll(&mut log);
    clean(&mut log, 3000);
    assert_eq!(rows(&mut log), [row(1, "a", None)]);
    assert_eq!(headers(&mut log)[0].delete_horizon(), Some(Timestamp(4000)));
    roll(&mut log);
    clean(&mut log, 3999);
    assert_eq!(rows(&mut log), [row(1, "a", None)]);
    roll(&mut log);
    clean(&mut log, 4000);
    assert_eq!(rows(&mut log), []);
}

#[test]
fn pitfall_25_a_tombstone_keeps_the_time_of_its_record() {
    let (_folder, mut log) = fresh();
    delete(&mut log, "a");
    roll(&mut log);
    clean(&mut log, 3000);
    let found = log.offset_for_timestamp(Timestamp(0)).unwrap().unwrap();
    assert_eq!((found.offset, found.timestamp), (Offset(0), Timestamp(1000)));
}

#[test]
fn pitfall_25_the_last_batch_of_a_live_producer_stays_even_without_records() {
    let (folder, mut log) = fresh();
    append(&mut log, table(Codec::Lz4, Some((7, 0)), &[("a", Some("1")), ("b", Some("1"))]));
    put(&mut log, "a", "2");
    put(&mut log, "b", "2");
    roll(&mut log);
    clean(&mut log, 3000);
    let first = headers(&mut log)[0];
    assert_eq!((first.count(), first.base_offset(), first.last_offset().0), (0, Offset(0), 1));
    // The snapshots are gone: the state comes from what is in the log.
    let mut log = reopen_without_snapshots(&folder, log);
    let next = table(Codec::None, Some((7, 2)), &[("c", Some("1"))]);
    assert!(!log.append_as_leader(next, types::LeaderEpoch(0), at(3000)).unwrap().duplicate);
    let again = table(Codec::None, Some((7, 0)), &[("a", Some("1")), ("b", Some("1"))]);
    assert!(log.append_as_leader(again, types::LeaderEpoch(0), at(3000)).unwrap().duplicate);
}

#[test]
fn pitfall_25_of_a_producer_only_the_last_batch_is_kept_empty() {
    let (_folder, mut log) = fresh();
    for sequence in 0..3 {
        append(&mut log, table(Codec::None, Some((7, sequence)), &[("a", Some("1"))]));
    }
    put(&mut log, "a", "2");
    roll(&mut log);
    clean(&mut log, 3000);
    let of_producer = headers(&mut log).into_iter().filter(|batch| batch.has_producer());
    let kept: Vec<_> = of_producer.map(|batch| (batch.base_offset().0, batch.count())).collect();
    assert_eq!(kept, [(2, 0)]);
}

#[test]
fn pitfall_25_aborted_records_go_and_their_marker_waits_for_its_horizon() {
    let (_folder, mut log) = fresh();
    put(&mut log, "key", "first");
    append(&mut log, transactional(7, 0, 0, 2));
    append(&mut log, abort(7, 0, 1));
    append(&mut log, produced(7, 0, 2, 1));
    append(&mut log, table(Codec::None, None, &[("key", Some("last"))]));
    roll(&mut log);

    clean(&mut log, 3000);
    assert_eq!(rows(&mut log).last().unwrap(), &row(5, "key", Some("last")));
    assert_eq!(rows(&mut log).len(), 1);
    assert_eq!(markers(&mut log), [(3, None)]);
    assert_eq!(log.aborted_transactions(Offset(0), Offset(6)).unwrap().len(), 1);

    roll(&mut log);
    clean(&mut log, 5000);
    assert_eq!(markers(&mut log), [(3, Some(6000))]);
    assert_eq!(log.aborted_transactions(Offset(0), Offset(6)).unwrap().len(), 0);

    roll(&mut log);
    clean(&mut log, 6000);
    assert_eq!(markers(&mut log), []);
}

#[test]
fn pitfall_25_what_was_aborted_supersedes_nothing() {
    let (_folder, mut log) = fresh();
    put(&mut log, "key", "kept");
    append(&mut log, transactional(7, 0, 0, 1));
    append(&mut log, abort(7, 0, 1));
    roll(&mut log);
    clean(&mut log, 3000);
    assert_eq!(rows(&mut log), [row(0, "key", Some("kept"))]);
}

#[test]
fn pitfall_25_a_commit_stays_while_a_record_of_its_transaction_does() {
    let (_folder, mut log) = fresh();
    append(&mut log, transactional(7, 0, 0, 1));
    append(&mut log, commit(7, 0, 1));
    append(&mut log, produced(7, 0, 1, 1));
    roll(&mut log);
    clean(&mut log, 3000);
    assert_eq!(markers(&mut log), [(1, None)], "the record before it was just removed");
    roll(&mut log);
    clean(&mut log, 4000);
    assert_eq!(markers(&mut log), [(1, Some(5000))]);
    roll(&mut log);
    clean(&mut log, 5000);
    assert_eq!(markers(&mut log), []);
}

/// The offsets of the markers and their horizons.
fn markers(log: &mut storage::Log) -> Vec<(i64, Option<i64>)> {
    let markers = headers(log).into_iter().filter(|batch| batch.is_control() && batch.count() > 0);
    markers
        .map(|batch| (batch.base_offset().0, batch.delete_horizon().map(|horizon| horizon.0)))
        .collect()
}

fn reopen_without_snapshots(folder: &tempfile::TempDir, mut log: storage::Log) -> storage::Log {
    let end = log.close_cleanly().unwrap();
    drop(log);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "snapshot") {
            std::fs::remove_file(path).unwrap();
        }
    }
    crate::support::open(folder.path(), config(), crate::support::clean(end)).0
}
