//! From one generation to the next, and what ends by itself.

use super::*;

#[test]
fn members_that_do_not_join_again_within_the_rebalance_timeout_are_out() {
    let (mut group, members) = Group::stable(&["a", "b", "c"]);
    let leader = group.join(&rejoiner(&members[0]));
    let other = group.join(&rejoiner(&members[2]));
    group.pass_alive(REBALANCE - Duration::from_secs(1), &members[1..2]);
    assert!(group.waits(leader));
    group.pass(Duration::from_secs(1));
    assert_eq!(group.joined(leader).members.len(), 2);
    assert_eq!(group.joined(other).generation, Generation(2));
    assert_eq!(group.heartbeat(&members[1]), Err(GroupError::UnknownMember));
}

#[test]
fn longest_rebalance_timeout_of_the_members_counts() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let long = Join { rebalance_timeout: REBALANCE * 2, ..rejoiner(&members[0]) };
    let leader = group.join(&long);
    group.pass_alive(REBALANCE * 2 - Duration::from_secs(1), &members[1..]);
    assert!(group.waits(leader));
    group.pass(Duration::from_secs(1));
    assert_eq!(group.joined(leader).members.len(), 1);
}

#[test]
fn silent_member_is_out_and_the_others_join_again() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    group.pass_alive(SESSION, &members[..1]);
    assert_eq!(group.state(), State::PreparingRebalance);
    assert_eq!(group.heartbeat(&members[0]), Err(GroupError::RebalanceInProgress));
    let ticket = group.join(&rejoiner(&members[0]));
    assert_eq!(group.joined(ticket).members.len(), 1);
}

#[test]
fn silence_of_the_last_member_leaves_an_empty_group_that_is_written_down() {
    let (mut group, _) = Group::stable(&["a"]);
    group.pass(SESSION);
    assert_eq!(group.state(), State::Empty);
    let written = group.log.last().unwrap();
    assert_eq!((written.generation, &written.protocol), (Generation(2), &None));
    assert_eq!((written.protocol_type.as_ref(), &written.leader), ("consumer", &None));
    assert_eq!(written.state_since, Some(group.now.wall));
    assert_eq!(written.members, []);
    assert_eq!(group.membership.deadline(), None);
}

#[test]
fn member_that_waits_for_others_to_join_is_not_silent() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let parked = group.join(&rejoiner(&members[0]));
    group.pass_alive(SESSION * 2, &members[1..]);
    assert!(group.waits(parked));
    group.join(&rejoiner(&members[1]));
    assert_eq!(group.joined(parked).members.len(), 2);
    // Its session has begun anew.
    group.pass(SESSION - Duration::from_secs(1));
    assert_eq!(group.heartbeat(&members[0]), Ok(()));
}

#[test]
fn member_that_waits_for_its_assignment_is_not_silent() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    group.join(&rejoiner(&members[0]));
    group.join(&rejoiner(&members[1]));
    let parked = group.sync(&group.sync_of(&members[1]));
    group.pass_alive(SESSION * 2, &members[..1]);
    assert!(group.waits(parked));
    group.sync_all();
    // Its session has begun anew.
    group.pass_alive(SESSION - Duration::from_secs(1), &members[..1]);
    assert_eq!(group.state(), State::Stable);
    group.pass_alive(Duration::from_secs(1), &members[..1]);
    assert_eq!(group.heartbeat(&members[1]), Err(GroupError::UnknownMember));
}

#[test]
fn new_member_that_waits_is_believed_for_five_minutes_only() {
    let (mut group, members) = Group::stable(&["a"]);
    let long = Join { rebalance_timeout: Duration::from_hours(1), ..joiner("b") };
    let parked = group.join(&long);
    group.pass_alive(Duration::from_secs(299), &members);
    assert!(group.waits(parked));
    group.pass_alive(Duration::from_secs(1), &members);
    assert_eq!(group.join_error(parked), GroupError::UnknownMember);
}

#[test]
fn rebalance_is_complete_when_the_member_that_was_waited_for_falls_silent() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let ticket = group.join(&rejoiner(&members[0]));
    group.pass(SESSION);
    assert_eq!(group.joined(ticket).members.len(), 1);
}

