//! What a node does by itself, from time to time and at its start and stop.

mod driver;

use std::path::Path;

use driver::Driver;
use node::{
    RecoveryView,
    request::{Acks, Position},
};
use types::Offset;

const HIGH_WATERMARKS: &str = "data/replication-offset-checkpoint";
const DAY_MS: u64 = 86_400_000;
const CHECK_MS: u64 = 600_000;
const LONG_AGO: i64 = 1_000;

#[test]
fn high_watermarks_are_written_down_now_and_then_and_at_the_stop() {
    let mut driver = with_topic(&[]);
    driver.produce("chat", 0, Acks::All, &["a", "b"]).unwrap();
    driver.pass(5_000);
    driver.run_jobs();
    let written = driver.disk().peek(Path::new(HIGH_WATERMARKS)).unwrap();
    assert_eq!(written, b"0\n1\nchat 0 2\n");
    driver.produce("chat", 0, Acks::All, &["c"]).unwrap();
    driver.stop().unwrap();
    let written = driver.disk().peek(Path::new(HIGH_WATERMARKS)).unwrap();
    assert_eq!(written, b"0\n1\nchat 0 3\n");
}

#[test]
fn what_was_readable_before_a_kill_is_so_at_once_after_it() {
    let mut driver = with_topic(&[("flush.messages", "1")]);
    driver.produce("chat", 0, Acks::All, &["a", "b"]).unwrap();
    driver.pass(5_000);
    driver.run_jobs();
    driver.kill();
    driver.start_without("flush");
    assert!(driver.is_serving());
    assert_eq!(driver.list_offset("chat", 0, Position::Latest).unwrap().offset, Offset(2));
}

#[test]
fn a_high_watermark_beyond_what_a_power_cut_left_is_not_believed() {
    let mut driver = with_topic(&[]);
    driver.produce("chat", 0, Acks::All, &["a", "b"]).unwrap();
    driver.pass(5_000);
    driver.run_jobs();
    driver.cut_power();
    driver.start();
    let end = driver.list_offset("chat", 0, Position::Latest).unwrap().offset;
    let produced = driver.produce("chat", 0, Acks::All, &["c"]).unwrap();
    assert_eq!(produced.base_offset, end);
    assert_eq!(driver.fetch("chat", 0, end.0), ["c"]);
}

#[test]
fn the_logs_that_were_there_are_counted_while_they_are_recovered() {
    let mut driver = Driver::new();
    driver.start();
    assert_eq!(driver.node().recovery(), Some(RecoveryView { recovered: 0, of: 0 }));
    driver.create_topic("chat", 3, &[]);
    assert_eq!(driver.node().recovery(), Some(RecoveryView { recovered: 0, of: 0 }));
    driver.kill();
    driver.start_without("open a log");
    assert!(!driver.is_serving());
    assert_eq!(driver.node().recovery(), Some(RecoveryView { recovered: 0, of: 3 }));
    driver.run_one_job();
    assert_eq!(driver.node().recovery(), Some(RecoveryView { recovered: 1, of: 3 }));
    driver.run_jobs();
    assert_eq!(driver.node().recovery(), Some(RecoveryView { recovered: 3, of: 3 }));
    assert!(driver.is_serving());
}

#[test]
fn pitfall_13_a_producer_in_use_is_remembered_whatever_the_time_of_its_records() {
    let mut driver = with_topic(&[]);
    let producer = driver.producer_id();
    for sequence in 0..3 {
        driver.produce_as(producer, sequence, LONG_AGO).unwrap();
        driver.pass(DAY_MS - CHECK_MS);
        driver.run_jobs();
    }
    let again = driver.produce_as(producer, 2, LONG_AGO).unwrap();
    assert_eq!(again.base_offset, Offset(2), "a duplicate is told where its first copy is");
    driver.produce_as(producer, 4, LONG_AGO).unwrap_err();
}

#[test]
fn pitfall_13_a_producer_in_use_is_remembered_after_a_kill_whatever_the_time_of_its_records() {
    let mut driver = with_topic(&[]);
    let producer = driver.producer_id();
    driver.produce_as(producer, 0, LONG_AGO).unwrap();
    driver.kill();
    driver.start();
    driver.pass(CHECK_MS);
    driver.run_jobs();
    assert_eq!(driver.produce_as(producer, 0, LONG_AGO).unwrap().base_offset, Offset(0));
}

#[test]
fn pitfall_13_an_idle_producer_is_forgotten_after_its_time_and_may_go_on_where_it_was() {
    let mut driver = with_topic(&[]);
    let producer = driver.producer_id();
    driver.produce_as(producer, 0, LONG_AGO).unwrap();
    driver.pass(DAY_MS + CHECK_MS);
    driver.run_jobs();
    assert_eq!(driver.produce_as(producer, 1, LONG_AGO).unwrap().base_offset, Offset(1));
    // What it sent before it was forgotten is not known to be a duplicate any more.
    driver.produce_as(producer, 0, LONG_AGO).unwrap_err();
}

fn with_topic(configs: &[(&str, &str)]) -> Driver {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, configs);
    driver
}
