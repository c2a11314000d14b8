//! Static members (KIP-345) that come back without their ids.

use super::*;

/// A stable group of the static members "left", which leads, and "right".
fn pair() -> (Group, [MemberId; 2]) {
    let mut group = Group::new();
    let tickets = [group.join(&static_joiner("left")), group.join(&static_joiner("right"))];
    group.pass(DELAY + DELAY);
    group.sync_all();
    let ids = tickets.map(|ticket| group.joined(ticket).member);
    (group, ids)
}

fn named(instance: &str, caller: Caller) -> Caller {
    Caller { instance: Some(instance.to_owned().into()), ..caller }
}

#[test]
fn follower_takes_its_own_place_without_a_rebalance() {
    let (mut group, [left, right]) = pair();
    let client = Client { id: "elsewhere".into(), host: "/10.0.0.7".into() };
    let ticket = group.join(&Join { client: client.clone(), ..static_joiner("right") });
    let joined = group.joined(ticket);
    assert_eq!(group.state(), State::Stable);
    assert_ne!(joined.member, right);
    assert_eq!((joined.generation, &joined.leader), (Generation(1), &left));
    assert_eq!((joined.skip_assignment, &joined.members[..]), (false, &[][..]));

    let written = group.log.last().unwrap();
    let member = written.members.iter().find(|member| member.member == joined.member).unwrap();
    assert_eq!((&member.assignment, &member.client_host), (&share(&right), &client.host));
    assert_eq!(written.members.len(), 2);
    let synced = group.sync(&group.sync_of(&joined.member));
    assert_eq!(group.sync_answer(synced).unwrap().assignment, share(&right));
}

#[test]
fn leader_that_comes_back_is_told_that_it_need_not_assign() {
    let (mut group, [_, right]) = pair();
    let ticket = group.join(&static_joiner("left"));
    let joined = group.joined(ticket);
    assert_eq!((joined.skip_assignment, &joined.leader), (true, &joined.member));
    let ids: Vec<_> = joined.members.iter().map(|member| &member.member).collect();
    assert_eq!(ids, [&joined.member, &right]);
    assert_eq!(group.log.last().unwrap().leader, Some(joined.member));
}

#[test]
fn leader_that_cannot_be_told_so_is_told_that_its_former_self_leads() {
    let (mut group, [left, _]) = pair();
    let ticket = group.join(&Join { may_skip_assignment: false, ..static_joiner("left") });
    let joined = group.joined(ticket);
    assert_eq!((joined.skip_assignment, &joined.leader), (false, &left));
    assert_eq!(joined.members, []);
    // It leads all the same: when it joins again, everybody has to.
    group.join(&Join { instance: Some("left".to_owned().into()), ..rejoiner(&joined.member) });
    assert_eq!(group.state(), State::PreparingRebalance);
}

#[test]
fn former_self_is_fenced_in_all_it_asks() {
    let (mut group, [left, _]) = pair();
    group.join(&static_joiner("left"));
    let now = group.now.instant;
    let caller = named("left", group.caller(&left));
    let fenced = GroupError::FencedInstance("left".to_owned().into());
    assert_eq!(group.membership.heartbeat(&caller, now), Err(fenced.clone()));
    assert_eq!(group.membership.check_commit(&caller, now), Err(fenced.clone()));
    let sync = Sync { caller: caller.clone(), ..group.sync_of(&left) };
    let ticket = group.sync(&sync);
    assert_eq!(group.sync_answer(ticket), Err(fenced.clone()));
    let ticket = group.join(&Join { member: left.clone(), ..static_joiner("left") });
    assert_eq!(group.join_error(ticket), fenced);
    let gone = Leaver { instance: caller.instance, ..leaver(&left) };
    assert_eq!(group.leave(&[gone]), [Err(fenced)]);
    // Without its name it is a stranger.
    assert_eq!(group.heartbeat(&left), Err(GroupError::UnknownMember));
}

#[test]
fn former_self_that_waits_to_join_is_fenced() {
    let (mut group, [left, right]) = pair();
    let first = group.join(&Join { member: left, ..static_joiner("left") });
    let second = group.join(&static_joiner("left"));
    let fenced = GroupError::FencedInstance("left".to_owned().into());
    assert_eq!(group.join_error(first), fenced);
    assert!(group.waits(second));
    group.join(&Join { member: right, ..static_joiner("right") });
    assert_eq!(group.joined(second).generation, Generation(2));
}

#[test]
fn former_self_that_waits_for_its_assignment_is_fenced_and_everybody_joins() {
    let (mut group, [left, right]) = pair();
    group.join(&Join { member: left, ..static_joiner("left") });
    group.join(&Join { member: right.clone(), ..static_joiner("right") });
    let parked = group.sync(&group.sync_of(&right));
    group.join(&static_joiner("right"));
    let fenced = GroupError::FencedInstance("right".to_owned().into());
    assert_eq!(group.sync_answer(parked), Err(fenced));
    assert_eq!(group.state(), State::PreparingRebalance);
}

#[test]
fn return_that_changes_the_protocol_has_everybody_join() {
    let mut group = Group::new();
    let both = protocols(&["range", "sticky"]);
    let join = Join { protocols: both.clone(), ..static_joiner("left") };
    group.join(&join);
    let other = group.join(&Join { protocols: both, ..static_joiner("right") });
    group.pass(DELAY + DELAY);
    group.sync_all();
    assert_eq!(group.joined(other).protocol, "range");
    group.join(&Join { protocols: protocols(&["sticky"]), ..join });
    assert_eq!(group.state(), State::PreparingRebalance);
}

