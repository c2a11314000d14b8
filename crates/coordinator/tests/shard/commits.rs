//! Committing offsets and reading them.

use std::time::Duration;

use coordinator::{
    Generation, GroupError, MemberId, WriteError,
    answer::{Answer, State},
    request::{Caller, Commit, Request, WantedOffset},
};
use types::{LeaderEpoch, Timestamp};

use crate::driver::*;

#[test]
fn an_offset_is_told_as_it_was_committed() {
    let mut driver = Driver::new();
    let mut offset = committing(driver.now, "chat", 3, 7);
    offset.leader_epoch = LeaderEpoch(5);
    offset.metadata = "mine".into();
    offset.topic_id = Some(topic_id(9));
    let answer = driver.ask(commit_as(nobody(), "readers", vec![offset]));
    assert_eq!(answer, Answer::Commit(vec![Ok(())]));
    let told = driver.committed("readers", "chat", 3, true).unwrap().unwrap();
    assert_eq!((told.offset.0, told.leader_epoch.0, &*told.metadata), (7, 5, "mine"));
    assert_eq!((told.committed_at, told.expires_at), (driver.now.wall, None));
    assert_eq!(told.topic_id, Some(topic_id(9)));
    assert_eq!(driver.offset("readers", "chat", 4), None);
    assert_eq!(driver.offset("others", "chat", 3), None);
}

#[test]
fn a_commit_is_seen_when_it_is_written_and_not_before() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    let ticket = driver.put(commit(driver.now, "readers", "chat", 0, 2));
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    assert!(!driver.answers.contains_key(&ticket));
    let unstable = driver.committed("readers", "chat", 0, true);
    assert_eq!(unstable, Err(GroupError::UnstableOffset));
    let all = driver.shard.fetch_all_offsets(&id("readers"), true);
    assert_eq!(all[0].committed, Err(GroupError::UnstableOffset));
    driver.write_one();
    assert_eq!(driver.offset("readers", "chat", 0), Some(2));
    assert_eq!(driver.answers[&ticket], Answer::Commit(vec![Ok(())]));
}

#[test]
fn a_group_is_listed_when_its_first_commit_is_written() {
    let mut driver = Driver::new();
    driver.put(commit(driver.now, "readers", "chat", 0, 1));
    assert!(driver.groups().is_empty());
    assert_eq!(driver.shard.describe(&id("readers")), Err(GroupError::GroupNotFound));
    driver.write_all();
    assert_eq!(driver.groups(), ["readers"]);
    let described = driver.shard.describe(&id("readers")).unwrap();
    assert_eq!((described.state, &*described.protocol_type), (State::Empty, ""));
    assert!(described.members.is_empty());
}

#[test]
fn a_commit_that_is_not_written_changes_nothing_and_says_why() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    for (error, told) in [
        (WriteError::NotLeader, GroupError::NotCoordinator),
        (WriteError::NotNow, GroupError::NotAvailable),
        (WriteError::TooLarge, GroupError::CommitTooLarge),
        (WriteError::Other("why".into()), GroupError::Refused("why".into())),
    ] {
        let ticket = driver.put(commit(driver.now, "readers", "chat", 0, 2));
        driver.fail_one(error);
        assert_eq!(driver.answers[&ticket], Answer::Commit(vec![Err(told)]));
        assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    }
    driver.put(commit(driver.now, "nobodys", "chat", 0, 2));
    driver.fail_one(WriteError::NotNow);
    assert_eq!(driver.shard.group_count(), 1, "a group of which nothing is left is gone");
}

#[test]
fn the_last_of_many_commits_counts_whichever_fails() {
    let mut driver = Driver::new();
    for offset in 1..=3 {
        driver.put(commit(driver.now, "readers", "chat", 0, offset));
    }
    driver.write_one();
    driver.fail_one(WriteError::NotNow);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    driver.write_one();
    assert_eq!(driver.offset("readers", "chat", 0), Some(3));
}

#[test]
fn metadata_are_measured_as_java_does() {
    let mut driver = Driver::new();
    // 16 units of UTF-16 are allowed: a character outside the basic plane is two.
    for (metadata, expected) in [
        ("\u{1F600}".repeat(8), Ok(())),
        ("\u{e9}".repeat(16), Ok(())),
        ("\u{e9}".repeat(17), Err(GroupError::OffsetMetadataTooLarge)),
        ("\u{1F600}".repeat(9), Err(GroupError::OffsetMetadataTooLarge)),
    ] {
        let mut offset = committing(driver.now, "chat", 0, 1);
        offset.metadata = metadata.into();
        let other = committing(driver.now, "chat", 1, 1);
        let answer = driver.ask(commit_as(nobody(), "readers", vec![offset, other]));
        assert_eq!(answer, Answer::Commit(vec![expected, Ok(())]));
    }
}

