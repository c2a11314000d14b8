//! Groups on a node: where they are kept, what outlives the node, and who is told when it cannot be.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod driver;

use driver::{Driver, groups::OFFSETS_TOPIC};
use metadata::image::ConfigResource;
use node::coordinator::{GroupError, answer::State};
use types::TopicName;

#[test]
fn the_topic_of_groups_is_created_when_somebody_asks_for_a_coordinator() {
    let mut driver = Driver::new();
    driver.start();
    driver.create_topic("chat", 1, &[]);
    assert_eq!(driver.coordinator_of("readers"), Err(GroupError::NotAvailable));
    let jobs = driver.jobs();
    assert_eq!(driver.coordinator_of("others"), Err(GroupError::NotAvailable));
    assert_eq!(driver.jobs(), jobs, "it is asked for once at a time");
    driver.run_jobs();
    assert_eq!(driver.coordinator_of("readers").unwrap().broker, driver.config.broker);
    let image = driver.node().image();
    let topic = image.topics.named(OFFSETS_TOPIC).unwrap();
    assert_eq!(topic.partition_count(), 50);
    let config = driver.node().topic_config(&image, &TopicName::parse(OFFSETS_TOPIC).unwrap());
    assert!(config.log.cleanup_policy.compact && !config.log.cleanup_policy.delete);
    assert_eq!((config.log.segment_bytes, config.codec), (100 << 20, None));
    assert_eq!(driver.commit("readers", 7), Ok(()));
    assert_eq!(driver.committed("readers"), Ok(Some(7)));
}

#[test]
fn a_request_for_a_group_has_the_topic_created_too() {
    let mut driver = Driver::new();
    driver.start();
    let ticket = driver.begin_commit("readers", "chat", 7);
    assert_eq!(driver.take_committed(ticket), Some(Err(GroupError::NotCoordinator)));
    driver.run_jobs();
    assert_eq!(driver.commit("readers", 7), Ok(()));
}

#[test]
fn a_group_whose_log_is_still_being_opened_counts_as_being_loaded() {
    let mut driver = Driver::new();
    driver.start();
    driver.coordinator_of("readers").unwrap_err();
    driver.run_jobs_but("open a log");
    assert_eq!(driver.coordinator_of("readers").unwrap().broker, driver.config.broker);
    assert_eq!(driver.committed("readers"), Err(GroupError::Loading));
    driver.run_jobs();
    assert_eq!(driver.committed("readers"), Ok(None));
}

#[test]
fn what_the_file_says_of_the_topic_of_groups_holds() {
    let file = [
        ("offsets.topic.num.partitions", "3"),
        ("offsets.topic.segment.bytes", "2097152"),
        ("offsets.topic.compression.codec", "4"),
        ("offset.metadata.max.bytes", "0"),
        ("offsets.retention.minutes", "1"),
    ];
    let mut driver = Driver::with_file(&file);
    driver.start();
    driver.create_offsets_topic();
    let image = driver.node().image();
    assert_eq!(image.topics.named(OFFSETS_TOPIC).unwrap().partition_count(), 3);
    let config = driver.node().topic_config(&image, &TopicName::parse(OFFSETS_TOPIC).unwrap());
    assert_eq!(config.log.segment_bytes, 2_097_152);
    driver.commit("readers", 7).unwrap();
    // One minute, and the ten until expired offsets are looked for.
    driver.pass(660_000);
    driver.run_jobs();
    assert_eq!(driver.committed("readers"), Ok(None));
    driver.stop().unwrap();
    driver.start();
    assert_eq!(driver.committed("readers"), Ok(None));
}

#[test]
fn committed_offsets_are_there_after_a_stop_and_after_a_kill() {
    let mut driver = Driver::with_groups(&[]);
    driver.commit("readers", 7).unwrap();
    driver.stop().unwrap();
    driver.start();
    assert_eq!(driver.committed("readers"), Ok(Some(7)));
    driver.commit("readers", 9).unwrap();
    driver.kill();
    driver.start();
    assert_eq!(driver.committed("readers"), Ok(Some(9)));
}

