//! Forgetting offsets, groups and topics on request.

use coordinator::{
    GroupError, WriteError,
    answer::Answer,
    request::{DeletedTopic, Leave, Leaver, Request},
};

use crate::driver::*;

#[test]
fn offsets_are_deleted_one_by_one() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    driver.ask(commit(driver.now, "readers", "chat", 1, 1));
    let answer = driver.ask(delete_offsets("readers", &[place("chat", 0), place("none", 0)]));
    assert_eq!(answer, Answer::DeleteOffsets(Ok(vec![Ok(()), Ok(())])));
    assert_eq!(driver.offset("readers", "chat", 0), None);
    assert_eq!(driver.offset("readers", "chat", 1), Some(1));
    assert_eq!(driver.log.last().unwrap().len(), 1, "one tombstone for what there was");
}

#[test]
fn offsets_of_a_group_that_does_not_exist_cannot_be_deleted() {
    let mut driver = Driver::new();
    let answer = driver.ask(delete_offsets("readers", &[place("chat", 0)]));
    assert_eq!(answer, Answer::DeleteOffsets(Err(GroupError::GroupNotFound)));
    assert_eq!(
        driver.ask(delete_group("readers")),
        Answer::DeleteGroup(Err(GroupError::GroupNotFound))
    );
}

#[test]
fn an_offset_on_its_way_is_deleted_too() {
    let mut driver = Driver::new();
    driver.put(commit(driver.now, "readers", "chat", 0, 1));
    driver.put(delete_offsets("readers", &[place("chat", 0)]));
    driver.write_all();
    assert_eq!(driver.offset("readers", "chat", 0), None);
    driver.put(commit(driver.now, "readers", "chat", 0, 2));
    driver.put(delete_group("readers"));
    driver.write_all();
    assert_eq!(driver.shard.group_count(), 0);
    assert_eq!(driver.reloaded().group_count(), 0);
}

#[test]
fn a_member_keeps_the_offsets_of_what_it_reads() {
    let mut driver = Driver::new();
    let member = driver.member("readers", &["chat"]);
    let offsets =
        ["chat", "news"].map(|topic| committing(driver.now, topic, 0, 1)).into_iter().collect();
    driver.ask(commit_as(member, "readers", offsets));
    let answer = driver.ask(delete_offsets("readers", &[place("chat", 0), place("news", 0)]));
    let expected = vec![Err(GroupError::SubscribedToTopic), Ok(())];
    assert_eq!(answer, Answer::DeleteOffsets(Ok(expected)));
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    assert_eq!(driver.offset("readers", "news", 0), None);
}

#[test]
fn a_group_with_members_is_not_deleted() {
    let mut driver = Driver::new();
    let member = driver.member("readers", &["chat"]);
    let offsets = vec![committing(driver.now, "chat", 0, 1)];
    driver.ask(commit_as(member.clone(), "readers", offsets));
    let answer = driver.ask(delete_group("readers"));
    assert_eq!(answer, Answer::DeleteGroup(Err(GroupError::NonEmptyGroup)));
    let leaver = Leaver { member: member.member, instance: None, reason: None };
    driver.ask(Request::Leave(Leave { group: id("readers"), members: vec![leaver] }));
    assert_eq!(driver.ask(delete_group("readers")), Answer::DeleteGroup(Ok(())));
    assert_eq!(driver.shard.group_count(), 0);
    assert_eq!(driver.shard.committed_count(), 0);
    assert_eq!(driver.reloaded().group_count(), 0);
}

#[test]
fn a_group_with_very_many_offsets_is_deleted_batch_by_batch() {
    let mut driver = Driver::new();
    let offsets = (0..2_500).map(|partition| committing(driver.now, "chat", partition, 1));
    let offsets = offsets.collect();
    driver.ask(commit_as(nobody(), "readers", offsets));
    driver.log.clear();
    assert_eq!(driver.ask(delete_group("readers")), Answer::DeleteGroup(Ok(())));
    assert_eq!(driver.shard.group_count(), 0);
    let sizes: Vec<_> = driver.log.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1_000, 1_000, 501]);
}

#[test]
fn a_group_that_is_being_deleted_takes_nothing_on() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    driver.put(delete_group("readers"));
    let refused = driver.put(commit(driver.now, "readers", "chat", 0, 2));
    assert_eq!(driver.answers[&refused], Answer::Commit(vec![Err(GroupError::NotAvailable)]));
    let refused = driver.put(delete_group("readers"));
    assert_eq!(driver.answers[&refused], Answer::DeleteGroup(Err(GroupError::NotAvailable)));
    driver.write_all();
    assert_eq!(driver.shard.group_count(), 0);
}

#[test]
fn a_group_whose_tombstones_are_not_written_stays() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    let ticket = driver.put(delete_group("readers"));
    driver.fail_one(WriteError::NotNow);
    assert_eq!(driver.answers[&ticket], Answer::DeleteGroup(Err(GroupError::NotAvailable)));
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    let ticket = driver.put(delete_offsets("readers", &[place("chat", 0)]));
    driver.fail_one(WriteError::TooLarge);
    let Answer::DeleteOffsets(Err(GroupError::Refused(_))) = &driver.answers[&ticket] else {
        panic!("deleting is refused");
    };
    let answer = driver.ask(commit(driver.now, "readers", "chat", 0, 2));
    assert_eq!(answer, Answer::Commit(vec![Ok(())]));
}

#[test]
fn offsets_of_a_deleted_topic_are_forgotten_in_every_group() {
    let mut driver = Driver::new();
    for group in ["one", "two"] {
        let offsets = [("chat", Some(1)), ("news", Some(2)), ("news", None), ("old", Some(3))];
        let offsets = offsets.into_iter().zip(0..).map(|((topic, of), partition)| {
            let mut offset = committing(driver.now, topic, partition, 1);
            offset.topic_id = of.map(topic_id);
            offset
        });
        driver.ask(commit_as(nobody(), group, offsets.collect()));
    }
    driver.put(commit(driver.now, "three", "news", 0, 1));
    let deleted = |name: &str, id| DeletedTopic { name: name.into(), id: topic_id(id) };
    let topics = [deleted("news", 2), deleted("old", 4), deleted("unknown", 5)];
    driver.with(|shard, now, effects| shard.topics_deleted(now, &topics, effects));
    driver.pass(HOUR / 60);
    driver.write_all();
    driver.pass(HOUR / 60);
    for group in ["one", "two"] {
        assert_eq!(driver.offset(group, "chat", 0), Some(1));
        assert_eq!(driver.offset(group, "news", 1), None);
        assert_eq!(driver.offset(group, "news", 2), None, "of a topic whose id nobody knew");
        assert_eq!(driver.offset(group, "old", 3), Some(1), "of an earlier topic of that name");
    }
    assert_eq!(driver.offset("three", "news", 0), None, "of a commit that was under way");
    assert_eq!(driver.reloaded().committed_count(), driver.shard.committed_count());
}

#[test]
fn tombstones_of_a_deleted_topic_are_tried_again() {
    let mut driver = Driver::new();
    driver.ask(commit(driver.now, "readers", "chat", 0, 1));
    let topics = [DeletedTopic { name: "chat".into(), id: topic_id(1) }];
    driver.with(|shard, now, effects| shard.topics_deleted(now, &topics, effects));
    driver.fail_one(WriteError::NotNow);
    assert_eq!(driver.offset("readers", "chat", 0), Some(1));
    driver.pass(std::time::Duration::from_secs(1));
    assert_eq!(driver.offset("readers", "chat", 0), None);
}
