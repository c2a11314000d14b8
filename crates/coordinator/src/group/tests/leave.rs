//! LeaveGroup.

use super::*;

#[test]
fn those_who_stay_join_again() {
    let (mut group, members) = Group::stable(&["a", "b", "c"]);
    assert_eq!(group.leave(&[leaver(&members[0]), leaver(&members[2])]), [Ok(()), Ok(())]);
    assert_eq!(group.state(), State::PreparingRebalance);
    let ticket = group.join(&rejoiner(&members[1]));
    let joined = group.joined(ticket);
    assert_eq!((joined.generation, joined.members.len()), (Generation(2), 1));
    assert_eq!(joined.leader, members[1]);
}

#[test]
fn each_leaver_has_an_answer_of_its_own() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let stranger = leaver(&"stranger".to_owned().into());
    let nameless = leaver(&MemberId::default());
    let unknown = Leaver { instance: Some("left".to_owned().into()), ..nameless.clone() };
    let answers = group.leave(&[stranger, leaver(&members[1]), nameless, unknown]);
    let refused = Err(GroupError::UnknownMember);
    assert_eq!(answers, [refused.clone(), Ok(()), refused.clone(), refused]);
}

#[test]
fn nothing_happens_when_only_strangers_leave() {
    let (mut group, _) = Group::stable(&["a"]);
    group.leave(&[leaver(&"stranger".to_owned().into())]);
    assert_eq!(group.state(), State::Stable);
}

#[test]
fn static_member_is_shown_the_door_by_its_name() {
    let mut group = Group::new();
    let ticket = group.join(&static_joiner("left"));
    group.pass(DELAY);
    group.sync_all();
    let id = group.joined(ticket).member;
    let door = Leaver { instance: Some("left".to_owned().into()), ..leaver(&MemberId::default()) };
    assert_eq!(group.leave(std::slice::from_ref(&door)), [Ok(())]);
    assert_eq!(group.state(), State::Empty);
    assert_eq!(group.heartbeat(&id), Err(GroupError::UnknownMember));
    assert_eq!(group.leave(&[door]), [Err(GroupError::UnknownMember)]);
}

#[test]
fn member_that_leaves_while_it_waits_is_answered() {
    let (mut group, members) = Group::stable(&["a", "b", "c"]);
    let join = group.join(&rejoiner(&members[0]));
    group.leave(&[leaver(&members[0])]);
    assert_eq!(group.join_error(join), GroupError::UnknownMember);

    let tickets = [group.join(&rejoiner(&members[1])), group.join(&rejoiner(&members[2]))];
    assert_eq!(group.joined(tickets[0]).leader, members[1]);
    let sync = group.sync(&group.sync_of(&members[2]));
    group.leave(&[leaver(&members[2])]);
    assert_eq!(group.sync_answer(sync), Err(GroupError::UnknownMember));
    assert_eq!(group.state(), State::PreparingRebalance);
}

#[test]
fn last_that_was_waited_for_completes_the_join_by_leaving() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let ticket = group.join(&rejoiner(&members[0]));
    group.leave(&[leaver(&members[1])]);
    assert_eq!(group.joined(ticket).members.len(), 1);
}

#[test]
fn id_that_was_given_out_leaves_without_disturbing_a_stable_group() {
    let (mut group, members) = Group::stable(&["a"]);
    let ask = Join { member_id_required: true, ..joiner("b") };
    let ticket = group.join(&ask);
    let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("needs an id") };
    assert_eq!(group.leave(&[leaver(&id)]), [Ok(())]);
    assert_eq!(group.state(), State::Stable);

    let ticket = group.join(&ask);
    let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("needs an id") };
    let waiting = group.join(&rejoiner(&members[0]));
    assert!(group.waits(waiting));
    group.leave(&[leaver(&id)]);
    assert_eq!(group.joined(waiting).generation, Generation(2));
}

#[test]
fn last_member_leaves_an_empty_group_and_a_failed_write_does_not_bring_it_back() {
    let (mut group, members) = Group::stable(&["a"]);
    group.holds_writes = true;
    group.leave(&[leaver(&members[0])]);
    assert_eq!(group.state(), State::Empty);
    group.report(&Err(WriteError::NotNow));
    assert_eq!(group.state(), State::Empty);
    assert_eq!(group.membership.check_delete(), Ok(()));
}

#[test]
fn nobody_leaves_a_group_that_is_not_there() {
    let mut group = Group::new();
    let answers = group.leave(&[leaver(&"a".to_owned().into())]);
    assert_eq!(answers, [Err(GroupError::UnknownMember)]);
    assert!(group.membership.is_unused());
}
