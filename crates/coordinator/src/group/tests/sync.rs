//! SyncGroup.

use super::*;

/// A group of two whose leader has to assign.
fn completing() -> (Group, Vec<MemberId>) {
    let mut group = Group::new();
    let tickets = [group.join(&joiner("a")), group.join(&joiner("b"))];
    group.pass(DELAY + DELAY);
    let members = tickets.map(|ticket| group.joined(ticket).member);
    (group, members.to_vec())
}

fn leaders_sync(group: &Group, members: &[MemberId]) -> Sync {
    let assignments = members.iter().map(|id| (id.clone(), share(id))).collect();
    Sync { assignments, ..group.sync_of(&members[0]) }
}

#[test]
fn follower_waits_for_the_leader_and_each_gets_its_share() {
    let (mut group, members) = completing();
    let follower = group.sync(&group.sync_of(&members[1]));
    assert!(group.waits(follower));
    let leader = group.sync(&leaders_sync(&group, &members));
    assert_eq!(group.state(), State::Stable);
    for (ticket, id) in [(leader, &members[0]), (follower, &members[1])] {
        let synced = group.sync_answer(ticket).unwrap();
        assert_eq!(synced.assignment, share(id));
        assert_eq!(
            (&synced.protocol_type, &synced.protocol),
            (&"consumer".into(), &"range".into())
        );
    }
}

#[test]
fn who_asks_when_the_group_is_stable_is_answered_at_once() {
    let (mut group, members) = completing();
    group.sync(&leaders_sync(&group, &members));
    let follower = group.sync(&group.sync_of(&members[1]));
    assert_eq!(group.sync_answer(follower).unwrap().assignment, share(&members[1]));
}

#[test]
fn assignment_is_written_down_before_anybody_learns_of_it() {
    let (mut group, members) = completing();
    group.holds_writes = true;
    let follower = group.sync(&group.sync_of(&members[1]));
    let leader = group.sync(&leaders_sync(&group, &members));
    assert!(group.waits(leader) && group.waits(follower));
    assert_eq!(group.state(), State::CompletingRebalance);

    let written = group.log.last().unwrap();
    assert_eq!((written.generation, written.leader.as_ref()), (Generation(1), Some(&members[0])));
    assert_eq!(
        (&written.protocol_type, &written.protocol),
        (&"consumer".into(), &Some("range".into()))
    );
    for (member, id) in written.members.iter().zip(&members) {
        assert_eq!((&member.member, &member.assignment), (id, &share(id)));
        assert_eq!((member.session_timeout, member.rebalance_timeout), (SESSION, REBALANCE));
        assert_eq!(
            (&member.subscription, &member.client_host),
            (&Bytes::from("range"), &"/127.0.0.1".into())
        );
    }
    group.report(&Ok(()));
    assert_eq!(group.sync_answer(leader).unwrap().assignment, share(&members[0]));
}

#[test]
fn members_that_the_leader_leaves_out_get_nothing_and_strangers_are_left_out() {
    let (mut group, members) = completing();
    let follower = group.sync(&group.sync_of(&members[1]));
    let assignments = vec![("stranger".to_owned().into(), Bytes::from("share"))];
    group.sync(&Sync { assignments, ..group.sync_of(&members[0]) });
    assert_eq!(group.sync_answer(follower).unwrap().assignment, Bytes::new());
    assert_eq!(group.log.last().unwrap().members.len(), 2);
}

#[test]
fn assignment_that_cannot_be_written_has_everybody_join_again() {
    for (error, told) in [
        (WriteError::NotNow, GroupError::NotAvailable),
        (WriteError::NotLeader, GroupError::NotCoordinator),
        (WriteError::TooLarge, GroupError::Refused(WriteError::TooLarge.to_string())),
    ] {
        let (mut group, members) = completing();
        group.holds_writes = true;
        let follower = group.sync(&group.sync_of(&members[1]));
        let leader = group.sync(&leaders_sync(&group, &members));
        group.report(&Err(error));
        assert_eq!(group.sync_answer(leader), Err(told.clone()));
        assert_eq!(group.sync_answer(follower), Err(told));
        assert_eq!(group.state(), State::PreparingRebalance);
        let described = group.membership.describe(&GroupId("g".into()));
        assert!(described.members.iter().all(|member| member.assignment.is_empty()));
    }
}

