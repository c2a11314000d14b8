//! Any sequence of requests, with writes that fail, against a simple model; and the log read again.

use std::{collections::BTreeMap, time::Duration};

use coordinator::{MemberId, Shard, WriteError, request::DeletedTopic};
use proptest::prelude::*;

use crate::driver::*;

const GROUPS: [&str; 3] = ["one", "two", "three"];
const TOPICS: [&str; 2] = ["chat", "news"];

#[derive(Debug, Clone)]
enum Step {
    Commit { group: usize, topic: usize, partition: i32, offset: i64, member: bool },
    DeleteOffset { group: usize, topic: usize, partition: i32 },
    DeleteGroup { group: usize },
    DeleteTopic { topic: usize },
    Join { group: usize },
    Write,
    Fail,
    Pass { minutes: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let group = 0..GROUPS.len();
    let topic = 0..TOPICS.len();
    let step = prop_oneof![
        8 => (group.clone(), topic.clone(), 0..3, 0..100_i64, any::<bool>()).prop_map(
            |(group, topic, partition, offset, member)| Step::Commit {
                group, topic, partition, offset, member
            }
        ),
        2 => (group.clone(), topic.clone(), 0..3)
            .prop_map(|(group, topic, partition)| Step::DeleteOffset { group, topic, partition }),
        1 => group.clone().prop_map(|group| Step::DeleteGroup { group }),
        1 => topic.prop_map(|topic| Step::DeleteTopic { topic }),
        2 => group.prop_map(|group| Step::Join { group }),
        8 => Just(Step::Write),
        2 => Just(Step::Fail),
        2 => (0..6_u64).prop_map(|hours| Step::Pass { minutes: hours * 1_000 }),
    ];
    prop::collection::vec(step, 0..60)
}

/// What the records that were written say, read in the simplest way.
fn model(driver: &Driver) -> BTreeMap<(Vec<u8>, bool), Vec<u8>> {
    let mut last = BTreeMap::new();
    for record in driver.log.iter().flatten() {
        match &record.value {
            Some(value) => last.insert((record.key.to_vec(), true), value.to_vec()),
            None => last.remove(&(record.key.to_vec(), true)),
        };
    }
    last
}

/// The committed offsets and the groups.
fn state(shard: &Shard) -> (Vec<String>, Vec<String>) {
    let mut offsets: Vec<_> = shard.committed().map(|it| format!("{it:?}")).collect();
    offsets.sort();
    let mut groups: Vec<_> = shard.list().iter().map(|it| format!("{it:?}")).collect();
    groups.sort();
    (offsets, groups)
}

fn run(steps: &[Step]) -> Driver {
    let mut driver = Driver::new();
    let mut members = BTreeMap::new();
    for step in steps {
        match *step {
            Step::Commit { group, topic, partition, offset, member } => {
                let name = GROUPS[group];
                let offset = committing(driver.now, TOPICS[topic], partition, offset);
                let caller = members.get(name).filter(|_| member).cloned();
                driver.put(commit_as(caller.unwrap_or_else(nobody), name, vec![offset]));
            }
            Step::DeleteOffset { group, topic, partition } => {
                let place = place(TOPICS[topic], partition);
                driver.put(delete_offsets(GROUPS[group], &[place]));
            }
            Step::DeleteGroup { group } => drop(driver.put(delete_group(GROUPS[group]))),
            Step::DeleteTopic { topic } => {
                let topics = [DeletedTopic { name: TOPICS[topic].into(), id: topic_id(1) }];
                driver.with(|shard, now, effects| shard.topics_deleted(now, &topics, effects));
            }
            Step::Join { group } => {
                let name = GROUPS[group];
                driver.write_all();
                let described = driver.shard.describe(&id(name));
                // A group that has a member already would wait for it to join again.
                if described.is_ok_and(|it| !it.members.is_empty()) {
                    continue;
                }
                members.insert(name, driver.member(name, &["chat"]));
            }
            Step::Write if !driver.asked.is_empty() => driver.write_one(),
            Step::Fail if !driver.asked.is_empty() => driver.fail_one(WriteError::NotNow),
            Step::Write | Step::Fail => {}
            Step::Pass { minutes } => driver.pass(Duration::from_secs(60 * minutes)),
        }
    }
    driver.write_all();
    driver
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_shard_that_reads_the_log_is_like_the_one_that_wrote_it(steps in steps()) {
        let driver = run(&steps);
        let (offsets, groups) = state(&driver.shard);
        let again = driver.reloaded();
        let (offsets_again, groups_again) = state(&again);
        prop_assert_eq!(&offsets, &offsets_again);
        prop_assert_eq!(groups, groups_again);
        let written = model(&driver);
        let in_model = written.keys().filter(|(key, _)| key.starts_with(&[0, 1])).count();
        prop_assert_eq!(offsets.len(), in_model, "each key's last record counts");
    }

    #[test]
    fn every_request_is_answered_once_its_writes_are_reported(steps in steps()) {
        let mut driver = run(&steps);
        let ticket = driver.put(join("one", &MemberId("nobody".into()), &["chat"]));
        prop_assert!(driver.answers.contains_key(&ticket));
    }
}
