//! Offsets that transactions have committed, as a log says that Kafka wrote.

use std::sync::Arc;

use coordinator::{
    GroupError, Record, Shard,
    answer::Answer,
    records::{GroupRecord, OffsetCommitKey, OffsetCommitValue},
};
use protocol::records::{
    BatchBuilder, BatchView, Compression,
    control::{ControlRecord, EndTxnMarker},
};
use types::{ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::driver::*;

/// What a log holds, in order.
enum Entry {
    Plain(Record),
    Of(i64, Record),
    Commit(i64),
    Abort(i64),
}

fn offset(partition: i32, offset: i64) -> Record {
    let key = OffsetCommitKey { group: "readers".into(), topic: "chat".into(), partition };
    let commit_timestamp = 1_700_000_000_000;
    let value = OffsetCommitValue { offset, commit_timestamp, ..Default::default() };
    GroupRecord::Offset(key, Some(value)).encode().unwrap()
}

fn replayed(entries: Vec<Entry>) -> Driver {
    let mut shard = Shard::new(Arc::new(config()));
    let producer = |id| {
        let batch = BatchBuilder::new(Compression::NONE).transactional();
        batch.producer(ProducerId(id), ProducerEpoch(0), Sequence(0))
    };
    let marker = |id, record| {
        let mut batch = producer(id).control();
        batch.push_control(Timestamp(1), &record);
        batch.build()
    };
    for entry in entries {
        let bytes = match entry {
            Entry::Plain(record) => fill(BatchBuilder::new(Compression::NONE), &[record]),
            Entry::Of(id, record) => fill(producer(id), &[record]),
            Entry::Commit(id) => marker(id, ControlRecord::Commit(EndTxnMarker::default())),
            Entry::Abort(id) => marker(id, ControlRecord::Abort(EndTxnMarker::default())),
        };
        let replayed = shard.replay(&BatchView::parse(&bytes).unwrap());
        assert_eq!((replayed.records, replayed.damaged), (1, 0));
    }
    Driver::loaded(shard)
}

#[test]
fn an_undecided_offset_is_unstable_for_whoever_asks_and_unseen_by_others() {
    let driver = replayed(vec![Entry::Plain(offset(0, 1)), Entry::Of(7, offset(0, 2))]);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    let stable = driver.committed("readers", "chat", 0, true);
    assert_eq!(stable, Err(GroupError::UnstableOffset));
    let other = driver.committed("readers", "chat", 1, true);
    assert_eq!(other, Ok(None));
}

#[test]
fn a_committed_transactions_offsets_count() {
    let entries = vec![
        Entry::Of(7, offset(0, 2)),
        Entry::Of(7, offset(0, 3)),
        Entry::Of(8, offset(1, 5)),
        Entry::Commit(7),
    ];
    let driver = replayed(entries);
    let stable = driver.committed("readers", "chat", 0, true).unwrap();
    assert_eq!(stable.map(|it| it.offset.0), Some(3));
    assert_eq!(driver.offset("readers", "chat", 1), None, "of another transaction");
}

#[test]
fn an_aborted_transactions_offsets_vanish() {
    let entries = vec![Entry::Plain(offset(0, 1)), Entry::Of(7, offset(0, 2)), Entry::Abort(7)];
    let driver = replayed(entries);
    let stable = driver.committed("readers", "chat", 0, true).unwrap();
    assert_eq!(stable.map(|it| it.offset.0), Some(1));
}

#[test]
fn an_end_without_a_transaction_is_nothing() {
    let driver = replayed(vec![Entry::Commit(7), Entry::Abort(8)]);
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn what_was_committed_later_counts_whichever_transaction_ends_first() {
    let plain_in_between =
        vec![Entry::Of(7, offset(0, 2)), Entry::Plain(offset(0, 9)), Entry::Commit(7)];
    assert_eq!(replayed(plain_in_between).offset("readers", "chat", 0), Some(9));
    let later_ends_first = vec![
        Entry::Of(7, offset(0, 2)),
        Entry::Of(8, offset(0, 3)),
        Entry::Commit(8),
        Entry::Commit(7),
    ];
    assert_eq!(replayed(later_ends_first).offset("readers", "chat", 0), Some(3));
    let later_ends_last = vec![
        Entry::Of(7, offset(0, 2)),
        Entry::Of(8, offset(0, 3)),
        Entry::Commit(7),
        Entry::Commit(8),
    ];
    assert_eq!(replayed(later_ends_last).offset("readers", "chat", 0), Some(3));
}

#[test]
fn a_tombstone_takes_undecided_offsets_with_it() {
    let mut tombstone = offset(0, 0);
    tombstone.value = None;
    let entries = vec![
        Entry::Of(7, offset(0, 2)),
        Entry::Of(7, offset(1, 2)),
        Entry::Plain(tombstone),
        Entry::Commit(7),
    ];
    let driver = replayed(entries);
    assert_eq!(driver.offset("readers", "chat", 0), None);
    assert_eq!(driver.offset("readers", "chat", 1), Some(2));
}

#[test]
fn undecided_offsets_keep_their_group() {
    let mut driver = replayed(vec![
        Entry::Plain(offset(0, 1)),
        Entry::Of(7, offset(0, 2)),
        Entry::Of(7, offset(1, 2)),
    ]);
    driver.pass(8 * DAY);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1), "it does not expire meanwhile");
    let answer = driver.ask(delete_offsets("readers", &[place("chat", 0), place("chat", 1)]));
    assert_eq!(answer, Answer::DeleteOffsets(Ok(vec![Ok(()), Ok(())])));
    assert_eq!(driver.log.last().unwrap().len(), 2);
    driver.pass(HOUR);
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn a_group_is_deleted_with_its_undecided_offsets() {
    let mut driver = replayed(vec![Entry::Of(7, offset(0, 2))]);
    assert_eq!(driver.ask(delete_group("readers")), Answer::DeleteGroup(Ok(())));
    assert_eq!(driver.shard.group_count(), 0);
}
