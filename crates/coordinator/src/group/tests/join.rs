//! JoinGroup.

use super::*;

#[test]
fn first_generation_begins_after_the_initial_delay_and_only_its_leader_learns_of_all() {
    let mut group = Group::new();
    let first = group.join(&joiner("a"));
    group.pass(DELAY - Duration::from_millis(1));
    let second = group.join(&joiner("b"));
    assert_eq!(group.state(), State::PreparingRebalance);
    assert!(group.waits(first));

    group.pass(DELAY + DELAY);
    assert_eq!(group.state(), State::CompletingRebalance);
    let (first, second) = (group.joined(first), group.joined(second));
    assert_eq!(first.generation, Generation(1));
    assert_eq!((&first.protocol_type, &first.protocol), (&"consumer".into(), &"range".into()));
    assert_eq!(first.leader, first.member);
    assert!(!first.skip_assignment);
    let members: Vec<_> = first.members.iter().map(|member| member.member.clone()).collect();
    assert_eq!(members, [first.member.clone(), second.member.clone()]);
    assert_eq!(first.members[1].metadata, Bytes::from("range"));
    assert_eq!(second.leader, first.member);
    assert_eq!(second.members, []);
}

#[test]
fn initial_delay_is_extended_while_members_come_but_not_beyond_the_rebalance_timeout() {
    let mut group = Group::new();
    let join = Join { rebalance_timeout: Duration::from_secs(8), ..joiner("a") };
    let first = group.join(&join);
    for _ in 0..2 {
        group.pass(Duration::from_secs(2));
        group.join(&join);
        group.pass(Duration::from_secs(1));
        assert!(group.waits(first));
    }
    // Kafka takes the length of the delay that has passed from what is left: 8 - 3 - 3 = 2.
    group.pass(Duration::from_millis(1));
    group.join(&join);
    group.pass(Duration::from_millis(1999));
    assert_eq!(group.joined(first).members.len(), 4);
}

#[test]
fn without_a_delay_the_first_generation_begins_at_once() {
    let mut group = Group::new();
    group.config.initial_rebalance_delay = Duration::ZERO;
    let first = group.join(&joiner("a"));
    group.pass(Duration::ZERO);
    assert_eq!(group.joined(first).generation, Generation(1));
}

#[test]
fn new_member_is_given_an_id_made_of_its_clients_and_has_to_come_back_with_it() {
    let mut group = Group::new();
    let join = Join { member_id_required: true, ..joiner("app") };
    let ticket = group.join(&join);
    let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("needs an id") };
    assert_eq!(id.0, format!("app-{}", ticket.0));
    assert_eq!(group.state(), State::Empty);

    let ticket = group.join(&Join { member: id.clone(), ..join });
    group.pass(DELAY);
    assert_eq!(group.joined(ticket).member, id);
}

#[test]
fn id_that_does_not_come_back_is_forgotten_with_the_session() {
    let mut group = Group::new();
    let join = Join { member_id_required: true, ..joiner("app") };
    let ticket = group.join(&join);
    let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("needs an id") };
    group.pass(SESSION);
    let ticket = group.join(&Join { member: id, ..join });
    assert_eq!(group.join_error(ticket), GroupError::UnknownMember);
}

#[test]
fn rebalance_waits_for_ids_that_were_given_out_until_they_are_forgotten() {
    let (mut group, members) = Group::stable(&["a"]);
    group.join(&Join { member_id_required: true, ..joiner("b") });
    let ticket = group.join(&rejoiner(&members[0]));
    assert_eq!(group.state(), State::PreparingRebalance);
    group.pass(SESSION);
    assert_eq!(group.joined(ticket).generation, Generation(2));
}

#[test]
fn static_members_id_is_made_of_its_name_and_it_need_not_come_twice() {
    let mut group = Group::new();
    let ticket = group.join(&Join { member_id_required: true, ..static_joiner("left") });
    group.pass(DELAY);
    let joined = group.joined(ticket);
    assert_eq!(joined.member.0, format!("left-{}", ticket.0));
    assert_eq!(joined.members[0].instance, Some("left".to_owned().into()));
}

#[test]
fn static_member_cannot_come_back_with_an_id_that_was_given_to_a_dynamic_one() {
    let mut group = Group::new();
    let ticket = group.join(&Join { member_id_required: true, ..joiner("app") });
    let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("needs an id") };
    let ticket = group.join(&Join { member: id, ..static_joiner("left") });
    assert_eq!(group.join_error(ticket), GroupError::UnknownMember);
}