#[test]
fn assignment_that_is_written_after_a_rebalance_has_begun_is_void() {
    let (mut group, members) = completing();
    group.holds_writes = true;
    let leader = group.sync(&leaders_sync(&group, &members));
    group.join(&joiner("c"));
    assert_eq!(group.sync_answer(leader), Err(GroupError::RebalanceInProgress));
    group.report(&Ok(()));
    assert_eq!(group.state(), State::PreparingRebalance);
}

#[test]
fn leader_that_asks_again_does_not_have_its_assignment_written_twice() {
    let (mut group, members) = completing();
    group.holds_writes = true;
    let first = group.sync(&leaders_sync(&group, &members));
    let second = group.sync(&leaders_sync(&group, &members));
    assert_eq!(group.held.len(), 1);
    assert_eq!(group.sync_answer(first), Err(GroupError::RebalanceInProgress));
    group.report(&Ok(()));
    assert_eq!(group.sync_answer(second).unwrap().assignment, share(&members[0]));
}

#[test]
fn sync_of_another_generation_type_or_protocol_is_refused() {
    let (mut group, members) = completing();
    let sync = group.sync_of(&members[1]);
    let caller = Caller { generation: Generation(0), ..sync.caller.clone() };
    for (sync, error) in [
        (Sync { caller, ..sync.clone() }, GroupError::IllegalGeneration),
        (
            Sync { protocol_type: Some("connect".into()), ..sync.clone() },
            GroupError::InconsistentProtocol,
        ),
        (
            Sync { protocol: Some("sticky".into()), ..sync.clone() },
            GroupError::InconsistentProtocol,
        ),
        (group.sync_of(&"stranger".to_owned().into()), GroupError::UnknownMember),
    ] {
        let ticket = group.sync(&sync);
        assert_eq!(group.sync_answer(ticket), Err(error));
    }
    let ticket = group.sync(&Sync { protocol_type: None, protocol: Some("range".into()), ..sync });
    assert!(group.waits(ticket));
}

#[test]
fn sync_while_members_join_is_refused() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    group.join(&rejoiner(&members[0]));
    let ticket = group.sync(&group.sync_of(&members[1]));
    assert_eq!(group.sync_answer(ticket), Err(GroupError::RebalanceInProgress));
}

#[test]
fn sync_in_an_empty_group_is_refused() {
    let mut group = Group::new();
    let ticket = group.sync(&group.sync_of(&"a".to_owned().into()));
    assert_eq!(group.sync_answer(ticket), Err(GroupError::UnknownMember));
    assert!(group.membership.is_unused());
}

#[test]
fn members_that_do_not_ask_within_the_rebalance_timeout_are_out() {
    let (mut group, members) = completing();
    let follower = group.sync(&group.sync_of(&members[1]));
    group.pass_alive(REBALANCE, &members);
    // The leader lives, but did not assign.
    assert_eq!(group.heartbeat(&members[0]), Err(GroupError::UnknownMember));
    assert_eq!(group.sync_answer(follower), Err(GroupError::RebalanceInProgress));
    assert_eq!(group.state(), State::PreparingRebalance);
}

#[test]
fn follower_that_does_not_ask_within_the_rebalance_timeout_is_out_of_a_stable_group() {
    let (mut group, members) = completing();
    group.sync(&leaders_sync(&group, &members));
    group.pass_alive(REBALANCE - Duration::from_secs(1), &members);
    assert_eq!(group.state(), State::Stable);
    group.pass(Duration::from_secs(1));
    assert_eq!(group.state(), State::PreparingRebalance);
    assert_eq!(group.heartbeat(&members[1]), Err(GroupError::UnknownMember));
}

#[test]
fn nobodys_time_is_up_when_all_have_asked() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    group.pass_alive(REBALANCE + REBALANCE, &members);
    assert_eq!(group.state(), State::Stable);
}
