//! A group, driven event by event.

mod come_back;
mod commits;
mod describe;
mod join;
mod large;
mod leave;
mod loaded;
mod model;
mod rebalance;
mod sync;

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use bytestring::ByteString;
use types::{Instant, Now, Timestamp};

use super::{GroupEffect, Membership, PersistedGroup, Turn};
use crate::{
    Config, Generation, GroupError, GroupId, InstanceId, MemberId, Ticket, Write, WriteError,
    Writes,
    answer::{Answer, Joined, State, Synced},
    request::{Caller, Client, Join, Leaver, Sync},
};

const SESSION: Duration = Duration::from_secs(10);
const REBALANCE: Duration = Duration::from_secs(60);
const DELAY: Duration = Duration::from_secs(3);

/// A group with a clock, whose writes succeed at once unless they are held.
struct Group {
    membership: Membership,
    now: Now,
    config: Config,
    writes: Writes,
    drawn: u64,
    answers: BTreeMap<Ticket, Answer>,
    /// What was written down, in order.
    log: Vec<PersistedGroup>,
    holds_writes: bool,
    held: Vec<Write>,
}

impl Group {
    fn new() -> Group {
        Group::of(Membership::new(Timestamp(0)))
    }

    fn of(membership: Membership) -> Group {
        Group {
            membership,
            now: Now::default(),
            config: Config {
                initial_rebalance_delay: DELAY,
                session_timeout_min: Duration::from_secs(6),
                session_timeout_max: Duration::from_mins(30),
                members_max: 100_000,
                offset_metadata_bytes_max: 4096,
                offsets_retention: Duration::from_hours(168),
                offsets_check_interval: Duration::from_mins(10),
            },
            writes: Writes::default(),
            drawn: 0,
            answers: BTreeMap::new(),
            log: Vec::new(),
            holds_writes: false,
            held: Vec::new(),
        }
    }

    /// A stable group of dynamic members, the first of which leads.
    fn stable(names: &[&str]) -> (Group, Vec<MemberId>) {
        let mut group = Group::new();
        let tickets: Vec<Ticket> = names.iter().map(|name| group.join(&joiner(name))).collect();
        group.pass(DELAY);
        group.pass(DELAY);
        let members = tickets.iter().map(|ticket| group.joined(*ticket).member).collect::<Vec<_>>();
        group.sync_all();
        assert_eq!(group.membership.state(), State::Stable);
        (group, members)
    }

