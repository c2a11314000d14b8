//! What is configured while a node runs takes effect without a restart.

mod driver;

use driver::Driver;
use metadata::image::ConfigResource;
use node::request::Acks;
use types::BrokerId;

fn chat() -> ConfigResource {
    ConfigResource::topic("chat")
}

fn serving(configs: &[(&str, &str)]) -> Driver {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, configs);
    driver
}

/// Whether the next record waits for the disk before it is acknowledged.
fn waits_for_the_disk(driver: &mut Driver) -> bool {
    let ticket = driver.begin_produce("chat", 0, Acks::All, &["hello"]);
    let waits = driver.take_produced(ticket).is_none();
    driver.run_jobs();
    waits
}

#[test]
fn flush_messages_holds_for_the_next_record() {
    let mut driver = serving(&[]);
    assert!(!waits_for_the_disk(&mut driver));
    driver.configure(&chat(), "flush.messages", "1");
    assert!(waits_for_the_disk(&mut driver));
}

#[test]
fn who_waits_for_a_flush_that_is_no_longer_asked_for_is_answered() {
    let mut driver = serving(&[("flush.messages", "1")]);
    let ticket = driver.begin_produce("chat", 0, Acks::All, &["hello"]);
    assert!(driver.take_produced(ticket).is_none());
    driver.configure_before_its_jobs(&chat(), "flush.messages", "1000");
    assert!(driver.take_produced(ticket).is_some());
}

#[test]
fn what_is_not_flushed_yet_is_flushed_when_it_is_as_old_as_a_new_flush_ms_allows() {
    let mut driver = serving(&[]);
    driver.produce("chat", 0, Acks::All, &["hello"]).unwrap();
    driver.configure(&chat(), "flush.ms", "1000");
    driver.pass(1_000);
    driver.run_jobs();
    driver.cut_power();
    driver.start();
    assert_eq!(driver.fetch("chat", 0, 0), ["hello"]);
}

#[test]
fn a_shorter_retention_is_seen_by_the_next_check() {
    let mut driver = serving(&[("segment.ms", "1000")]);
    driver.produce("chat", 0, Acks::All, &["old"]).unwrap();
    driver.pass(2_000);
    driver.produce("chat", 0, Acks::All, &["new"]).unwrap();
    let wait = 300_000;
    driver.pass(wait);
    driver.run_jobs();
    assert_eq!(driver.fetch("chat", 0, 0), ["old"]);
    driver.configure(&chat(), "retention.ms", "1");
    driver.pass(wait);
    driver.run_jobs();
    assert!(driver.fetch_error("chat", 0).is_some(), "what was old is gone");
}

#[test]
fn what_is_set_for_brokers_is_the_default_of_topics_at_once() {
    let mut driver = serving(&[]);
    let all = ConfigResource::all_brokers();
    driver.configure(&all, "log.flush.interval.messages", "1");
    assert!(waits_for_the_disk(&mut driver));
    let own = ConfigResource::broker(BrokerId(0));
    driver.configure(&own, "log.flush.interval.messages", "1000");
    assert!(!waits_for_the_disk(&mut driver));
    driver.configure(&chat(), "flush.messages", "1");
    assert!(waits_for_the_disk(&mut driver));
}

#[test]
fn what_is_set_for_another_broker_is_not_for_this_one() {
    let mut driver = serving(&[]);
    let other = ConfigResource::broker(BrokerId(7));
    driver.configure(&other, "log.flush.interval.messages", "1");
    assert!(!waits_for_the_disk(&mut driver));
}

#[test]
fn what_is_set_for_brokers_is_there_after_a_restart() {
    let mut driver = serving(&[]);
    driver.configure(&ConfigResource::all_brokers(), "log.flush.interval.messages", "1");
    driver.kill();
    driver.start();
    assert!(waits_for_the_disk(&mut driver));
    driver.create_topic("news", 1, &[]);
    assert_eq!(driver.node().effective().topics().log.flush_messages, 1);
}