#[test]
fn return_of_the_last_that_was_waited_for_completes_the_join() {
    let (mut group, [left, _]) = pair();
    let first = group.join(&Join { member: left, ..static_joiner("left") });
    let second = group.join(&static_joiner("right"));
    assert_eq!(group.joined(first).generation, Generation(2));
    assert_eq!(group.joined(second).generation, Generation(2));
}

#[test]
fn return_is_answered_when_it_is_written_down() {
    let (mut group, _) = pair();
    group.holds_writes = true;
    let ticket = group.join(&static_joiner("right"));
    assert!(group.waits(ticket));
    group.report(&Ok(()));
    assert_eq!(group.joined(ticket).generation, Generation(1));
}

#[test]
fn return_that_cannot_be_written_down_did_not_take_place() {
    let (mut group, [left, right]) = pair();
    let described = group.membership.describe(&GroupId("g".into()));
    group.holds_writes = true;
    let client = Client { id: "elsewhere".into(), host: "/10.0.0.7".into() };
    let timeout = Duration::from_secs(20);
    let join = Join { client, session_timeout: timeout, ..static_joiner("left") };
    let ticket = group.join(&join);
    group.report(&Err(WriteError::NotNow));
    assert_eq!(group.join_error(ticket), GroupError::NotAvailable);
    assert_eq!(group.membership.describe(&GroupId("g".into())), described);
    assert_eq!(group.membership.roster.leader(), Some(&left));
    // The session is its old self's again, with the old time-out.
    group.pass_alive(SESSION, &[right]);
    assert_eq!(group.heartbeat(&left), Err(GroupError::UnknownMember));
}

#[test]
fn return_whose_writing_fails_after_a_rebalance_has_begun_stands() {
    let (mut group, [_, right]) = pair();
    group.holds_writes = true;
    let ticket = group.join(&static_joiner("left"));
    group.join(&joiner("third"));
    group.report(&Err(WriteError::NotNow));
    assert!(group.waits(ticket));
    group.join(&Join { member: right, ..static_joiner("right") });
    assert_eq!(group.joined(ticket).generation, Generation(2));
}

#[test]
fn second_return_before_the_first_is_written_down_fences_it() {
    let (mut group, _) = pair();
    group.holds_writes = true;
    let first = group.join(&static_joiner("left"));
    let second = group.join(&static_joiner("left"));
    let fenced = GroupError::FencedInstance("left".to_owned().into());
    assert_eq!(group.join_error(first), fenced);
    group.report(&Err(WriteError::NotNow));
    // Only the second is undone: its predecessor was the first.
    assert_eq!(group.join_error(second), GroupError::NotAvailable);
    let third = group.join(&static_joiner("left"));
    group.report(&Ok(()));
    assert_eq!(group.joined(third).generation, Generation(1));
}

#[test]
fn member_that_comes_back_before_it_has_asked_for_its_assignment_keeps_its_time() {
    let (mut group, [left, right]) = pair();
    group.join(&Join { member: left.clone(), ..static_joiner("left") });
    group.join(&Join { member: right.clone(), ..static_joiner("right") });
    let assignments = [left.clone(), right].map(|id| (id.clone(), share(&id))).to_vec();
    group.sync(&Sync { assignments, ..group.sync_of(&left) });
    assert_eq!(group.state(), State::Stable);
    let ticket = group.join(&static_joiner("right"));
    let id = group.joined(ticket).member;
    group.pass_alive(REBALANCE, &[left, id.clone()]);
    assert_eq!(group.heartbeat(&id), Err(GroupError::UnknownMember));
}

#[test]
fn static_member_that_is_silent_keeps_its_place_until_its_session_ends() {
    let (mut group, [left, right]) = pair();
    let alive = std::slice::from_ref(&left);
    group.pass_alive(SESSION - Duration::from_secs(1), alive);
    assert_eq!(group.state(), State::Stable);
    group.pass(Duration::from_secs(1));
    assert_eq!(group.state(), State::PreparingRebalance);
    assert_eq!(group.heartbeat(&right), Err(GroupError::UnknownMember));
}

#[test]
fn static_member_that_has_not_joined_again_stays_in_the_next_generation() {
    let mut group = Group::new();
    let long = Join { session_timeout: REBALANCE * 3, ..static_joiner("right") };
    let tickets = [group.join(&static_joiner("left")), group.join(&long)];
    group.pass(DELAY + DELAY);
    group.sync_all();
    let [left, _] = tickets.map(|ticket| group.joined(ticket).member);
    let ticket = group.join(&Join { member: left, ..static_joiner("left") });
    group.pass(REBALANCE);
    assert_eq!(group.joined(ticket).members.len(), 2);
}

#[test]
fn unknown_name_joins_as_a_new_member() {
    let (mut group, _) = pair();
    let ticket = group.join(&static_joiner("third"));
    assert_eq!(group.state(), State::PreparingRebalance);
    assert!(group.waits(ticket));
}

#[test]
fn id_under_a_name_that_nobody_has_is_unknown() {
    let (mut group, [left, _]) = pair();
    let ticket = group.join(&Join { member: left, ..static_joiner("third") });
    assert_eq!(group.join_error(ticket), GroupError::UnknownMember);
}
