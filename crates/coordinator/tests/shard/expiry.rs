//! Offsets and groups that have had their time.

use std::{sync::Arc, time::Duration};

use coordinator::{
    Shard, WriteError,
    answer::Answer,
    request::{Commit, Leave, Leaver, Request},
};

use crate::driver::*;

/// Every check falls on a whole multiple of this.
const CHECK: Duration = Duration::from_secs(600);

#[test]
fn an_offset_of_nobodys_expires_after_its_commit_and_its_group_with_it() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    driver.pass(3 * DAY);
    driver.ask(commit(driver.now, "readers", "chat", 1, 1));
    driver.pass(4 * DAY - CHECK);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    driver.pass(2 * CHECK);
    assert_eq!(driver.offset("readers", "chat", 0), None);
    assert_eq!(driver.offset("readers", "chat", 1), Some(1));
    driver.pass(3 * DAY);
    assert_eq!(driver.shard.group_count(), 0);
    assert_eq!(driver.log.last().unwrap().len(), 2, "tombstones of the offset and the group");
    assert_eq!(driver.reloaded().group_count(), 0);
}

#[test]
fn offsets_of_a_group_expire_after_it_has_become_empty_however_old_they_are() {
    let mut driver = Driver::new();
    let member = driver.member("readers", &["chat"]);
    let offsets = vec![committing(driver.now, "chat", 0, 1)];
    driver.ask(commit_as(member.clone(), "readers", offsets));
    for _ in 0..6 {
        driver.now.wall.0 += i64::try_from(DAY.as_millis()).unwrap();
    }
    let leaver = Leaver { member: member.member, instance: None, reason: None };
    driver.ask(Request::Leave(Leave { group: id("readers"), members: vec![leaver] }));
    driver.pass(7 * DAY - CHECK);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    driver.pass(2 * CHECK);
    assert_eq!(driver.shard.group_count(), 0);
    assert_eq!(driver.reloaded().group_count(), 0);
}

#[test]
fn a_stable_group_keeps_the_offsets_of_what_it_reads_and_no_others() {
    let mut driver = Driver::new();
    let member = driver.member("readers", &["chat"]);
    let offsets = ["chat", "news"].map(|topic| committing(driver.now, topic, 0, 1));
    driver.ask(commit_as(member.clone(), "readers", offsets.to_vec()));
    // The member stays alive while only the wall clock shows how much time has passed.
    driver.now.wall.0 += i64::try_from((7 * DAY).as_millis()).unwrap();
    let end = driver.now.instant.after(CHECK);
    while driver.now.instant < end {
        driver.pass(Duration::from_secs(5));
        let heartbeat =
            coordinator::request::Heartbeat { group: id("readers"), caller: member.clone() };
        assert_eq!(driver.ask(Request::Heartbeat(heartbeat)), Answer::Heartbeat(Ok(())));
    }
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    assert_eq!(driver.offset("readers", "news", 0), None);
    assert_eq!(driver.groups(), ["readers"]);
}

#[test]
fn a_clients_own_retention_counts_instead() {
    let mut driver = Driver::new();
    let offsets = vec![committing(driver.now, "chat", 0, 1)];
    driver.ask(Request::Commit(Commit {
        group: id("readers"),
        caller: nobody(),
        retention: Some(HOUR),
        offsets,
    }));
    driver.pass(HOUR - CHECK);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    driver.pass(2 * CHECK);
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn a_group_whose_last_offset_was_deleted_is_gone_at_the_next_check() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    driver.ask(delete_offsets("readers", &[place("chat", 0)]));
    assert_eq!(driver.groups(), ["readers"]);
    driver.pass(2 * CHECK);
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn very_many_expired_offsets_are_forgotten_batch_by_batch() {
    let mut driver = Driver::new();
    for group in 0..30 {
        let offsets = (0..100).map(|partition| committing(driver.now, "chat", partition, 1));
        let offsets = offsets.collect();
        driver.ask(commit_as(nobody(), &format!("readers-{group}"), offsets));
    }
    driver.log.clear();
    driver.pass(7 * DAY + 2 * CHECK);
    assert_eq!((driver.shard.group_count(), driver.shard.committed_count()), (0, 0));
    assert!(driver.log.iter().all(|batch| batch.len() <= 1_100), "batches are bounded");
    assert_eq!(driver.log.iter().map(Vec::len).sum::<usize>(), 30 * 101);
}

#[test]
fn what_could_not_be_forgotten_is_at_the_next_check() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    driver.now.wall.0 += i64::try_from((7 * DAY).as_millis()).unwrap();
    driver.now.instant = driver.now.instant.after(CHECK);
    driver.with(Shard::tick);
    driver.fail_one(WriteError::NotNow);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    driver.pass(2 * CHECK);
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn a_shorter_retention_counts_from_the_next_check_on() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    let config = coordinator::Config { offsets_retention: HOUR, ..config() };
    driver.shard.set_config(Arc::new(config));
    driver.pass(HOUR + 2 * CHECK);
    assert_eq!(driver.shard.group_count(), 0);
}