#[test]
fn a_commit_without_anything_to_write_is_answered_at_once() {
    let mut driver = Driver::new();
    let ticket = driver.put(commit_as(nobody(), "readers", Vec::new()));
    assert_eq!(driver.answers[&ticket], Answer::Commit(Vec::new()));
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn only_whoever_is_no_member_commits_for_a_group_that_does_not_exist() {
    let mut driver = Driver::new();
    let member = Caller { member: MemberId("m".into()), instance: None, generation: Generation(1) };
    let offsets = vec![committing(driver.now, "chat", 0, 1)];
    let answer = driver.ask(commit_as(member.clone(), "readers", offsets.clone()));
    assert_eq!(answer, Answer::Commit(vec![Err(GroupError::GroupNotFound)]));
    driver.ask(commit_as(nobody(), "readers", offsets.clone()));
    let answer = driver.ask(commit_as(member, "readers", offsets));
    assert_eq!(answer, Answer::Commit(vec![Err(GroupError::UnknownMember)]));
}

#[test]
fn a_group_with_an_empty_name_may_have_offsets_but_no_members() {
    let mut driver = Driver::new();
    let answer = driver.ask(commit(driver.now, "", "chat", 0, 1));
    assert_eq!(answer, Answer::Commit(vec![Ok(())]));
    assert_eq!(driver.offset("", "chat", 0), Some(1));
    let answer = driver.ask(join("", &MemberId::default(), &["chat"]));
    assert_eq!(answer, Answer::Join(Err(GroupError::InvalidGroupId)));
    let answer = driver.ask(delete_offsets("", &[place("chat", 0)]));
    assert_eq!(answer, Answer::DeleteOffsets(Err(GroupError::InvalidGroupId)));
    assert_eq!(driver.ask(delete_group("")), Answer::DeleteGroup(Ok(())));
}

#[test]
fn a_name_too_long_for_a_record_is_refused() {
    let mut driver = Driver::new();
    let group = "g".repeat(40_000);
    let answer = driver.ask(commit(driver.now, &group, "chat", 0, 1));
    assert_eq!(answer, Answer::Commit(vec![Err(GroupError::CommitTooLarge)]));
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn an_offset_of_an_earlier_topic_of_the_same_name_does_not_count() {
    let mut driver = Driver::new();
    let mut offset = committing(driver.now, "chat", 0, 7);
    offset.topic_id = Some(topic_id(1));
    driver.ask(commit_as(nobody(), "readers", vec![offset]));
    let found = |topic_id| {
        let wanted = WantedOffset { partition: place("chat", 0), topic_id };
        let fetched = driver.shard.fetch_offsets(&id("readers"), &[wanted], false);
        fetched[0].committed.as_ref().unwrap().as_ref().map(|it| it.offset.0)
    };
    assert_eq!(found(Some(topic_id(1))), Some(7));
    assert_eq!(found(Some(topic_id(2))), None);
    assert_eq!(found(None), Some(7));
}

#[test]
fn all_offsets_of_a_group_come_in_order() {
    let mut driver = Driver::new();
    for (topic, partition) in [("b", 1), ("a", 10), ("b", 0), ("a", 9)] {
        driver.ask(commit(driver.now, "readers", topic, partition, 1));
        driver.ask(commit(driver.now, "others", topic, partition, 2));
    }
    let all = driver.shard.fetch_all_offsets(&id("readers"), false);
    let places: Vec<_> = all.iter().map(|it| it.partition.clone()).collect();
    assert_eq!(places, [place("a", 9), place("a", 10), place("b", 0), place("b", 1)]);
    assert!(driver.shard.fetch_all_offsets(&id("nobodys"), false).is_empty());
    assert_eq!(driver.shard.committed_count(), 8);
    let of_others = driver.shard.committed().filter(|it| it.group == "others");
    assert_eq!(of_others.map(|it| it.offset.0).collect::<Vec<_>>(), [2; 4]);
}

#[test]
fn a_clients_own_retention_becomes_the_time_of_expiry() {
    let mut driver = Driver::new();
    let offsets = vec![committing(driver.now, "chat", 0, 1)];
    driver.ask(Request::Commit(Commit {
        group: id("readers"),
        caller: nobody(),
        retention: Some(Duration::from_millis(5)),
        offsets,
    }));
    let told = driver.committed("readers", "chat", 0, false).unwrap().unwrap();
    assert_eq!(told.expires_at, Some(Timestamp(driver.now.wall.0 + 5)));
}
