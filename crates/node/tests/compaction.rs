//! Compaction of a topic on a node: when it comes, and what ends it.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod driver;

use driver::Driver;
use metadata::image::ConfigResource;
use node::request::Position;

/// Every batch that comes a moment later begins a segment.
const TABLE: &[(&str, &str)] =
    &[("cleanup.policy", "compact"), ("segment.ms", "1"), ("min.cleanable.dirty.ratio", "0.5")];

#[test]
fn a_dirty_topic_is_compacted_after_a_while() {
    let mut driver = table(TABLE);
    assert_eq!(driver.fetch("table", 0, 0), ["a1"]);
    wait(&mut driver, 15_000);
    assert_eq!(all(&mut driver), ["a3", "b3", "end"]);
    assert_eq!(driver.list_offset("table", 0, Position::Earliest).unwrap().offset.0, 0);
}

#[test]
fn a_topic_that_is_clean_enough_is_left_alone() {
    let mut driver = table(TABLE);
    wait(&mut driver, 15_000);
    put(&mut driver, "a", "a4");
    wait(&mut driver, 30_000);
    assert_eq!(all(&mut driver), ["a3", "b3", "end", "a4"]);
    let figures = driver.node().cleaner_figures(driver.now());
    assert!(figures.dirty_ratio_max > 0.0 && figures.dirty_ratio_max < 0.5);
}

#[test]
fn a_topic_that_is_not_to_be_compacted_keeps_everything() {
    let mut driver = table(&[("segment.ms", "1")]);
    wait(&mut driver, 60_000);
    assert_eq!(all(&mut driver).len(), 7);
}

#[test]
fn what_was_cleaned_is_known_after_a_restart() {
    let mut driver = table(TABLE);
    wait(&mut driver, 15_000);
    driver.kill();
    driver.start();
    assert_eq!(all(&mut driver), ["a3", "b3", "end"]);
    put(&mut driver, "c", "c1");
    wait(&mut driver, 30_000);
    let figures = driver.node().cleaner_figures(driver.now());
    assert!(figures.dirty_ratio_max < 0.5, "only what is new counts as dirty");
}

#[test]
fn a_slow_cleaner_goes_on_when_it_has_paid_for_what_it_did() {
    let mut driver = Driver::new();
    driver.config.cleaner.io_bytes_per_second_max = 100.0;
    fill(&mut driver, TABLE);
    wait(&mut driver, 15_000);
    assert_eq!(all(&mut driver).len(), 7, "a few hundred bytes take seconds");
    for _ in 0..40 {
        wait(&mut driver, 1_000);
    }
    assert_eq!(all(&mut driver), ["a3", "b3", "end"]);
}

#[test]
fn a_round_under_way_goes_at_the_rate_that_is_set_meanwhile() {
    let mut driver = Driver::new();
    driver.config.cleaner.io_bytes_per_second_max = 1.0;
    fill(&mut driver, TABLE);
    wait(&mut driver, 15_000);
    wait(&mut driver, 3_000);
    assert_eq!(all(&mut driver).len(), 7, "a batch takes more than a minute");
    let rate = "log.cleaner.io.max.bytes.per.second";
    driver.configure(&ConfigResource::all_brokers(), rate, "1000000");
    wait(&mut driver, 10);
    wait(&mut driver, 10);
    assert_eq!(all(&mut driver), ["a3", "b3", "end"]);
}

#[test]
fn the_end_of_a_topic_ends_its_cleaning_and_its_successor_is_cleaned() {
    let mut driver = table(TABLE);
    driver.pass(15_000);
    assert!(driver.jobs() > 0);
    driver.delete_topic("table");
    driver.run_jobs();
    driver.create_topic("table", 1, TABLE);
    for (key, value) in [("a", "x"), ("a", "y"), ("z", "end")] {
        put(&mut driver, key, value);
    }
    wait(&mut driver, 30_000);
    assert_eq!(all(&mut driver), ["y", "end"]);
}

#[test]
fn a_stop_ends_what_is_being_cleaned() {
    let mut driver = table(TABLE);
    driver.pass(15_000);
    driver.run_waiting_jobs();
    assert_eq!(driver.stop(), Ok(()));
    driver.start();
    assert_eq!(all(&mut driver).last().unwrap(), "end");
}

#[test]
fn a_quiet_log_is_compacted_when_its_records_are_as_old_as_the_topic_allows() {
    let mut driver = table(&[("cleanup.policy", "compact"), ("max.compaction.lag.ms", "3600000")]);
    wait(&mut driver, 3_500_000);
    wait(&mut driver, 15_000);
    assert_eq!(all(&mut driver).len(), 7, "its only segment is the one that is written to");
    for _ in 0..50 {
        wait(&mut driver, 15_000);
    }
    assert_eq!(all(&mut driver), ["a3", "b3", "end"]);
}

fn table(configs: &[(&str, &str)]) -> Driver {
    let mut driver = Driver::new();
    fill(&mut driver, configs);
    driver
}

fn fill(driver: &mut Driver, configs: &[(&str, &str)]) {
    driver.start();
    driver.create_topic("table", 1, configs);
    for value in 1..=3 {
        put(driver, "a", &format!("a{value}"));
        put(driver, "b", &format!("b{value}"));
    }
    put(driver, "z", "end");
}

fn put(driver: &mut Driver, key: &str, value: &str) {
    driver.pass(10);
    driver.put("table", key, Some(value));
}

fn wait(driver: &mut Driver, milliseconds: u64) {
    driver.pass(milliseconds);
    driver.run_jobs();
}

/// The values of all records, segment by segment.
fn all(driver: &mut Driver) -> Vec<String> {
    let end = driver.list_offset("table", 0, Position::Latest).unwrap().offset.0;
    let mut values = Vec::new();
    for offset in 0..end {
        for value in driver.fetch("table", 0, offset) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    values
}