#[test]
fn session_timeouts_outside_what_is_allowed_are_refused() {
    let mut group = Group::new();
    for timeout in [Duration::from_millis(5999), Duration::from_millis(1_800_001)] {
        let ticket = group.join(&Join { session_timeout: timeout, ..joiner("a") });
        assert_eq!(group.join_error(ticket), GroupError::InvalidSessionTimeout);
    }
    assert!(group.membership.is_unused());
}

#[test]
fn member_that_nobody_knows_is_refused() {
    for mut group in [Group::new(), Group::stable(&["a"]).0] {
        let ticket = group.join(&rejoiner(&"stranger".to_owned().into()));
        assert_eq!(group.join_error(ticket), GroupError::UnknownMember);
    }
}

#[test]
fn member_without_protocols_or_type_is_refused() {
    let mut group = Group::new();
    for join in [
        Join { protocols: Vec::new(), ..joiner("a") },
        Join { protocol_type: ByteString::new(), ..joiner("a") },
    ] {
        let ticket = group.join(&join);
        assert_eq!(group.join_error(ticket), GroupError::InconsistentProtocol);
    }
    assert!(group.membership.is_unused());
    assert_eq!(group.log, []);
}

#[test]
fn member_of_another_type_or_without_a_common_protocol_is_refused() {
    let (mut group, members) = Group::stable(&["a"]);
    for join in [
        Join { protocol_type: "connect".into(), ..joiner("b") },
        Join { protocols: protocols(&["sticky"]), ..joiner("b") },
        Join { protocols: protocols(&["sticky"]), ..rejoiner(&members[0]) },
    ] {
        let ticket = group.join(&join);
        assert_eq!(group.join_error(ticket), GroupError::InconsistentProtocol);
    }
    assert_eq!(group.state(), State::Stable);
}

#[test]
fn empty_group_may_change_its_type() {
    let (mut group, members) = Group::stable(&["a"]);
    group.leave(&[leaver(&members[0])]);
    let ticket = group.join(&Join { protocol_type: "connect".into(), ..joiner("b") });
    group.pass(DELAY);
    assert_eq!(group.joined(ticket).protocol_type, "connect");
}

#[test]
fn members_vote_among_the_protocols_that_all_know() {
    let mut group = Group::new();
    let lists: [&[&str]; 3] =
        [&["odd", "sticky", "range"], &["range", "sticky"], &["new", "range", "sticky"]];
    let mut tickets = Vec::new();
    for list in lists {
        tickets.push(group.join(&Join { protocols: protocols(list), ..joiner("a") }));
    }
    group.pass(DELAY + DELAY);
    let joined = group.joined(tickets[0]);
    assert_eq!(joined.protocol, "range");
    assert!(joined.members.iter().all(|member| member.metadata == "range"));
}

#[test]
fn what_is_said_first_of_a_protocol_counts() {
    let mut group = Group::new();
    let mut list = protocols(&["range", "range"]);
    list[1].1 = Bytes::from("second");
    let ticket = group.join(&Join { protocols: list, ..joiner("a") });
    group.join(&joiner("b"));
    group.pass(DELAY + DELAY);
    assert_eq!(group.joined(ticket).members[0].metadata, "range");
}

#[test]
fn follower_that_joins_a_stable_group_again_learns_of_the_same_generation() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let ticket = group.join(&rejoiner(&members[1]));
    let joined = group.joined(ticket);
    assert_eq!((joined.generation, &joined.members[..]), (Generation(1), &[][..]));
    assert_eq!(group.state(), State::Stable);
}

#[test]
fn leader_that_joins_a_stable_group_again_has_everybody_join() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let leader = group.join(&rejoiner(&members[0]));
    assert_eq!(group.state(), State::PreparingRebalance);
    assert_eq!(group.heartbeat(&members[1]), Err(GroupError::RebalanceInProgress));
    let follower = group.join(&rejoiner(&members[1]));
    assert_eq!(group.joined(leader).generation, Generation(2));
    assert_eq!(group.joined(follower).generation, Generation(2));
}

#[test]
fn follower_with_other_metadata_has_everybody_join() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let mut join = rejoiner(&members[1]);
    join.protocols[0].1 = Bytes::from("more topics");
    group.join(&join);
    assert_eq!(group.state(), State::PreparingRebalance);
    let leader = group.join(&rejoiner(&members[0]));
    assert_eq!(group.joined(leader).members[1].metadata, "more topics");
}

