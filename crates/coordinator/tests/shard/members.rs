//! Members and the log: what a shard does for groups that have some.

use std::time::Duration;

use coordinator::{
    GroupError, MemberId, WriteError,
    answer::{Answer, State},
    request::{Heartbeat, Leave, Leaver, Request, Sync},
};

use crate::driver::*;

#[test]
fn a_group_is_in_the_log_when_its_members_have_their_shares() {
    let mut driver = Driver::new();
    driver.member("readers", &["chat"]);
    let described = driver.shard.describe(&id("readers")).unwrap();
    assert_eq!((described.state, &*described.protocol), (State::Stable, "range"));
    let again = driver.reloaded().describe(&id("readers")).unwrap();
    assert_eq!(again, described);
}

#[test]
fn members_of_a_loaded_group_get_a_full_session() {
    let mut driver = Driver::new();
    let member = driver.member("readers", &["chat"]);
    let mut loaded = Driver::loaded(driver.reloaded());
    loaded.pass(Duration::from_secs(9));
    let heartbeat = Heartbeat { group: id("readers"), caller: member };
    let answer = loaded.ask(Request::Heartbeat(heartbeat.clone()));
    assert_eq!(answer, Answer::Heartbeat(Ok(())));
    loaded.pass(Duration::from_secs(11));
    let answer = loaded.ask(Request::Heartbeat(heartbeat));
    assert_eq!(answer, Answer::Heartbeat(Err(GroupError::UnknownMember)));
    assert_eq!(loaded.shard.describe(&id("readers")).unwrap().state, State::Empty);
}

#[test]
fn who_names_a_group_that_does_not_exist_is_no_member_of_it() {
    let mut driver = Driver::new();
    let caller = coordinator::request::Caller {
        member: MemberId("m".into()),
        instance: None,
        generation: coordinator::Generation(1),
    };
    let group = id("readers");
    let heartbeat = Heartbeat { group: group.clone(), caller: caller.clone() };
    let answer = driver.ask(Request::Heartbeat(heartbeat));
    assert_eq!(answer, Answer::Heartbeat(Err(GroupError::UnknownMember)));
    let answer = driver.ask(Request::Sync(Sync {
        group: group.clone(),
        caller,
        protocol_type: None,
        protocol: None,
        assignments: Vec::new(),
    }));
    assert_eq!(answer, Answer::Sync(Err(GroupError::UnknownMember)));
    let leaver = Leaver { member: MemberId("m".into()), instance: None, reason: None };
    let answer = driver.ask(Request::Leave(Leave { group, members: vec![leaver] }));
    assert_eq!(answer, Answer::Leave(Ok(vec![Err(GroupError::UnknownMember)])));
    let answer = driver.ask(join("readers", &MemberId("m".into()), &["chat"]));
    assert_eq!(answer, Answer::Join(Err(GroupError::UnknownMember)));
    assert_eq!(driver.shard.group_count(), 0, "nothing is kept of who only asked");
}

#[test]
fn offsets_of_a_group_outlive_its_members() {
    let mut driver = Driver::new();
    let member = driver.member("readers", &["chat"]);
    let offsets = vec![committing(driver.now, "chat", 0, 5)];
    let answer = driver.ask(commit_as(member, "readers", offsets));
    assert_eq!(answer, Answer::Commit(vec![Ok(())]));
    driver.pass(Duration::from_secs(20));
    assert_eq!(driver.shard.describe(&id("readers")).unwrap().state, State::Empty);
    assert_eq!(driver.offset("readers", "chat", 0), Some(5));
    let answer = driver.ask(commit(driver.now, "readers", "chat", 0, 6));
    assert_eq!(answer, Answer::Commit(vec![Ok(())]), "an empty group takes commits of nobody's");
}

#[test]
fn nobody_commits_for_a_group_that_has_members() {
    let mut driver = Driver::new();
    driver.member("readers", &["chat"]);
    let answer = driver.ask(commit(driver.now, "readers", "chat", 0, 6));
    assert_eq!(answer, Answer::Commit(vec![Err(GroupError::UnknownMember)]));
}

#[test]
fn whoever_waits_is_told_when_the_shard_is_given_up() {
    let mut driver = Driver::new();
    let commits = driver.put(commit(driver.now, "one", "chat", 0, 1));
    let deletes = driver.put(delete_offsets("one", &[place("chat", 0)]));
    let ends = driver.put(delete_group("one"));
    let member = driver.put(join("two", &MemberId::default(), &["chat"]));
    let mut effects = Vec::new();
    driver.shard.unload(&mut effects);
    let mut answers: Vec<_> = effects
        .into_iter()
        .map(|effect| match effect {
            coordinator::Effect::Answer { ticket, answer } => (ticket, answer),
            coordinator::Effect::Write { .. } => panic!("nothing is written"),
        })
        .collect();
    answers.extend(driver.answers);
    answers.sort_by_key(|(ticket, _)| *ticket);
    let error = GroupError::NotCoordinator;
    let expected = [
        (commits, Answer::Commit(vec![Err(error.clone())])),
        (deletes, Answer::DeleteOffsets(Err(error.clone()))),
        (ends, Answer::DeleteGroup(Err(error.clone()))),
        (member, Answer::Join(Err(error))),
    ];
    assert_eq!(answers, expected);
}

#[test]
fn a_share_that_could_not_be_written_is_not_handed_out() {
    let mut driver = Driver::new();
    let member = driver.put(join("readers", &MemberId::default(), &["chat"]));
    for _ in 0..10 {
        if driver.answers.contains_key(&member) {
            break;
        }
        driver.pass(Duration::from_secs(1));
    }
    let Some(Answer::Join(Ok(joined))) = driver.answers.remove(&member) else {
        panic!("the consumer is not in");
    };
    let caller = coordinator::request::Caller {
        member: joined.member.clone(),
        instance: None,
        generation: joined.generation,
    };
    let ticket = driver.put(Request::Sync(Sync {
        group: id("readers"),
        caller,
        protocol_type: None,
        protocol: None,
        assignments: vec![(joined.member, "all".into())],
    }));
    driver.fail_one(WriteError::NotNow);
    assert!(matches!(driver.answers[&ticket], Answer::Sync(Err(_))), "{:?}", driver.answers);
}