#[test]
fn a_commit_that_waits_for_its_flush_outlives_a_power_cut() {
    let mut driver = Driver::with_groups(&[]);
    driver.flush_commits();
    let ticket = driver.begin_commit("readers", "chat", 7);
    assert_eq!(driver.take_committed(ticket), None);
    assert_eq!(driver.committed("readers"), Ok(None), "what is not on disk is not told of");
    driver.run_jobs();
    assert_eq!(driver.take_committed(ticket), Some(Ok(())));
    driver.cut_power();
    driver.start();
    assert_eq!(driver.committed("readers"), Ok(Some(7)));
}

#[test]
fn one_flush_serves_all_commits_that_wait_for_it() {
    let mut driver = Driver::with_groups(&[]);
    driver.flush_commits();
    let first = driver.begin_commit("one", "chat", 1);
    let others: Vec<_> =
        (0..5).map(|offset| driver.begin_commit("another", "chat", offset)).collect();
    assert_eq!(driver.jobs(), 1, "a flush is on its way");
    driver.run_waiting_jobs();
    assert_eq!(driver.take_committed(first), Some(Ok(())));
    assert_eq!(driver.jobs(), 1, "and one more for all that came meanwhile");
    driver.run_waiting_jobs();
    for other in others {
        assert_eq!(driver.take_committed(other), Some(Ok(())));
    }
    assert_eq!(driver.committed("another"), Ok(Some(4)));
}

#[test]
fn what_a_power_cut_leaves_of_unflushed_commits_is_loaded_and_goes_on() {
    let mut driver = Driver::with_groups(&[]);
    for offset in 0..50 {
        driver.commit("readers", offset).unwrap();
    }
    driver.cut_power();
    driver.start();
    let found = driver.committed("readers").unwrap();
    assert!(found.is_none_or(|offset| (0..50).contains(&offset)), "{found:?}");
    driver.commit("readers", 100).unwrap();
    driver.kill();
    driver.start();
    assert_eq!(driver.committed("readers"), Ok(Some(100)));
}

#[test]
fn a_group_that_is_being_loaded_says_so() {
    let mut driver = Driver::with_groups(&[]);
    driver.commit("readers", 7).unwrap();
    driver.kill();
    driver.start_without("load groups");
    assert!(driver.is_serving(), "a broker serves while groups are loaded");
    assert_eq!(driver.coordinator_of("readers").unwrap().broker, driver.config.broker);
    assert_eq!(driver.committed("readers"), Err(GroupError::Loading));
    assert_eq!(driver.node().list_groups(), Err(GroupError::Loading));
    let ticket = driver.begin_commit("readers", "chat", 8);
    assert_eq!(driver.take_committed(ticket), Some(Err(GroupError::Loading)));
    driver.run_jobs();
    assert_eq!(driver.committed("readers"), Ok(Some(7)));
    assert_eq!(driver.node().list_groups().unwrap().len(), 1);
}

#[test]
fn a_shard_is_loaded_piece_by_piece() {
    let mut driver = Driver::with_groups(&[("offsets.load.buffer.size", "1")]);
    for offset in 0..20 {
        driver.commit(&format!("group-{offset}"), offset).unwrap();
    }
    driver.kill();
    driver.start_without("load groups");
    for _ in 0..20 {
        assert_eq!(driver.committed("group-19"), Err(GroupError::Loading));
        driver.run_waiting_jobs();
    }
    assert_eq!(driver.committed("group-19"), Ok(Some(19)));
    assert_eq!(driver.committed("group-0"), Ok(Some(0)));
}

#[test]
fn a_damaged_batch_is_left_out_and_the_rest_is_loaded() {
    let size = {
        let mut driver = five_groups();
        let mut size = 0;
        driver.damage_groups(|bytes| size = bytes.len() / 5);
        size
    };
    // In the length, the checksum, the attributes, the last offset, the number of records, a record.
    for position in [10, 19, 22, 25, 60, 70, size - 1] {
        let mut driver = five_groups();
        driver.damage_groups(|bytes| bytes[2 * size + position] ^= 0x41);
        driver.start();
        let found: Vec<_> =
            (0..5).map(|group| driver.committed(&format!("group-{group}")).unwrap()).collect();
        assert_eq!(found, [Some(0), Some(1), None, Some(3), Some(4)], "{position}");
        driver.commit("group-2", 2).unwrap();
        assert_eq!(driver.committed("group-2"), Ok(Some(2)));
    }
}

