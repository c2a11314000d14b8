//! Ten thousand members are not a hundred million steps.

use super::*;

const MEMBERS: usize = 10_000;

/// Quadratic work over ten thousand members would take minutes; this is seconds in any build.
#[test]
fn ten_thousand_members_join_sync_beat_and_leave() {
    let mut group = Group::new();
    let ask = Join { member_id_required: true, ..joiner("a") };
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        let ticket = group.join(&ask);
        let GroupError::MemberIdRequired(id) = group.join_error(ticket) else { panic!("no id") };
        members.push(id);
    }
    let tickets: Vec<Ticket> = members.iter().map(|id| group.join(&rejoiner(id))).collect();
    group.pass(DELAY + DELAY);
    let leader = group.joined(tickets[0]);
    assert_eq!(leader.members.len(), MEMBERS);

    let caller = group.caller(&leader.member);
    for id in members.iter().filter(|id| **id != leader.member) {
        let caller = Caller { member: id.clone(), ..caller.clone() };
        group.sync(&Sync { caller, ..group.sync_of(id) });
    }
    let assignments = members.iter().map(|id| (id.clone(), share(id))).collect();
    group.sync(&Sync { assignments, ..group.sync_of(&leader.member) });
    assert_eq!(group.state(), State::Stable);

    for _ in 0..10 {
        group.pass(Duration::from_secs(3));
        for id in &members {
            assert_eq!(group.heartbeat(id), Ok(()));
        }
    }
    for id in &members[..MEMBERS / 2] {
        group.leave(&[leaver(id)]);
    }
    group.pass(SESSION);
    assert_eq!(group.state(), State::Empty);
}

#[test]
fn ten_thousand_members_that_fall_silent_at_once_are_out() {
    let mut group = Group::new();
    for _ in 0..MEMBERS {
        group.join(&joiner("a"));
    }
    group.pass(DELAY + DELAY);
    group.sync_all();
    assert_eq!(group.state(), State::Stable);
    group.pass(SESSION);
    assert_eq!(group.state(), State::Empty);
    assert_eq!(group.membership.generation, Generation(2));
}
