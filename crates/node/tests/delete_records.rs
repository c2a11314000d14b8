//! Records that were deleted are gone for good, whatever happens to the process.

mod driver;

use std::path::Path;

use driver::Driver;
use node::{
    answer::{DeleteRecordsError, PartitionError},
    request::{Acks, Position},
};
use runtime::Disk;
use storage::CleanupPolicy;
use types::{LeaderEpoch, Offset};

const CHECKPOINT: &str = "data/log-start-offset-checkpoint";

#[test]
fn deleted_records_are_out_of_range_and_the_log_begins_behind_them() {
    let mut driver = with_records(5, &[]);
    assert_eq!(driver.delete_records("chat", 3), Ok(Offset(3)));
    assert_eq!(driver.fetch_error("chat", 2), Some(PartitionError::OffsetOutOfRange));
    assert_eq!(driver.fetch("chat", 0, 3), ["3", "4"]);
    let earliest = driver.list_offset("chat", 0, Position::Earliest).unwrap();
    assert_eq!((earliest.offset, earliest.epoch), (Offset(3), LeaderEpoch(0)));
}

#[test]
fn pitfall_26_minus_one_deletes_up_to_the_high_watermark_and_answers_the_low_watermark() {
    let mut driver = with_records(5, &[]);
    assert_eq!(driver.delete_records("chat", -1), Ok(Offset(5)));
    assert!(driver.fetch("chat", 0, 5).is_empty());
    assert_eq!(driver.produce("chat", 0, Acks::All, &["5"]).unwrap().base_offset, Offset(5));
    // What is gone already stays gone.
    assert_eq!(driver.delete_records("chat", 2), Ok(Offset(5)));
}

#[test]
fn offsets_above_the_high_watermark_and_below_minus_one_are_out_of_range() {
    let mut driver = with_records(5, &[]);
    for offset in [6, i64::MAX, -2, i64::MIN] {
        let error = driver.delete_records("chat", offset).unwrap_err();
        assert_eq!(error, PartitionError::OffsetOutOfRange.into(), "{offset}");
    }
    assert_eq!(driver.fetch("chat", 0, 0).len(), 5);
}

#[test]
fn only_where_nothing_but_compaction_makes_a_topic_smaller_deleting_is_against_its_policy() {
    for (delete, compact, outcome) in [
        (false, true, Err(DeleteRecordsError::Policy)),
        (true, true, Ok(Offset(0))),
        (true, false, Ok(Offset(0))),
        (false, false, Ok(Offset(0))),
    ] {
        let mut driver = Driver::new();
        driver.config.topics.log.cleanup_policy = CleanupPolicy { delete, compact };
        driver.start();
        driver.create_topic("chat", 1, &[]);
        assert_eq!(driver.delete_records("chat", -1), outcome, "{delete} {compact}");
    }
}

#[test]
fn unknown_partitions_have_no_records_to_delete() {
    let mut driver = with_records(1, &[]);
    for (topic, partition) in [("nosuch", 0), ("chat", 1)] {
        let ticket = driver.begin_delete_records(topic, &[partition], 0);
        let outcomes = driver.take_deleted(ticket).unwrap();
        assert_eq!(outcomes, [Err(PartitionError::UnknownPartition.into())]);
    }
}

#[test]
fn a_deletion_is_answered_when_it_is_on_disk_and_one_write_serves_all_that_wait() {
    let mut driver = with_records(5, &[]);
    let first = driver.begin_delete_records("chat", &[0], 1);
    let second = driver.begin_delete_records("chat", &[0], 2);
    let third = driver.begin_delete_records("chat", &[0], 3);
    assert!(driver.take_deleted(first).is_none());
    assert_eq!(driver.run_one_job(), 1, "the second write waits for the first");
    assert_eq!(driver.take_deleted(first).unwrap(), [Ok(Offset(1))]);
    assert!(driver.take_deleted(second).is_none());
    assert_eq!(driver.run_one_job(), 0);
    assert_eq!(driver.take_deleted(second).unwrap(), [Ok(Offset(2))]);
    assert_eq!(driver.take_deleted(third).unwrap(), [Ok(Offset(3))]);
}

#[test]
fn what_was_answered_survives_a_kill_and_a_power_cut_at_once() {
    for configs in [&[][..], &[("flush.messages", "1")]] {
        for cut in [Driver::kill, Driver::cut_power] {
            let mut driver = with_records(5, configs);
            driver.delete_records("chat", 3).unwrap();
            cut(&mut driver);
            driver.start();
            driver.run_jobs();
            assert_eq!(driver.fetch_error("chat", 2), Some(PartitionError::OffsetOutOfRange));
            let earliest = driver.list_offset("chat", 0, Position::Earliest).unwrap();
            assert_eq!(earliest.offset, Offset(3));
        }
    }
}