#[test]
fn a_log_that_cannot_be_read_is_read_again_later() {
    let mut were_late = 0;
    // The index can do without some of the reads.
    for reads in 0..4 {
        let mut driver = five_groups();
        driver.start_without("load groups");
        driver.disk().fail_read_after(reads);
        driver.run_jobs();
        if driver.committed("group-4") == Err(GroupError::Loading) {
            were_late += 1;
            driver.pass(5_000);
            driver.run_jobs();
        }
        assert_eq!(driver.committed("group-4"), Ok(Some(4)));
    }
    assert!(were_late > 0);
}

/// A node that was stopped in good order, with five commits in its log. What lies behind a batch
/// whose length is damaged can be found by the index only, which has all batches here.
fn five_groups() -> Driver {
    let mut driver = Driver::with_groups(&[]);
    driver.configure(&ConfigResource::topic(OFFSETS_TOPIC), "index.interval.bytes", "0");
    for group in 0..5 {
        driver.commit(&format!("group-{group}"), group).unwrap();
    }
    driver.stop().unwrap();
    driver
}

#[test]
fn a_shard_does_not_answer_before_all_that_it_was_loaded_from_is_on_disk() {
    let mut driver = Driver::with_groups(&[]);
    driver.flush_commits();
    driver.commit("readers", 7).unwrap();
    driver.begin_commit("readers", "chat", 8);
    driver.kill();
    driver.start_without("flush");
    assert_eq!(driver.committed("readers"), Err(GroupError::Loading));
    driver.run_jobs();
    assert_eq!(driver.committed("readers"), Ok(Some(8)));
}

#[test]
fn two_groups_of_one_shard_do_not_know_of_each_other() {
    let mut driver = Driver::with_groups(&[]);
    let one = driver.join_alone("one");
    let another = driver.join_alone("another");
    driver.commit("third", 3).unwrap();
    assert_eq!(driver.heartbeat("one", &one), Ok(()));
    assert_eq!(driver.heartbeat("another", &another), Ok(()));
    assert_eq!(driver.heartbeat("another", &one), Err(GroupError::UnknownMember));
    assert_eq!(driver.committed("one"), Ok(None));
    let listed = driver.node().list_groups().unwrap();
    let mut names: Vec<_> = listed.iter().map(|one| one.group.to_string()).collect();
    names.sort();
    assert_eq!(names, ["another", "one", "third"]);
}

#[test]
fn time_alone_ends_the_session_of_a_silent_member() {
    let mut driver = Driver::with_groups(&[]);
    let joined = driver.join_alone("readers");
    for _ in 0..4 {
        driver.pass(9_000);
        assert_eq!(driver.heartbeat("readers", &joined), Ok(()));
    }
    driver.pass(9_999);
    driver.run_jobs();
    assert_eq!(driver.state_of("readers"), Ok(State::Stable));
    driver.pass(2);
    driver.run_jobs();
    assert_eq!(driver.state_of("readers"), Ok(State::Empty));
}

#[test]
fn a_member_has_a_whole_session_time_out_after_a_restart() {
    let mut driver = Driver::with_groups(&[]);
    let joined = driver.join_alone("readers");
    driver.pass(9_000);
    driver.kill();
    driver.start();
    driver.pass(9_000);
    driver.run_jobs();
    assert_eq!(driver.heartbeat("readers", &joined), Ok(()));
}

#[test]
fn a_full_disk_refuses_commits_and_they_go_on_when_there_is_room() {
    let mut driver = Driver::with_groups(&[]);
    driver.commit("readers", 7).unwrap();
    driver.disk().fill_after(10);
    assert_eq!(driver.commit("readers", 8), Err(GroupError::NotAvailable));
    assert_eq!(driver.committed("readers"), Ok(Some(7)));
    driver.disk().heal();
    assert_eq!(driver.commit("readers", 9), Ok(()));
    driver.kill();
    driver.start();
    assert_eq!(driver.committed("readers"), Ok(Some(9)));
}