    fn event<R>(&mut self, event: impl FnOnce(&mut Membership, &mut Turn<'_>) -> R) -> R {
        let mut effects = Vec::new();
        let mut turn = Turn {
            now: self.now,
            config: &self.config,
            writes: &mut self.writes,
            effects: &mut effects,
        };
        let result = event(&mut self.membership, &mut turn);
        self.take(effects);
        result
    }

    fn take(&mut self, effects: Vec<GroupEffect>) {
        for effect in effects {
            match effect {
                GroupEffect::Answer { ticket, answer } => {
                    let before = self.answers.insert(ticket, answer);
                    assert_eq!(before, None, "{ticket:?} is answered once");
                }
                GroupEffect::Persist { write, group } => {
                    self.log.push(group);
                    self.held.push(write);
                }
            }
        }
        if !self.holds_writes {
            self.report(&Ok(()));
        }
    }

    /// Reports what is held as written, or as not.
    fn report(&mut self, result: &Result<(), WriteError>) {
        for write in std::mem::take(&mut self.held) {
            self.event(|membership, turn| membership.written(write, result.clone(), turn));
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.drawn += 1;
        Ticket(self.drawn)
    }

    fn join(&mut self, join: &Join) -> Ticket {
        let ticket = self.ticket();
        let unique = format!("{}", ticket.0).into();
        let join = Join { unique, ..join.clone() };
        self.event(|membership, turn| membership.join(ticket, &join, turn));
        ticket
    }

    fn sync(&mut self, sync: &Sync) -> Ticket {
        let ticket = self.ticket();
        self.event(|membership, turn| membership.sync(ticket, sync, turn));
        ticket
    }

    /// Every member asks for its share, the leader last: each gets its own id.
    fn sync_all(&mut self) -> BTreeMap<MemberId, Ticket> {
        let ids = self.membership.roster.ids();
        let leader = self.membership.roster.leader().cloned().unwrap();
        let mut tickets = BTreeMap::new();
        for id in ids.iter().filter(|id| **id != leader).chain([&leader]) {
            let mut sync = self.sync_of(id);
            if *id == leader {
                sync.assignments = ids.iter().map(|id| (id.clone(), share(id))).collect();
            }
            tickets.insert(id.clone(), self.sync(&sync));
        }
        tickets
    }

    fn sync_of(&self, id: &MemberId) -> Sync {
        Sync {
            group: GroupId("g".into()),
            caller: self.caller(id),
            protocol_type: Some("consumer".into()),
            protocol: None,
            assignments: Vec::new(),
        }
    }

    fn caller(&self, id: &MemberId) -> Caller {
        Caller { member: id.clone(), instance: None, generation: self.membership.generation }
    }

    fn heartbeat(&mut self, id: &MemberId) -> Result<(), GroupError> {
        let caller = self.caller(id);
        self.membership.heartbeat(&caller, self.now.instant)
    }

    fn leave(&mut self, leavers: &[Leaver]) -> Vec<Result<(), GroupError>> {
        self.event(|membership, turn| membership.leave(leavers, turn))
    }

    /// Time passes; what is due on the way happens when it is due.
    fn pass(&mut self, duration: Duration) {
        let end = self.now.instant.after(duration);
        while let Some(due) = self.membership.deadline().filter(|due| *due <= end) {
            self.set_clock(due);
            self.event(Membership::tick);
        }
        self.set_clock(end);
    }

    fn set_clock(&mut self, instant: Instant) {
        let instant = instant.max(self.now.instant);
        self.now.instant = instant;
        self.now.wall = Timestamp(i64::try_from(instant.0 / 1_000_000).unwrap());
    }

    /// Time passes in which everybody who can sends heartbeats.
    fn pass_alive(&mut self, duration: Duration, alive: &[MemberId]) {
        let step = Duration::from_secs(3);
        let mut passed = Duration::ZERO;
        while passed < duration {
            for id in alive {
                let _ = self.heartbeat(id);
            }
            let step = step.min(duration - passed);
            self.pass(step);
            passed += step;
        }
    }

    fn state(&self) -> State {
        self.membership.state()
    }

    fn waits(&self, ticket: Ticket) -> bool {
        !self.answers.contains_key(&ticket)
    }

    fn join_answer(&self, ticket: Ticket) -> Result<Joined, GroupError> {
        match self.answers.get(&ticket) {
            Some(Answer::Join(answer)) => answer.clone(),
            other => panic!("{ticket:?} has {other:?} instead of the answer to a join"),
        }
    }

    fn joined(&self, ticket: Ticket) -> Joined {
        self.join_answer(ticket).unwrap()
    }

    fn join_error(&self, ticket: Ticket) -> GroupError {
        self.join_answer(ticket).unwrap_err()
    }

    fn sync_answer(&self, ticket: Ticket) -> Result<Synced, GroupError> {
        match self.answers.get(&ticket) {
            Some(Answer::Sync(answer)) => answer.clone(),
            other => panic!("{ticket:?} has {other:?} instead of the answer to a sync"),
        }
    }
}

/// The join of a consumer that has no id yet, as old clients send it.
fn joiner(name: &str) -> Join {
    Join {
        group: GroupId("g".into()),
        member: MemberId::default(),
        instance: None,
        client: Client { id: name.to_owned().into(), host: "/127.0.0.1".into() },
        session_timeout: SESSION,
        rebalance_timeout: REBALANCE,
        protocol_type: "consumer".into(),
        protocols: protocols(&["range"]),
        reason: None,
        member_id_required: false,
        may_skip_assignment: true,
        unique: ByteString::new(),
    }
}

fn static_joiner(instance: &str) -> Join {
    Join { instance: Some(instance.to_owned().into()), ..joiner("static") }
}

fn rejoiner(id: &MemberId) -> Join {
    Join { member: id.clone(), ..joiner("again") }
}

fn leaver(id: &MemberId) -> Leaver {
    Leaver { member: id.clone(), instance: None, reason: None }
}

/// Protocols with metadata that name the protocol only.
fn protocols(names: &[&str]) -> Vec<(ByteString, Bytes)> {
    names.iter().map(|name| ((*name).into(), Bytes::from((*name).to_owned()))).collect()
}

fn share(id: &MemberId) -> Bytes {
    Bytes::copy_from_slice(id.0.as_bytes())
}

impl From<String> for MemberId {
    fn from(id: String) -> MemberId {
        MemberId(id.into())
    }
}

impl From<String> for InstanceId {
    fn from(id: String) -> InstanceId {
        InstanceId(id.into())
    }
}