#[test]
fn a_deletion_that_is_answered_while_the_node_stops_survives_too() {
    let mut driver = with_records(5, &[]);
    let ticket = driver.begin_delete_records("chat", &[0], 3);
    driver.begin_stop();
    driver.run_one_job();
    assert_eq!(driver.take_deleted(ticket).unwrap(), [Ok(Offset(3))]);
    driver.kill();
    driver.start();
    assert_eq!(driver.fetch_error("chat", 2), Some(PartitionError::OffsetOutOfRange));
}

#[test]
fn when_the_disk_refuses_the_new_start_nothing_is_promised() {
    let mut driver = with_records(5, &[]);
    driver.disk().fail_sync_after(0);
    let error = driver.delete_records("chat", 3).unwrap_err();
    assert!(matches!(error, DeleteRecordsError::Disk(_)));
    // The next one writes the start down, although it does not move it.
    assert_eq!(driver.delete_records("chat", 2), Ok(Offset(3)));
    driver.cut_power();
    driver.start();
    assert_eq!(driver.list_offset("chat", 0, Position::Earliest).unwrap().offset, Offset(3));
}

#[test]
fn a_deletion_that_takes_too_long_is_answered_once() {
    let mut driver = with_records(5, &[]);
    let ticket = driver.begin_delete_records("chat", &[0, 7], 3);
    driver.pass(30_000);
    let outcomes = driver.take_deleted(ticket).unwrap();
    let low_watermark = Offset(3);
    let timed_out = Err(DeleteRecordsError::TimedOut { low_watermark });
    assert_eq!(outcomes, [timed_out, Err(PartitionError::UnknownPartition.into())]);
    driver.run_jobs();
    assert!(driver.take_deleted(ticket).is_none());
}

#[test]
fn a_topic_created_anew_does_not_begin_where_the_deleted_one_did() {
    for cut in [Driver::kill, Driver::cut_power] {
        let mut driver = with_records(5, &[]);
        driver.delete_records("chat", 3).unwrap();
        driver.delete_topic("chat");
        driver.create_topic("chat", 1, &[("flush.messages", "1")]);
        driver.produce("chat", 0, Acks::All, &["new"]).unwrap();
        cut(&mut driver);
        driver.start();
        driver.run_jobs();
        assert_eq!(driver.fetch("chat", 0, 0), ["new"]);
    }
}

#[test]
fn a_topic_created_anew_after_a_kill_does_not_begin_where_the_deleted_one_did() {
    let mut driver = with_records(5, &[]);
    driver.delete_records("chat", 3).unwrap();
    driver.delete_topic("chat");
    driver.kill();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    driver.produce("chat", 0, Acks::All, &["new"]).unwrap();
    assert_eq!(driver.fetch("chat", 0, 0), ["new"]);
    driver.kill();
    driver.start();
    assert_eq!(driver.fetch("chat", 0, 0), ["new"]);
}

#[test]
fn the_checkpoint_is_kafkas_and_loses_its_line_when_the_segments_say_the_same() {
    let mut driver = with_records(0, &[("segment.bytes", "1048576")]);
    let large = "x".repeat(600_000);
    for _ in 0..3 {
        driver.produce("chat", 0, Acks::All, &[&large]).unwrap();
    }
    driver.delete_records("chat", 2).unwrap();
    assert_eq!(driver.disk().peek(Path::new(CHECKPOINT)).unwrap(), b"0\n1\nchat 0 2\n");
    driver.pass(300_000);
    driver.run_jobs();
    driver.pass(60_000);
    driver.run_jobs();
    assert_eq!(driver.disk().peek(Path::new(CHECKPOINT)).unwrap(), b"0\n0\n");
    let names = driver.disk().list(Path::new("data/chat-0")).unwrap();
    let segments: Vec<_> = names.iter().filter(|name| name.contains(".log")).collect();
    assert_eq!(segments, ["00000000000000000002.log"]);
}

/// A node with a topic of one partition that holds so many records, each with its offset as value.
fn with_records(count: i64, configs: &[(&str, &str)]) -> Driver {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, configs);
    for number in 0..count {
        driver
            .produce("chat", 0, Acks::All, &[&number.to_string()])
            .expect("a disk without faults takes records");
    }
    driver
}
