//! Offsets by what is there, and by time.

mod driver;

use driver::Driver;
use node::{
    answer::PartitionError,
    request::{Acks, Position},
};
use types::{LeaderEpoch, Offset, Timestamp};

#[test]
fn pitfall_24_by_time_the_first_record_at_or_after_it_is_found_and_none_behind_the_last() {
    let mut driver = with_times(&[10, 30, 20]);
    assert_eq!(by_time(&driver, 11), (Offset(1), 30));
    assert_eq!(by_time(&driver, 30), (Offset(1), 30));
    assert_eq!(by_time(&driver, 31), (Offset(-1), -1));
    driver.produce_at(31);
    assert_eq!(by_time(&driver, 31), (Offset(3), 31));
}

#[test]
fn the_latest_time_is_that_of_a_record_that_was_not_deleted() {
    let mut driver = with_times(&[10, 30, 20, 15]);
    assert_eq!(latest_time(&driver), (Offset(1), 30));
    driver.delete_records("chat", 2).unwrap();
    assert_eq!(latest_time(&driver), (Offset(2), 20));
    assert_eq!(by_time(&driver, 11), (Offset(2), 20));
    driver.delete_records("chat", -1).unwrap();
    assert_eq!(latest_time(&driver), (Offset(-1), -1));
}

#[test]
fn without_tiered_storage_nothing_is_in_it_and_nothing_waits_to_be() {
    let driver = with_times(&[10]);
    for position in [Position::LatestTiered, Position::EarliestPendingUpload] {
        let listed = driver.list_offset("chat", 0, position).unwrap();
        let told = (listed.offset, listed.timestamp, listed.epoch);
        assert_eq!(told, (Offset(-1), Timestamp(-1), LeaderEpoch(-1)));
    }
}

#[test]
fn the_latest_offset_is_told_with_the_leaders_epoch_and_the_earliest_with_its_own() {
    let mut driver = with_times(&[10, 20]);
    driver.kill();
    driver.start();
    let epochs = |driver: &Driver| {
        [Position::Earliest, Position::Latest]
            .map(|position| driver.list_offset("chat", 0, position).unwrap().epoch)
    };
    let [first, leader] = epochs(&driver);
    assert!(first < leader, "a restart is a new reign: {first} {leader}");
    driver.delete_records("chat", -1).unwrap();
    assert_eq!(epochs(&driver), [leader, leader]);
}

#[test]
fn pitfall_24_a_leader_that_does_not_know_yet_what_is_replicated_says_so() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[("flush.messages", "1")]);
    driver.produce("chat", 0, Acks::All, &["a"]).unwrap();
    driver.kill();
    driver.start_without("flush");
    let unavailable = Err(PartitionError::OffsetNotAvailable);
    assert_eq!(driver.list_offset("chat", 0, Position::Latest), unavailable);
    assert_eq!(driver.list_offset("chat", 0, Position::At(Timestamp(0))), unavailable);
    assert!(driver.list_offset("chat", 0, Position::Earliest).is_ok());
    driver.run_jobs();
    assert_eq!(driver.list_offset("chat", 0, Position::Latest).unwrap().offset, Offset(1));
}

fn with_times(times: &[i64]) -> Driver {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    for time in times {
        driver.produce_at(*time);
    }
    driver
}

fn by_time(driver: &Driver, time: i64) -> (Offset, i64) {
    told(driver, Position::At(Timestamp(time)))
}

fn latest_time(driver: &Driver) -> (Offset, i64) {
    told(driver, Position::MaxTimestamp)
}

fn told(driver: &Driver, position: Position) -> (Offset, i64) {
    let listed = driver.list_offset("chat", 0, position).expect("the partition is led");
    (listed.offset, listed.timestamp.0)
}