#[test]
fn a_log_that_is_closed_ends_the_groups_in_it() {
    let mut driver = Driver::with_groups(&[]);
    driver.flush_commits();
    driver.join_alone("readers");
    let join = driver.begin_join("others", "");
    driver.disk().fail_sync_after(0);
    let commit = driver.begin_commit("third", "chat", 8);
    driver.run_jobs();
    assert_eq!(driver.take_committed(commit), Some(Err(GroupError::NotCoordinator)));
    assert_eq!(driver.take_joined(join), Some(Err(GroupError::NotCoordinator)));
    assert_eq!(driver.state_of("readers"), Err(GroupError::NotCoordinator));
    assert_eq!(driver.node().list_groups().unwrap(), []);
}

#[test]
fn a_commit_does_not_wait_for_ever() {
    let mut driver = Driver::with_groups(&[("offsets.commit.timeout.ms", "2000")]);
    driver.flush_commits();
    let ticket = driver.begin_commit("readers", "chat", 8);
    driver.pass(1_999);
    assert_eq!(driver.take_committed(ticket), None);
    driver.pass(2);
    assert_eq!(driver.take_committed(ticket), Some(Err(GroupError::NotAvailable)));
}

#[test]
fn a_commit_that_no_batch_can_hold_is_refused() {
    let mut driver = Driver::with_groups(&[]);
    driver.configure(&ConfigResource::topic(OFFSETS_TOPIC), "max.message.bytes", "80");
    assert_eq!(driver.commit("readers", 7), Err(GroupError::CommitTooLarge));
}

#[test]
fn the_deletion_of_a_topic_takes_its_offsets_along() {
    let mut driver = Driver::with_groups(&[]);
    driver.create_topic("table", 1, &[]);
    driver.commit("readers", 7).unwrap();
    let ticket = driver.begin_commit("readers", "table", 3);
    assert_eq!(driver.take_committed(ticket), Some(Ok(())));
    driver.delete_topic("table");
    assert_eq!(driver.committed_in("readers", "table"), Ok(None));
    assert_eq!(driver.committed("readers"), Ok(Some(7)));
    driver.kill();
    driver.start();
    assert_eq!(driver.committed_in("readers", "table"), Ok(None));
}

#[test]
fn a_topic_that_is_deleted_while_groups_are_loaded_is_forgotten_too() {
    let mut driver = Driver::with_groups(&[]);
    driver.create_topic("table", 1, &[]);
    driver.begin_commit("readers", "table", 3);
    driver.kill();
    driver.start_without("load groups");
    driver.begin_delete("table");
    driver.run_jobs_but("load groups");
    driver.run_jobs();
    assert_eq!(driver.committed_in("readers", "table"), Ok(None));
}

#[test]
fn the_deletion_of_their_topic_ends_all_groups_and_they_can_begin_anew() {
    let mut driver = Driver::with_groups(&[]);
    driver.commit("readers", 7).unwrap();
    let join = driver.begin_join("others", "");
    driver.delete_topic(OFFSETS_TOPIC);
    assert_eq!(driver.take_joined(join), Some(Err(GroupError::NotCoordinator)));
    assert_eq!(driver.committed("readers"), Err(GroupError::NotCoordinator));
    driver.create_offsets_topic();
    assert_eq!(driver.committed("readers"), Ok(None));
    driver.commit("readers", 1).unwrap();
    driver.pass(60_000);
    driver.run_jobs();
    assert_eq!(driver.committed("readers"), Ok(Some(1)));
}

#[test]
fn a_stop_answers_those_who_wait_for_a_group() {
    let mut driver = Driver::with_groups(&[]);
    let join = driver.begin_join("readers", "");
    driver.close_groups();
    assert_eq!(driver.take_joined(join), Some(Err(GroupError::NotCoordinator)));
    let late = driver.begin_join("readers", "");
    assert_eq!(driver.take_joined(late), Some(Err(GroupError::NotCoordinator)));
    assert_eq!(driver.stop(), Ok(()));
}
