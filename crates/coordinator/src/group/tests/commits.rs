//! Who may commit and delete offsets.

use super::*;

fn commit(group: &mut Group, caller: &Caller) -> Result<(), GroupError> {
    group.membership.check_commit(caller, group.now.instant)
}

fn outsider() -> Caller {
    Caller { member: MemberId::default(), instance: None, generation: Generation::NONE }
}

#[test]
fn outsiders_may_commit_to_a_group_without_members_only() {
    assert_eq!(commit(&mut Group::new(), &outsider()), Ok(()));
    let (mut group, members) = Group::stable(&["a"]);
    assert_eq!(commit(&mut group, &outsider()), Err(GroupError::UnknownMember));
    group.join(&rejoiner(&members[0]));
    assert_eq!(commit(&mut group, &outsider()), Err(GroupError::UnknownMember));
    group.leave(&[leaver(&members[0])]);
    assert_eq!(commit(&mut group, &outsider()), Ok(()));
}

#[test]
fn members_of_the_generation_may_commit() {
    let (mut group, members) = Group::stable(&["a"]);
    let caller = group.caller(&members[0]);
    assert_eq!(commit(&mut group, &caller), Ok(()));
    let late = Caller { generation: Generation(0), ..caller.clone() };
    assert_eq!(commit(&mut group, &late), Err(GroupError::IllegalGeneration));
    let without = Caller { generation: Generation::NONE, ..caller.clone() };
    assert_eq!(commit(&mut group, &without), Err(GroupError::IllegalGeneration));
    let stranger = Caller { member: "stranger".to_owned().into(), ..caller.clone() };
    assert_eq!(commit(&mut group, &stranger), Err(GroupError::UnknownMember));
    let named = Caller { instance: Some("left".to_owned().into()), ..caller };
    assert_eq!(commit(&mut group, &named), Err(GroupError::UnknownMember));
}

#[test]
fn member_of_a_group_that_has_become_empty_may_not_commit() {
    let (mut group, members) = Group::stable(&["a"]);
    let caller = group.caller(&members[0]);
    group.pass(SESSION);
    assert_eq!(commit(&mut group, &caller), Err(GroupError::UnknownMember));
}

#[test]
fn members_may_commit_what_they_have_read_while_others_join() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    group.join(&joiner("c"));
    let caller = group.caller(&members[0]);
    assert_eq!(commit(&mut group, &caller), Ok(()));
}

#[test]
fn members_may_not_commit_while_the_leader_assigns() {
    let mut group = Group::new();
    let ticket = group.join(&joiner("a"));
    group.pass(DELAY);
    let caller = group.caller(&group.joined(ticket).member);
    assert_eq!(commit(&mut group, &caller), Err(GroupError::RebalanceInProgress));
}

#[test]
fn commits_keep_a_member_alive() {
    let (mut group, members) = Group::stable(&["a"]);
    let caller = group.caller(&members[0]);
    for _ in 0..10 {
        group.pass(SESSION - Duration::from_secs(1));
        assert_eq!(commit(&mut group, &caller), Ok(()));
    }
    group.pass(SESSION);
    assert_eq!(group.state(), State::Empty);
}

#[test]
fn only_groups_without_members_may_be_deleted() {
    assert_eq!(Group::new().membership.check_delete(), Ok(()));
    let (group, _) = Group::stable(&["a"]);
    assert_eq!(group.membership.check_delete(), Err(GroupError::NonEmptyGroup));
}

#[test]
fn offsets_may_be_deleted_while_there_are_no_members_but_consumers() {
    assert_eq!(Group::new().membership.check_delete_offsets(), Ok(()));
    assert_eq!(Group::stable(&["a"]).0.membership.check_delete_offsets(), Ok(()));
    let mut group = Group::new();
    group.join(&Join { protocol_type: "connect".into(), ..joiner("a") });
    assert_eq!(group.membership.check_delete_offsets(), Err(GroupError::NonEmptyGroup));
}
