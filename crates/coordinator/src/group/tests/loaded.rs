//! Groups as they were written down.

use super::{super::Retention, *};
use crate::group::PersistedMember;

fn reload(group: &Group) -> Group {
    let mut loaded = Group::of(Membership::loaded(group.log.last().unwrap().clone()));
    loaded.now = group.now;
    loaded.config = group.config.clone();
    loaded
}

fn member(id: &str, instance: Option<&str>) -> PersistedMember {
    PersistedMember {
        member: id.to_owned().into(),
        instance: instance.map(|instance| instance.to_owned().into()),
        client_id: "app".into(),
        client_host: "/127.0.0.1".into(),
        rebalance_timeout: REBALANCE,
        session_timeout: SESSION,
        subscription: Bytes::from("range"),
        assignment: Bytes::new(),
    }
}

fn persisted(members: Vec<PersistedMember>) -> PersistedGroup {
    PersistedGroup {
        protocol_type: "consumer".into(),
        generation: Generation(7),
        protocol: Some("range".into()),
        leader: Some("b".to_owned().into()),
        state_since: Some(Timestamp(5)),
        members,
    }
}

#[test]
fn members_go_on_as_if_nothing_had_happened() {
    let (group, members) = Group::stable(&["a", "b"]);
    let mut loaded = reload(&group);
    loaded.event(Membership::start);
    let name = GroupId("g".into());
    assert_eq!(loaded.membership.describe(&name), group.membership.describe(&name));
    assert_eq!(loaded.heartbeat(&members[1]), Ok(()));
    let ticket = loaded.sync(&loaded.sync_of(&members[1]));
    assert_eq!(loaded.sync_answer(ticket).unwrap().assignment, share(&members[1]));
    let ticket = loaded.join(&rejoiner(&members[1]));
    assert_eq!(loaded.joined(ticket).leader, members[0]);
}

#[test]
fn sessions_begin_when_the_shard_is_loaded() {
    let (group, members) = Group::stable(&["a", "b"]);
    let mut loaded = reload(&group);
    assert_eq!(loaded.membership.deadline(), None);
    loaded.pass(SESSION * 2);
    loaded.event(Membership::start);
    loaded.pass(SESSION - Duration::from_secs(1));
    assert_eq!(loaded.heartbeat(&members[0]), Ok(()));
    loaded.pass(Duration::from_secs(1));
    assert_eq!(loaded.heartbeat(&members[1]), Err(GroupError::UnknownMember));
}

#[test]
fn group_that_is_over_a_lowered_limit_keeps_who_comes_back_first() {
    let (group, members) = Group::stable(&["a", "b", "c"]);
    let mut loaded = reload(&group);
    loaded.config.members_max = 2;
    loaded.event(Membership::start);
    assert_eq!(loaded.state(), State::PreparingRebalance);
    let first = loaded.join(&rejoiner(&members[2]));
    let second = loaded.join(&rejoiner(&members[1]));
    let third = loaded.join(&rejoiner(&members[0]));
    assert_eq!(loaded.join_error(third), GroupError::GroupFull);
    let [first, second] = [first, second].map(|ticket| loaded.joined(ticket));
    assert_eq!([first.generation, second.generation], [Generation(2); 2]);
    assert_eq!(first.members.len() + second.members.len(), 2);
}

#[test]
fn empty_group_is_empty_since_it_was_written_down() {
    let group =
        Membership::loaded(PersistedGroup { protocol: None, leader: None, ..persisted(vec![]) });
    assert_eq!(group.state(), State::Empty);
    assert_eq!(group.retention(), Retention::SinceEmpty(Timestamp(5)));
    assert!(!group.is_subscribed("orders"));
    assert!(!group.is_unused());
}

#[test]
fn group_of_an_old_record_does_not_know_since_when_it_is_empty() {
    let group = Membership::loaded(PersistedGroup { state_since: None, ..persisted(vec![]) });
    assert_eq!(group.retention(), Retention::SinceCommit);
}

#[test]
fn generations_count_on_from_what_was_written_down() {
    let mut group = Group::of(Membership::loaded(persisted(vec![member("b", None)])));
    group.event(Membership::start);
    let ticket = group.join(&rejoiner(&"b".to_owned().into()));
    assert_eq!(group.joined(ticket).generation, Generation(8));
}

#[test]
fn generation_after_the_last_number_is_the_first() {
    let last =
        PersistedGroup { generation: Generation(i32::MAX), ..persisted(vec![member("b", None)]) };
    let mut group = Group::of(Membership::loaded(last));
    group.event(Membership::start);
    let ticket = group.join(&rejoiner(&"b".to_owned().into()));
    assert_eq!(group.joined(ticket).generation, Generation(1));
}

#[test]
fn what_a_broken_log_says_twice_counts_as_it_is_said_last() {
    let members = vec![
        member("a", Some("left")),
        member("b", None),
        PersistedMember { client_id: "last".into(), ..member("b", None) },
        member("c", Some("left")),
    ];
    let group = Membership::loaded(persisted(members)).describe(&GroupId("g".into()));
    let ids: Vec<_> = group.members.iter().map(|member| member.member.0.to_string()).collect();
    assert_eq!(ids, ["b", "c"]);
    assert_eq!(group.members[0].client_id, "last");
}

#[test]
fn somebody_leads_although_the_log_names_a_stranger_or_no_protocol() {
    let broken = PersistedGroup {
        leader: Some("stranger".to_owned().into()),
        protocol: None,
        generation: Generation(-3),
        ..persisted(vec![member("a", None)])
    };
    let mut group = Group::of(Membership::loaded(broken));
    group.event(Membership::start);
    assert_eq!(group.membership.roster.leader(), Some(&"a".to_owned().into()));
    let stranger = group.join(&rejoiner(&"stranger".to_owned().into()));
    assert_eq!(group.join_error(stranger), GroupError::InconsistentProtocol);
    group.pass(SESSION);
    assert_eq!(group.state(), State::Empty);
}
