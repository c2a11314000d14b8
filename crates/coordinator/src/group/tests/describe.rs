//! What others may know of a group.

use super::{super::Retention, *};

/// A `ConsumerProtocolSubscription` of version 3: what follows the user data is not looked at.
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = vec![0, 3];
    bytes.extend(i32::try_from(topics.len()).unwrap().to_be_bytes());
    for topic in topics {
        bytes.extend(i16::try_from(topic.len()).unwrap().to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    bytes.extend((-1_i32).to_be_bytes());
    bytes.extend(b"owned partitions, generation, rack");
    bytes.into()
}

fn reader(topics: &[&str]) -> Join {
    Join { protocols: vec![("range".into(), subscription(topics))], ..joiner("a") }
}

fn stable_with(joins: &[Join]) -> Group {
    let mut group = Group::new();
    for join in joins {
        group.join(join);
    }
    group.pass(DELAY + DELAY);
    group.sync_all();
    group
}

#[test]
fn stable_group_is_described_with_its_protocol_metadata_and_assignments() {
    let (group, members) = Group::stable(&["a"]);
    let described = group.membership.describe(&GroupId("g".into()));
    assert_eq!(described.state, State::Stable);
    assert_eq!(
        (&described.protocol_type, &described.protocol),
        (&"consumer".into(), &"range".into())
    );
    let [member] = &described.members[..] else { panic!("one member") };
    assert_eq!((&member.member, &member.instance), (&members[0], &None));
    assert_eq!((&member.client_id, &member.client_host), (&"a".into(), &"/127.0.0.1".into()));
    assert_eq!(
        (&member.metadata, &member.assignment),
        (&Bytes::from("range"), &share(&members[0]))
    );
}

#[test]
fn group_that_is_not_stable_is_described_without_protocol_and_metadata() {
    let (mut group, members) = Group::stable(&["a"]);
    group.join(&joiner("b"));
    let described = group.membership.describe(&GroupId("g".into()));
    assert_eq!((described.state, described.protocol.as_ref()), (State::PreparingRebalance, ""));
    let member = described.members.iter().find(|member| member.member == members[0]).unwrap();
    // As in Kafka, its last assignment is told.
    assert_eq!((&member.metadata, &member.assignment), (&Bytes::new(), &share(&members[0])));
}

#[test]
fn list_names_type_and_state() {
    let (mut group, members) = Group::stable(&["a"]);
    let listed = group.membership.list(&GroupId("g".into()));
    assert_eq!((listed.protocol_type.as_ref(), listed.state), ("consumer", State::Stable));
    group.leave(&[leaver(&members[0])]);
    let listed = group.membership.list(&GroupId("g".into()));
    assert_eq!((listed.protocol_type.as_ref(), listed.state), ("consumer", State::Empty));
    let listed = Group::new().membership.list(&GroupId("g".into()));
    assert_eq!((listed.protocol_type.as_ref(), listed.state), ("", State::Empty));
}

#[test]
fn group_is_subscribed_to_what_its_members_read() {
    let group = stable_with(&[reader(&["orders"]), reader(&["orders", "bills"])]);
    let subscribed = |topic| group.membership.is_subscribed(topic);
    assert_eq!(["orders", "bills", "other"].map(subscribed), [true, true, false]);
}

#[test]
fn consumers_that_do_not_say_what_they_read_may_read_anything() {
    for metadata in ["", "\0", "\0\0\x7f\x7f\x7f\x7f", "\0\0\0\0\0\x01\0\x05ab"] {
        let odd = Join {
            protocols: vec![("range".into(), Bytes::from_static(metadata.as_bytes()))],
            ..joiner("a")
        };
        let group = stable_with(&[reader(&["orders"]), odd]);
        assert!(group.membership.is_subscribed("other"));
        assert_eq!(group.membership.retention(), Retention::Kept);
    }
}

#[test]
fn nothing_is_known_of_a_new_groups_topics_before_its_first_generation() {
    let mut group = Group::new();
    group.join(&reader(&["orders"]));
    assert!(group.membership.is_subscribed("other"));
}

#[test]
fn what_is_not_of_consumers_is_subscribed_to_nothing() {
    let group = stable_with(&[Join { protocol_type: "connect".into(), ..reader(&["orders"]) }]);
    assert!(!group.membership.is_subscribed("orders"));
    assert!(!Group::new().membership.is_subscribed("orders"));
}

#[test]
fn empty_group_is_subscribed_to_nothing_and_its_offsets_age_from_then() {
    let mut group = stable_with(&[reader(&["orders"])]);
    group.pass(SESSION);
    assert!(!group.membership.is_subscribed("orders"));
    assert_eq!(group.membership.retention(), Retention::SinceEmpty(group.now.wall));
}

#[test]
fn offsets_age_from_their_commit_where_nobody_reads_them() {
    let mut group = stable_with(&[reader(&["orders"])]);
    assert_eq!(group.membership.retention(), Retention::SinceCommit);
    assert_eq!(Group::new().membership.retention(), Retention::SinceCommit);
    group.join(&reader(&["orders"]));
    assert_eq!(group.membership.retention(), Retention::Kept);
}

#[test]
fn returning_static_member_may_read_other_topics() {
    let mut group =
        stable_with(&[Join { instance: Some("left".to_owned().into()), ..reader(&["a"]) }]);
    let back = Join { instance: Some("left".to_owned().into()), ..reader(&["b"]) };
    group.join(&back);
    assert_eq!(["a", "b"].map(|topic| group.membership.is_subscribed(topic)), [false, true]);
    group.holds_writes = true;
    group.join(&Join { protocols: reader(&["c"]).protocols, ..back });
    group.report(&Err(WriteError::NotNow));
    assert_eq!(["b", "c"].map(|topic| group.membership.is_subscribed(topic)), [true, false]);
}
