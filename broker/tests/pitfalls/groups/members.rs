//! Pitfall 28: the members of a classic group.

use tokio::time::Instant;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_new_member_is_given_an_id_and_comes_again_with_it() {
    for version in 0..=9 {
        let running = start_quick().await;
        let mut member = Member::of(&running, Versions { join: version, ..NEWEST }).await;
        member.send_join().await;
        let first = member.joined().await;
        assert!(first.member_id.starts_with("test-"), "{first:?}");
        if version < 4 {
            assert_eq!((first.error_code, first.generation_id), (0, 1), "version {version}");
            continue;
        }
        assert_eq!(first.error_code, code(ErrorCode::MemberIdRequired), "version {version}");
        assert_eq!(first.generation_id, -1);
        member.send_join().await;
        let second = member.joined().await;
        assert_eq!((second.error_code, second.generation_id), (0, 1));
        assert_eq!(second.member_id, first.member_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_an_id_that_the_coordinator_never_gave_is_unknown() {
    let running = start_quick().await;
    for versions in [OLDEST, NEWEST] {
        let mut member = Member::of(&running, versions).await;
        member.id = "made-up".into();
        assert_eq!(member.join().await.error_code, code(ErrorCode::UnknownMemberId));
        member.id = "made-up".into();
        assert_eq!(member.heartbeat().await, code(ErrorCode::UnknownMemberId));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_an_empty_group_waits_for_more_members_before_its_first_assignment() {
    let delay = Duration::from_millis(400);
    let running = ready(start_with("group.initial.rebalance.delay.ms=400\n").await).await;
    for versions in [OLDEST, NEWEST] {
        let mut members = Vec::new();
        let began = Instant::now();
        for _ in 0..2 {
            let mut member = Member::of(&running, versions).await;
            member.wait_in_join().await;
            members.push(member);
        }
        for member in &mut members {
            assert_eq!(member.joined().await.error_code, 0);
        }
        assert!(began.elapsed() >= delay, "{:?}", began.elapsed());
        assert_eq!(members[0].generation, members[1].generation, "both are in the first one");
        for member in &mut members {
            member.leave().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_the_leader_learns_of_all_members_and_the_others_of_none() {
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let mut first = Member::of(&running, versions).await;
        first.protocols = vec![("range", b"of the first")];
        first.join().await;
        let mut second = Member::of(&running, versions).await;
        second.protocols = vec![("range", b"of the second")];
        second.wait_in_join().await;
        first.follow().await;
        let (leader, other) = (first.joined().await, second.joined().await);
        let mut told: Vec<(ByteString, Bytes)> =
            leader.members.into_iter().map(|one| (one.member_id, one.metadata)).collect();
        told.sort_by(|one, two| one.1.cmp(&two.1));
        let expected = [
            (first.id.clone(), Bytes::from_static(b"of the first")),
            (second.id.clone(), Bytes::from_static(b"of the second")),
        ];
        assert_eq!(told, expected);
        assert_eq!(other.members, []);
        assert_eq!((&leader.leader, &other.leader), (&first.id, &first.id));
        assert_eq!((leader.generation_id, other.generation_id), (2, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_the_protocol_is_one_that_all_members_know() {
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let mut first = Member::of(&running, versions).await;
        first.protocols = vec![("range", b""), ("sticky", b"")];
        first.join().await;
        let mut stranger = Member::of(&running, versions).await;
        stranger.protocols = vec![("another", b"")];
        assert_eq!(stranger.join().await.error_code, code(ErrorCode::InconsistentGroupProtocol));
        let mut second = Member::of(&running, versions).await;
        second.protocols = vec![("sticky", b"")];
        second.wait_in_join().await;
        first.follow().await;
        for member in [&mut first, &mut second] {
            assert_eq!(member.joined().await.protocol_name.as_deref(), Some("sticky"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_sync_waits_for_that_of_the_leader() {
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let [mut leader, mut other] = two(&running, versions).await;
        other.send_sync(&[]).await;
        assert!(other.hears_nothing().await);
        let (one, two) = (leader.id.clone(), other.id.clone());
        let share = leader.sync(&[(&one, b"one"), (&two, b"two")]).await;
        assert_eq!((share.error_code, &*share.assignment), (0, &b"one"[..]));
        let share = other.synced().await;
        assert_eq!((share.error_code, &*share.assignment), (0, &b"two"[..]));
    }
}

/// "The group is being rebalanced" is said to who has to join again, and to nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_rebalance_is_told_in_the_right_states_only() {
    let rebalancing = code(ErrorCode::RebalanceInProgress);
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let mut peer = running.connect().await;
        let id = peer.create("chat", 1).await;
        let mut first = Member::alone(&running, versions).await;
        assert_eq!((first.heartbeat().await, first.commit("chat", id).await), (0, 0));

        let mut second = Member::of(&running, versions).await;
        second.wait_in_join().await;
        first.hears_of_a_rebalance().await;
        // Who is to join again may commit before.
        assert_eq!(first.commit("chat", id).await, 0);
        assert_eq!(first.sync(&[]).await.error_code, rebalancing);

        first.send_join().await;
        assert_eq!((first.joined().await.error_code, second.joined().await.error_code), (0, 0));
        // The leader is assigning: a member that waits for that is fine, but owns nothing yet.
        assert_eq!(second.heartbeat().await, 0);
        assert_eq!(second.commit("chat", id).await, rebalancing);

        let (one, two) = (first.id.clone(), second.id.clone());
        first.sync(&[(&one, b"one"), (&two, b"two")]).await;
        assert_eq!((second.heartbeat().await, second.commit("chat", id).await), (0, 0));
        second.generation -= 1;
        assert_eq!(second.heartbeat().await, code(ErrorCode::IllegalGeneration));
        assert_eq!(second.commit("chat", id).await, code(ErrorCode::IllegalGeneration));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_who_does_not_join_again_in_time_is_out_although_its_session_goes_on() {
    let running = start_quick().await;
    let mut slow = Member::of(&running, NEWEST).await;
    slow.rebalance = Duration::from_millis(300);
    slow.come_in().await;
    let mut second = Member::of(&running, NEWEST).await;
    second.rebalance = Duration::from_millis(300);
    second.wait_in_join().await;
    slow.hears_of_a_rebalance().await;
    let out = code(ErrorCode::UnknownMemberId);
    while slow.heartbeat().await != out {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let joined = second.joined().await;
    assert_eq!((joined.error_code, joined.members.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_silent_member_is_out_when_its_session_ends() {
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let mut silent = Member::of(&running, versions).await;
        silent.session = Duration::from_millis(200);
        silent.come_in().await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(silent.heartbeat().await, code(ErrorCode::UnknownMemberId));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_who_waits_in_join_or_sync_counts_as_alive() {
    let running = start_quick().await;
    let [mut leader, mut other] = stable_two(&running, NEWEST).await;
    other.session = Duration::from_millis(200);
    // What it reads has changed, so that all have to join again.
    other.protocols = vec![("range", b"changed")];
    other.wait_in_join().await;
    // Longer than its session: the leader takes its time to join, and then to assign.
    tokio::time::sleep(Duration::from_millis(500)).await;
    leader.follow().await;
    assert_eq!(leader.joined().await.members.len(), 2);
    assert_eq!(other.joined().await.error_code, 0);
    other.send_sync(&[]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (one, two) = (leader.id.clone(), other.id.clone());
    leader.sync(&[(&one, b"one"), (&two, b"two")]).await;
    assert_eq!(&*other.synced().await.assignment, b"two");
    assert_eq!(other.heartbeat().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_what_was_asked_behind_a_join_or_a_sync_waits_with_it() {
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let mut first = Member::alone(&running, versions).await;
        let mut second = Member::of(&running, versions).await;
        second.wait_in_join().await;
        second.peer.send(&FindCoordinatorRequest::default(), 0).await;
        first.hears_of_a_rebalance().await;
        assert!(second.hears_nothing().await, "the join waits, and so does what is behind it");
        first.leave().await;
        assert!(second.peer.receive_bytes().await.is_some());
        let behind = second.peer.receive::<FindCoordinatorRequest>(0).await;
        assert_eq!(behind.error_code, 0);
    }
    let running = start_quick().await;
    let [mut leader, mut other] = two(&running, NEWEST).await;
    other.send_sync(&[]).await;
    other.peer.send(&FindCoordinatorRequest::default(), 0).await;
    assert!(other.hears_nothing().await, "the sync waits, and so does what is behind it");
    leader.sync(&[]).await;
    assert!(other.peer.receive_bytes().await.is_some());
    assert_eq!(other.peer.receive::<FindCoordinatorRequest>(0).await.error_code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_member_keeps_its_id_over_connections_and_rebalances() {
    for versions in [OLDEST, NEWEST] {
        let running = start_quick().await;
        let mut member = Member::alone(&running, versions).await;
        for generation in 2..5 {
            let (id, peer) = (member.id.clone(), running.connect().await);
            member.peer = peer;
            assert_eq!(member.heartbeat().await, 0);
            let joined = member.join().await;
            assert_eq!((joined.error_code, joined.generation_id), (0, generation));
            assert_eq!(joined.member_id, id);
            member.sync(&[(&id, b"all")]).await;
        }
    }
}

/// The member of a join whose connection is gone is in the next generation all the same.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_join_that_nobody_waits_for_any_more_harms_nobody() {
    let running = start_quick().await;
    let mut first = Member::alone(&running, NEWEST).await;
    let mut gone = Member::of(&running, NEWEST).await;
    gone.session = Duration::from_millis(300);
    gone.wait_in_join().await;
    first.hears_of_a_rebalance().await;
    drop(gone);
    let joined = first.join().await;
    assert_eq!((joined.error_code, joined.members.len()), (0, 2));
    let own = first.id.clone();
    assert_eq!(first.sync(&[(&own, b"all")]).await.error_code, 0);
    while first.heartbeat().await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(first.join().await.members.len(), 1, "its session has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_stop_does_not_wait_for_those_who_wait_in_a_join() {
    let running = ready(start_with("group.initial.rebalance.delay.ms=600000\n").await).await;
    let mut member = Member::of(&running, OLDEST).await;
    member.wait_in_join().await;
    assert!(member.hears_nothing().await);
    let Running { broker, folder } = running;
    let stop = tokio::spawn(broker.stop());
    assert_eq!(member.joined().await.error_code, code(ErrorCode::NotCoordinator));
    tokio::time::timeout(Duration::from_secs(10), stop).await.unwrap().unwrap().unwrap();
    drop(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_members_leave_one_by_one_or_several_at_once() {
    for version in 0..=5 {
        let running = start_quick().await;
        let versions = Versions { leave: version, ..NEWEST };
        let [mut leader, mut other] = stable_two(&running, versions).await;
        if version < 3 {
            assert_eq!(other.leave().await.error_code, 0);
            assert_eq!(other.leave().await.error_code, code(ErrorCode::UnknownMemberId));
            assert_eq!(leader.heartbeat().await, code(ErrorCode::RebalanceInProgress));
            continue;
        }
        let identity =
            |member_id: &str| MemberIdentity { member_id: member_id.into(), ..Default::default() };
        let members = vec![identity(&leader.id), identity("made-up"), identity(&other.id)];
        let request = LeaveGroupRequest { group_id: GROUP.into(), members, ..Default::default() };
        let answer = leader.peer.ask(&request, version).await;
        let errors: Vec<i16> = answer.members.iter().map(|member| member.error_code).collect();
        assert_eq!((answer.error_code, errors), (0, vec![0, code(ErrorCode::UnknownMemberId), 0]));
        assert_eq!(other.heartbeat().await, code(ErrorCode::UnknownMemberId));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_session_has_to_be_within_the_brokers_limits() {
    let running = ready(start().await).await;
    let invalid = code(ErrorCode::InvalidSessionTimeout);
    for seconds in [5, 1801] {
        let mut member = Member::of(&running, NEWEST).await;
        member.session = Duration::from_secs(seconds);
        assert_eq!(member.join().await.error_code, invalid, "{seconds} s");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_28_a_full_group_takes_no_more_members() {
    let running = ready(start_with(&format!("{QUICK}group.max.size=1\n")).await).await;
    let mut first = Member::alone(&running, NEWEST).await;
    let mut second = Member::of(&running, NEWEST).await;
    assert_eq!(second.join().await.error_code, code(ErrorCode::GroupMaxSizeReached));
    assert_eq!(first.heartbeat().await, 0);
}
