//! Pitfall 29: members that have a name of their own (KIP-345).

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_a_named_member_is_in_at_once_in_every_version_that_knows_names() {
    for version in 5..=9 {
        let running = start_quick().await;
        let versions = Versions { join: version, ..NEWEST };
        let mut member = Member::named(&running, versions, "first").await;
        member.send_join().await;
        let joined = member.joined().await;
        assert_eq!((joined.error_code, joined.generation_id), (0, 1), "version {version}");
        assert!(joined.member_id.starts_with("first-"), "{joined:?}");
        assert_eq!(joined.members[0].group_instance_id.as_deref(), Some("first"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_a_restart_within_the_session_rebalances_nothing() {
    for version in 5..=9 {
        let running = start_quick().await;
        let versions = Versions { join: version, ..NEWEST };
        let [mut leader, other] = named_two(&running, versions).await;
        // It leaves without a word, as named members do, and comes back without an id.
        let before = other.id.clone();
        drop(other);
        let mut back = Member::named(&running, versions, "second").await;
        back.send_join().await;
        let joined = back.joined().await;
        assert_eq!((joined.error_code, joined.generation_id), (0, leader.generation));
        assert_ne!(joined.member_id, before, "it has a new id");
        assert_eq!(joined.leader, leader.id);
        let share = back.sync(&[]).await;
        assert_eq!((share.error_code, &*share.assignment), (0, &b"two"[..]), "and its old share");
        assert_eq!(leader.heartbeat().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_the_one_whose_name_was_taken_is_fenced() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let mut old = Member::named(&running, NEWEST, "first").await;
    old.come_in().await;
    let mut new = Member::named(&running, NEWEST, "first").await;
    new.come_in().await;
    let fenced = code(ErrorCode::FencedInstanceId);
    assert_eq!(old.heartbeat().await, fenced);
    assert_eq!(old.commit("chat", id).await, fenced);
    assert_eq!(old.sync(&[]).await.error_code, fenced);
    old.send_join().await;
    assert_eq!(old.joined().await.error_code, fenced);
    assert_eq!((new.heartbeat().await, new.commit("chat", id).await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_a_join_that_waits_is_fenced_when_its_name_is_taken() {
    let running = start_quick().await;
    let mut first = Member::alone(&running, NEWEST).await;
    let mut old = Member::named(&running, NEWEST, "second").await;
    old.send_join().await;
    first.hears_of_a_rebalance().await;
    let mut new = Member::named(&running, NEWEST, "second").await;
    new.send_join().await;
    assert_eq!(old.joined().await.error_code, code(ErrorCode::FencedInstanceId));
    first.send_join().await;
    assert_eq!(first.joined().await.members.len(), 2);
    assert_eq!(new.joined().await.error_code, 0);
}

/// A leader that comes back must not assign again: the others would not learn of it.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_a_leader_that_comes_back_does_not_assign() {
    for version in 5..=9 {
        let running = start_quick().await;
        let versions = Versions { join: version, ..NEWEST };
        let [leader, mut other] = named_two(&running, versions).await;
        drop(leader);
        let mut back = Member::named(&running, versions, "first").await;
        back.send_join().await;
        let joined = back.joined().await;
        assert_eq!((joined.error_code, joined.generation_id), (0, other.generation));
        if version >= 9 {
            assert_eq!((joined.skip_assignment, joined.leader == back.id), (true, true));
            assert_eq!(joined.members.len(), 2, "it watches what the group reads");
        } else {
            assert_ne!(joined.leader, back.id, "it takes itself for one of the others");
            assert_eq!(joined.members, []);
        }
        assert_eq!(&*back.sync(&[]).await.assignment, b"one");
        assert_eq!(other.heartbeat().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_a_name_that_stays_away_is_out_when_its_session_ends() {
    let running = start_quick().await;
    let mut first = Member::alone(&running, NEWEST).await;
    let mut named = Member::named(&running, NEWEST, "second").await;
    named.session = Duration::from_millis(300);
    named.send_join().await;
    first.follow().await;
    let (of_first, of_named) = (first.joined().await, named.joined().await);
    assert_eq!((of_first.error_code, of_named.error_code), (0, 0));
    first.sync(&[]).await;
    drop(named);
    while first.heartbeat().await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(first.join().await.members.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_29_an_administrator_shows_a_named_member_the_door() {
    for version in 3..=5 {
        let running = start_quick().await;
        let mut member = Member::named(&running, NEWEST, "first").await;
        member.come_in().await;
        let mut peer = running.connect().await;
        let leaver =
            MemberIdentity { group_instance_id: Some("first".into()), ..Default::default() };
        let request = LeaveGroupRequest {
            group_id: GROUP.into(),
            members: vec![leaver],
            ..Default::default()
        };
        let answer = peer.ask(&request, version).await;
        assert_eq!((answer.error_code, answer.members[0].error_code), (0, 0));
        assert_eq!(answer.members[0].group_instance_id.as_deref(), Some("first"));
        assert_eq!(member.heartbeat().await, code(ErrorCode::UnknownMemberId));
    }
}

/// "first", which leads and has share "one", and "second", which has share "two".
async fn named_two(running: &Running, versions: Versions) -> [Member; 2] {
    let mut first = Member::named(running, versions, "first").await;
    first.come_in().await;
    let mut second = Member::named(running, versions, "second").await;
    second.send_join().await;
    first.follow().await;
    let (of_first, of_second) = (first.joined().await, second.joined().await);
    assert_eq!((of_first.error_code, of_second.error_code), (0, 0));
    assert_eq!(of_first.leader, first.id);
    let (one, two) = (first.id.clone(), second.id.clone());
    first.sync(&[(&one, b"one"), (&two, b"two")]).await;
    assert_eq!(&*second.sync(&[]).await.assignment, b"two");
    [first, second]
}