#[test]
fn another_member_leads_when_the_leader_does_not_come_back() {
    let (mut group, members) = Group::stable(&["a", "b", "c"]);
    group.join(&joiner("d"));
    let tickets = [group.join(&rejoiner(&members[1])), group.join(&rejoiner(&members[2]))];
    group.pass(REBALANCE);
    let leaders = tickets.map(|ticket| group.joined(ticket).leader);
    assert_eq!(leaders[0], leaders[1]);
    assert_ne!(leaders[0], members[0]);
}

#[test]
fn generation_that_nobody_could_lead_is_put_off() {
    let mut group = Group::new();
    let join = Join { session_timeout: REBALANCE * 3, ..static_joiner("left") };
    let other = Join { session_timeout: REBALANCE * 3, ..static_joiner("right") };
    let tickets = [group.join(&join), group.join(&other)];
    group.pass(DELAY + DELAY);
    group.sync_all();
    let leader = group.joined(tickets[0]).member;
    group.leave(&[leaver(&leader)]);
    group.pass(REBALANCE);
    assert_eq!(group.state(), State::PreparingRebalance);
    let back = group.join(&other);
    assert_eq!(group.joined(back).generation, Generation(2));
}

#[test]
fn static_members_without_a_rebalance_timeout_do_not_keep_the_clock_busy() {
    let mut group = Group::new();
    let join = Join { rebalance_timeout: Duration::ZERO, ..static_joiner("left") };
    group.config.initial_rebalance_delay = Duration::ZERO;
    let ticket = group.join(&join);
    group.event(Membership::tick);
    let id = group.joined(ticket).member;
    // Its time to sync is over at once.
    group.pass(Duration::ZERO);
    assert_eq!(group.heartbeat(&id), Err(GroupError::UnknownMember));
    assert_eq!(group.state(), State::Empty);
}

#[test]
fn new_group_that_all_leave_before_its_first_generation_is_empty_again() {
    let mut group = Group::new();
    let ticket = group.join(&static_joiner("left"));
    let gone = Leaver { instance: Some("left".to_owned().into()), ..leaver(&MemberId::default()) };
    assert_eq!(group.leave(&[gone]), [Ok(())]);
    assert_eq!(group.join_error(ticket), GroupError::UnknownMember);
    group.pass(DELAY);
    assert_eq!(group.state(), State::Empty);
}

#[test]
fn heartbeat_tells_strangers_the_fenced_and_the_late() {
    let (mut group, members) = Group::stable(&["a"]);
    let now = group.now.instant;
    let known = group.caller(&members[0]);
    let stranger = group.caller(&"stranger".to_owned().into());
    let named = Caller { instance: Some("left".to_owned().into()), ..known.clone() };
    let late = Caller { generation: Generation(0), ..known.clone() };
    assert_eq!(group.membership.heartbeat(&known, now), Ok(()));
    assert_eq!(group.membership.heartbeat(&stranger, now), Err(GroupError::UnknownMember));
    assert_eq!(group.membership.heartbeat(&named, now), Err(GroupError::UnknownMember));
    assert_eq!(group.membership.heartbeat(&late, now), Err(GroupError::IllegalGeneration));
}

#[test]
fn heartbeat_while_the_leader_assigns_keeps_a_member_alive() {
    let mut group = Group::new();
    let ticket = group.join(&joiner("a"));
    group.pass(DELAY);
    let id = group.joined(ticket).member;
    group.pass_alive(SESSION * 2, std::slice::from_ref(&id));
    assert_eq!(group.state(), State::CompletingRebalance);
    assert_eq!(group.heartbeat(&id), Ok(()));
}

#[test]
fn all_who_wait_are_answered_when_the_shard_is_given_up() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let join = group.join(&rejoiner(&members[0]));
    let mut effects = Vec::new();
    std::mem::replace(&mut group.membership, Membership::new(Timestamp(0))).unload(&mut effects);
    group.take(effects);
    assert_eq!(group.join_error(join), GroupError::NotCoordinator);

    let (mut group, members) = Group::stable(&["a", "b"]);
    group.join(&rejoiner(&members[0]));
    group.join(&rejoiner(&members[1]));
    let sync = group.sync(&group.sync_of(&members[1]));
    let mut effects = Vec::new();
    std::mem::replace(&mut group.membership, Membership::new(Timestamp(0))).unload(&mut effects);
    group.take(effects);
    assert_eq!(group.sync_answer(sync), Err(GroupError::NotCoordinator));
}
