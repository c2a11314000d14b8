//! A node from an empty folder to a message, over a simulated disk.

mod driver;

use driver::Driver;
use node::{
    answer::{PartitionError, ProduceError},
    control::{Outcome, Refusal},
    request::{Acks, Position},
};
use types::Offset;

#[test]
fn an_empty_folder_becomes_a_serving_broker() {
    let mut driver = Driver::new();
    driver.start();
    assert!(driver.is_serving());
}

#[test]
fn what_is_produced_can_be_fetched() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 2, &[]);
    let produced = driver.produce("chat", 0, Acks::All, &["hello", "world"]).unwrap();
    assert_eq!(produced.base_offset, Offset(0));
    assert_eq!(driver.fetch("chat", 0, 0), ["hello", "world"]);
    assert_eq!(driver.list_offset("chat", 0, Position::Latest).unwrap().offset, Offset(2));
    assert_eq!(driver.list_offset("chat", 1, Position::Latest).unwrap().offset, Offset(0));
}

#[test]
fn under_flush_messages_an_acknowledgement_waits_for_the_disk() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[("flush.messages", "1")]);
    let ticket = driver.begin_produce("chat", 0, Acks::All, &["hello"]);
    assert!(driver.take_produced(ticket).is_none());
    assert!(driver.fetch("chat", 0, 0).is_empty());
    driver.run_jobs();
    assert!(driver.take_produced(ticket).is_some());
    assert_eq!(driver.fetch("chat", 0, 0), ["hello"]);
}

#[test]
fn what_was_appended_is_flushed_when_it_is_as_old_as_flush_ms_allows() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[("flush.ms", "1000")]);
    driver.produce("chat", 0, Acks::All, &["hello"]).unwrap();
    driver.pass(1_000);
    driver.run_jobs();
    driver.cut_power();
    driver.start();
    assert_eq!(driver.fetch("chat", 0, 0), ["hello"]);
}

#[test]
fn a_fetch_waits_for_records_and_is_resumed_by_them() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    let ticket = driver.begin_fetch("chat", 0, 0);
    assert!(driver.take_fetched(ticket).is_none());
    driver.produce("chat", 0, Acks::Leader, &["hello"]).unwrap();
    assert_eq!(driver.take_fetched(ticket).unwrap(), ["hello"]);
}

#[test]
fn pitfall_14_a_produce_that_times_out_leaves_its_records() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[("flush.messages", "1")]);
    let ticket = driver.begin_produce("chat", 0, Acks::All, &["hello"]);
    driver.pass(29_999);
    assert!(driver.take_produced(ticket).is_none());
    driver.pass(1);
    let told = driver.take_produced(ticket).unwrap();
    assert!(matches!(told, Err(ProduceError::TimedOut)), "{told:?}");
    driver.run_jobs();
    assert_eq!(driver.fetch("chat", 0, 0), ["hello"]);
}

#[test]
fn who_asks_the_controller_waits_no_longer_than_he_said() {
    let mut driver = Driver::new();
    driver.start();
    let ticket = driver.begin_create("chat");
    driver.pass(999);
    assert!(driver.take_control(ticket).is_none(), "the metadata log is not flushed yet");
    driver.pass(1);
    let told = driver.take_control(ticket).unwrap();
    assert!(matches!(told, Outcome::Refused(Refusal::TimedOut)), "{told:?}");
}

#[test]
fn who_is_answered_by_the_controller_is_not_answered_again() {
    let mut driver = Driver::new();
    driver.start();
    let ticket = driver.begin_create("chat");
    driver.run_jobs();
    assert!(matches!(driver.take_control(ticket), Some(Outcome::CreateTopics(_))));
    driver.pass(1000);
    assert!(driver.take_control(ticket).is_none());
}

#[test]
fn a_fetch_gives_up_waiting_at_its_deadline() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    let ticket = driver.begin_fetch("chat", 0, 0);
    driver.pass(600);
    assert_eq!(driver.take_fetched(ticket).unwrap(), [""; 0]);
}

#[test]
fn everything_is_there_after_a_clean_stop() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 3, &[]);
    driver.produce("chat", 2, Acks::All, &["hello"]).unwrap();
    assert_eq!(driver.stop(), Ok(()));
    driver.start();
    assert!(driver.is_serving());
    assert_eq!(driver.fetch("chat", 2, 0), ["hello"]);
}

#[test]
fn what_was_acknowledged_is_there_after_the_process_was_killed() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    driver.produce("chat", 0, Acks::All, &["hello"]).unwrap();
    driver.kill();
    driver.start();
    assert_eq!(driver.fetch("chat", 0, 0), ["hello"]);
}

#[test]
fn with_flush_messages_what_was_acknowledged_is_there_after_a_power_cut() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[("flush.messages", "1")]);
    driver.produce("chat", 0, Acks::All, &["hello"]).unwrap();
    driver.cut_power();
    driver.start();
    assert_eq!(driver.fetch("chat", 0, 0), ["hello"]);
}

#[test]
fn a_deleted_topic_is_gone_and_its_name_is_free() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    driver.produce("chat", 0, Acks::All, &["old"]).unwrap();
    driver.delete_topic("chat");
    let gone = driver.list_offset("chat", 0, Position::Latest).unwrap_err();
    assert_eq!(gone, PartitionError::UnknownPartition);
    driver.create_topic("chat", 1, &[]);
    driver.produce("chat", 0, Acks::All, &["new"]).unwrap();
    assert_eq!(driver.fetch("chat", 0, 0), ["new"]);
    driver.stop().unwrap();
    driver.start();
    assert_eq!(driver.fetch("chat", 0, 0), ["new"]);
}

#[test]
fn a_topic_that_was_deleted_before_a_crash_does_not_come_back() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    driver.produce("chat", 0, Acks::All, &["old"]).unwrap();
    driver.delete_topic("chat");
    driver.create_topic("chat", 1, &[]);
    driver.cut_power();
    driver.start();
    assert!(driver.fetch("chat", 0, 0).is_empty());
}

#[test]
fn producer_ids_are_never_given_out_twice() {
    let mut driver = Driver::new();
    driver.start();
    let first = driver.producer_id();
    let second = driver.producer_id();
    driver.cut_power();
    driver.start();
    let third = driver.producer_id();
    assert!(first < second && second < third);
}

#[test]
fn a_snapshot_replaces_the_log_before_it() {
    let mut driver = Driver::new();
    driver.config.snapshot_bytes = 2_000;
    driver.start();
    for number in 0..40 {
        driver.create_topic(&format!("topic-{number}"), 1, &[]);
    }
    driver.produce("topic-7", 0, Acks::All, &["hello"]).unwrap();
    driver.kill();
    driver.start();
    assert_eq!(driver.node().image().topics.len(), 40);
    assert_eq!(driver.fetch("topic-7", 0, 0), ["hello"]);
}
