//! Whatever clients do in whatever order: the books balance, and nobody waits for ever.

use proptest::{collection::vec, prelude::*};

use super::{
    super::{member::Waiting, phase::Phase, written::Purpose},
    *,
};

/// Clients 0 and 1 are static members.
const CLIENTS: usize = 6;
const STATIC: usize = 2;

#[derive(Debug, Clone)]
enum Event {
    Join { client: usize, forgets_id: bool, protocols: usize, old: bool },
    JoinAll,
    Sync { client: usize, late: bool },
    SyncAll,
    Heartbeat { client: usize },
    Commit { client: usize },
    Leave { client: usize, by_name: bool },
    Report { fails: bool },
    Pass { seconds: u64 },
    Crash,
    Limit { members: usize },
}

fn event() -> impl Strategy<Value = Event> {
    let client = || 0..CLIENTS;
    let rarely = || prop::bool::weighted(0.15);
    prop_oneof![
        8 => (client(), rarely(), 0..3_usize, any::<bool>()).prop_map(
            |(client, forgets_id, protocols, old)| Event::Join { client, forgets_id, protocols, old }
        ),
        8 => (client(), rarely()).prop_map(|(client, late)| Event::Sync { client, late }),
        3 => Just(Event::JoinAll),
        3 => Just(Event::SyncAll),
        4 => client().prop_map(|client| Event::Heartbeat { client }),
        2 => client().prop_map(|client| Event::Commit { client }),
        1 => (client(), any::<bool>()).prop_map(
            |(client, by_name)| Event::Leave { client, by_name }
        ),
        6 => rarely().prop_map(|fails| Event::Report { fails }),
        4 => (0..8_u64).prop_map(|seconds| Event::Pass { seconds }),
        2 => (8..30_u64).prop_map(|seconds| Event::Pass { seconds }),
        1 => (30..90_u64).prop_map(|seconds| Event::Pass { seconds }),
        1 => Just(Event::Crash),
        1 => (2..8_usize).prop_map(|members| Event::Limit { members }),
    ]
}

struct World {
    group: Group,
    /// The ids that the clients know.
    ids: [MemberId; CLIENTS],
    /// Each client's last join, whose answer it may not have seen yet.
    joins: [Option<Ticket>; CLIENTS],
    /// All who were told to wait or were answered.
    tickets: Vec<Ticket>,
    generation: Generation,
}

impl World {
    fn new() -> World {
        let mut group = Group::new();
        group.holds_writes = true;
        World {
            group,
            ids: Default::default(),
            joins: [None; CLIENTS],
            tickets: Vec::new(),
            generation: Generation(0),
        }
    }

    fn take(&mut self, event: &Event) {
        match *event {
            Event::Join { client, forgets_id, protocols, old } => {
                self.join(client, forgets_id, protocols, old);
            }
            Event::JoinAll => (0..CLIENTS).for_each(|client| self.join(client, false, 0, false)),
            Event::SyncAll => (0..CLIENTS).for_each(|client| self.sync(client, false)),
            Event::Sync { client, late } => self.sync(client, late),
            Event::Heartbeat { client } => {
                let caller = self.caller(client);
                let _ = self.group.membership.heartbeat(&caller, self.group.now.instant);
            }
            Event::Commit { client } => {
                let caller = self.caller(client);
                let is_member = self.group.membership.roster.has(&caller.member);
                let answer = self.group.membership.check_commit(&caller, self.group.now.instant);
                assert!(is_member || answer.is_err(), "only members commit");
            }
            Event::Leave { client, by_name } => {
                let member = if by_name { MemberId::default() } else { self.ids[client].clone() };
                let leaver = Leaver { member, instance: name(client), reason: None };
                self.group.leave(&[leaver]);
            }
            Event::Report { fails } => {
                self.group.report(&if fails { Err(WriteError::NotNow) } else { Ok(()) });
            }
            Event::Pass { seconds } => self.group.pass(Duration::from_secs(seconds)),
            Event::Crash => self.crash(),
            Event::Limit { members } => self.group.config.members_max = members,
        }
        self.learn();
        self.check();
    }

    fn join(&mut self, client: usize, forgets_id: bool, protocols: usize, old: bool) {
        let lists: [&[&str]; 3] = [&["range", "sticky"], &["range"], &["sticky", "range"]];
        let member = if forgets_id { MemberId::default() } else { self.ids[client].clone() };
        let ticket = self.group.join(&Join {
            member,
            instance: name(client),
            protocols: super::protocols(lists[protocols]),
            member_id_required: !old,
            may_skip_assignment: !old,
            ..joiner("client")
        });
        self.joins[client] = Some(ticket);
        self.tickets.push(ticket);
    }