#[test]
fn member_whose_answer_was_lost_is_answered_again_while_the_leader_assigns() {
    let mut group = Group::new();
    let tickets = [group.join(&joiner("a")), group.join(&joiner("b"))];
    group.pass(DELAY + DELAY);
    for ticket in tickets {
        let first = group.joined(ticket);
        let again = group.join(&rejoiner(&first.member));
        assert_eq!(group.joined(again), first);
    }
    assert_eq!(group.state(), State::CompletingRebalance);
}

#[test]
fn member_that_changes_while_the_leader_assigns_has_everybody_join() {
    let mut group = Group::new();
    let tickets = [group.join(&joiner("a")), group.join(&joiner("b"))];
    group.pass(DELAY + DELAY);
    let members = tickets.map(|ticket| group.joined(ticket).member);
    let waiting = group.sync(&group.sync_of(&members[1]));
    let mut join = rejoiner(&members[0]);
    join.protocols[0].1 = Bytes::from("more topics");
    group.join(&join);
    assert_eq!(group.state(), State::PreparingRebalance);
    assert_eq!(group.sync_answer(waiting), Err(GroupError::RebalanceInProgress));
}

#[test]
fn join_on_a_second_connection_takes_the_place_of_the_first() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    let first = group.join(&rejoiner(&members[0]));
    let second = group.join(&rejoiner(&members[0]));
    assert_eq!(group.join_error(first), GroupError::RebalanceInProgress);
    assert!(group.waits(second));
    group.join(&rejoiner(&members[1]));
    assert_eq!(group.joined(second).generation, Generation(2));
}

#[test]
fn full_group_takes_nobody_in_but_its_members() {
    let (mut group, members) = Group::stable(&["a", "b"]);
    group.config.members_max = 2;
    let pending = Join { member_id_required: true, ..joiner("c") };
    for join in [joiner("c"), pending] {
        let ticket = group.join(&join);
        assert_eq!(group.join_error(ticket), GroupError::GroupFull);
    }
    assert_eq!(group.state(), State::Stable);
    let ticket = group.join(&rejoiner(&members[1]));
    assert_eq!(group.joined(ticket).generation, Generation(1));
}

#[test]
fn id_that_was_given_out_before_the_group_was_full_is_turned_away() {
    let (mut group, members) = Group::stable(&["a"]);
    group.config.members_max = 2;
    let ticket = group.join(&Join { member_id_required: true, ..joiner("b") });
    let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("needs an id") };
    group.join(&joiner("c"));
    group.join(&rejoiner(&members[0]));
    let ticket = group.join(&rejoiner(&id));
    assert_eq!(group.join_error(ticket), GroupError::GroupFull);
    // It was the only one that was waited for.
    assert_eq!(group.state(), State::CompletingRebalance);
}

#[test]
fn static_member_comes_back_into_a_full_group() {
    let mut group = Group::new();
    group.config.members_max = 1;
    group.join(&static_joiner("left"));
    group.pass(DELAY);
    group.sync_all();
    let ticket = group.join(&static_joiner("left"));
    assert_eq!(group.joined(ticket).generation, Generation(1));
}

#[test]
fn new_group_is_written_down_with_its_first_member_or_id() {
    for member_id_required in [false, true] {
        let mut group = Group::new();
        assert!(group.membership.is_unused());
        group.join(&Join { member_id_required, ..joiner("a") });
        assert!(!group.membership.is_unused());
        let [written] = &group.log[..] else { panic!("one record, not {:?}", group.log) };
        assert_eq!((written.generation, &written.members[..]), (Generation(0), &[][..]));
        assert_eq!((&written.protocol_type, &written.protocol), (&"".into(), &None));
    }
}

#[test]
fn new_group_that_cannot_be_written_down_has_never_been() {
    let mut group = Group::new();
    group.holds_writes = true;
    let ticket = group.join(&joiner("a"));
    let pending = group.join(&Join { member_id_required: true, ..joiner("b") });
    let GroupError::MemberIdRequired(id) = group.join_error(pending) else { panic!("no id") };
    group.report(&Err(WriteError::NotNow));
    assert_eq!(group.join_error(ticket), GroupError::NotAvailable);
    assert!(group.membership.is_unused());
    assert_eq!(group.membership.deadline(), None);
    let ticket = group.join(&rejoiner(&id));
    assert_eq!(group.join_error(ticket), GroupError::UnknownMember);
}

#[test]
fn new_group_that_has_a_generation_by_then_stays() {
    let mut group = Group::new();
    group.holds_writes = true;
    let ticket = group.join(&joiner("a"));
    group.pass(DELAY);
    group.report(&Err(WriteError::NotNow));
    assert_eq!(group.joined(ticket).generation, Generation(1));
    assert_eq!(group.state(), State::CompletingRebalance);
}