    fn sync(&mut self, client: usize, late: bool) {
        let mut caller = self.caller(client);
        caller.generation.0 -= i32::from(late);
        let members = self.group.membership.roster.ids();
        let is_leader = self.group.membership.roster.is_leader(&caller.member);
        let assignments = members.iter().filter(|_| is_leader).map(|id| (id.clone(), share(id)));
        let assignments = assignments.collect();
        let sync = Sync { assignments, caller, ..self.group.sync_of(&MemberId::default()) };
        let ticket = self.group.sync(&sync);
        self.tickets.push(ticket);
    }

    fn caller(&self, client: usize) -> Caller {
        Caller { instance: name(client), ..self.group.caller(&self.ids[client]) }
    }

    /// The broker dies, and finds what it has written down.
    fn crash(&mut self) {
        let mut effects = Vec::new();
        let dead = std::mem::replace(&mut self.group.membership, Membership::new(Timestamp(0)));
        dead.unload(&mut effects);
        // What was on its way to the log when it died may be there or not: here it is.
        self.group.held.clear();
        self.group.take(effects);
        if let Some(last) = self.group.log.last() {
            self.group.membership = Membership::loaded(last.clone());
        }
        self.generation = self.group.membership.generation;
        self.group.event(Membership::start);
    }

    /// The clients read what they were answered.
    fn learn(&mut self) {
        for (id, join) in self.ids.iter_mut().zip(&self.joins) {
            match join.and_then(|ticket| self.group.answers.get(&ticket)) {
                Some(Answer::Join(Ok(joined))) => *id = joined.member.clone(),
                Some(Answer::Join(Err(GroupError::MemberIdRequired(given)))) => *id = given.clone(),
                Some(Answer::Join(Err(GroupError::UnknownMember))) => *id = MemberId::default(),
                _ => {}
            }
        }
    }

    fn check(&mut self) {
        let membership = &self.group.membership;
        membership.roster.assert_consistent();
        assert!(membership.generation >= self.generation, "a generation never goes back");
        self.generation = membership.generation;
        assert_eq!(membership.phase == Phase::Empty, membership.roster.is_empty() && !self.joins());
        let mut stored = Vec::new();
        for purpose in membership.writes.values() {
            if let Purpose::Assignment { generation, .. } = purpose {
                assert!(!stored.contains(generation), "an assignment is written once");
                stored.push(*generation);
            }
        }
        for (id, member) in membership.roster.iter() {
            let is_at_home = match member.waiting {
                Waiting::No => true,
                Waiting::Join(_) => {
                    matches!(membership.phase, Phase::Preparing { .. })
                        || matches!(membership.phase, Phase::Stable) && self.returns(id)
                }
                Waiting::Sync(_) => matches!(membership.phase, Phase::Completing { .. }),
            };
            assert!(is_at_home, "{id} waits for {:?} in {:?}", member.waiting, membership.phase);
            assert!(member.is_excused() || membership.sessions.has(id), "{id} lives for ever");
        }
        for group in &self.group.log {
            let has =
                |leader: &MemberId| group.members.iter().any(|member| member.member == *leader);
            assert_eq!(group.leader.as_ref().map(has), (!group.members.is_empty()).then_some(true));
        }
    }

    /// Whether members are joining, be it that all have left again.
    fn joins(&self) -> bool {
        matches!(self.group.membership.phase, Phase::Preparing { .. })
    }

    fn returns(&self, id: &MemberId) -> bool {
        let mut writes = self.group.membership.writes.values();
        writes.any(|purpose| matches!(purpose, Purpose::Return(back) if back.id() == id))
    }
}

fn name(client: usize) -> Option<InstanceId> {
    (client < STATIC).then(|| format!("static {client}").into())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_books_balance_and_nobody_waits_for_ever(events in vec(event(), 0..80)) {
        let mut world = World::new();
        for event in &events {
            world.take(event);
        }
        // Nobody does anything any more, and what is written is written.
        world.group.holds_writes = false;
        world.group.report(&Ok(()));
        for _ in 0..10 {
            world.group.pass(REBALANCE);
            world.check();
        }
        prop_assert_eq!(world.group.state(), State::Empty);
        prop_assert_eq!(world.group.membership.deadline(), None);
        for ticket in world.tickets {
            prop_assert!(world.group.answers.contains_key(&ticket), "{:?} waits", ticket);
        }
    }

    #[test]
    fn metadata_of_any_bytes_are_read_or_not(bytes in vec(any::<u8>(), 0..64)) {
        let protocols = vec![("range".into(), bytes.into())];
        let mut group = Group::new();
        group.join(&Join { protocols, ..joiner("a") });
        group.pass(DELAY);
        let _ = group.membership.is_subscribed("topic");
    }
}
