//! One run: a node, its disk, its clients, and what goes wrong.
//!
//! The world is the shell around the node: it carries out the node's effects, each after a delay of
//! its own. After every event the invariants are checked.

mod ending;
mod faults;
mod shell;

use std::{path::Path, time::Duration};

use node::{Completion, Job, Ticket, control::Command, coordinator::InstanceId};
use runtime::{
    Disk, Random,
    simulated::{SimDisk, SimRandom},
};
use types::{Instant, Now, Timestamp};

use ending::Stage;

use crate::{
    agenda::Agenda,
    clients::{Admin, Client, Consumer, Deleter, Member, Producer, ProducerLimits},
    groups::Groups,
    invariants::{Invariants, View},
    oracle::Oracle,
    plan::{Fault, Plan},
    process::{DATA, Process},
    reading::read_batches,
    sessions::{Promise, Sessions, Waiting},
    trace::Trace,
    violation::Checked,
    words::{Ask, Place, Reply},
};

/// Something that happens.
#[derive(Debug)]
enum Event {
    /// A client may ask for something.
    Turn(usize),
    /// A request reaches a process.
    Request { process: u64, ticket: Ticket, ask: Ask },
    /// An answer of a process reaches a client.
    Reply { process: u64, session: usize, ticket: Ticket, reply: Reply },
    /// A client learns that its connection is broken.
    Disconnected { process: u64, session: usize },
    /// A job begins.
    Job { process: u64, job: Job },
    /// A job's completion reaches the node.
    Done { process: u64, completion: Completion },
    /// A command reaches the controller's thread.
    Command { process: u64, command: Command },
    /// A parked fetch is looked at again.
    Resume { process: u64, ticket: Ticket },
    /// The node is woken.
    Tick { process: u64 },
    /// A process starts.
    Start,
    /// A process that was asked to stop should have done so.
    StopIsDue { process: u64 },
    /// Something goes wrong.
    Fault,
    /// Something goes wrong while a process starts.
    StartFault { process: u64, fault: Fault },
    /// Somebody looks after a disk that fails.
    Repair,
    /// From here on nothing goes wrong.
    Heal,
    /// It is looked whether all works again.
    Look,
}

/// What a node has to expect of its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DiskState {
    /// It does what it is told to; a node that gives up would have no excuse.
    Well,
    /// It may have no room. A node that serves goes on, and takes what is new once there is some.
    Full,
    /// It fails.
    Broken,
}

/// The state of a run.
#[derive(Debug)]
pub(crate) struct World<'t> {
    plan: Plan,
    now: Instant,
    wall_skew_ms: i64,
    agenda: Agenda<Event>,
    disk: SimDisk,
    process: Option<Process>,
    processes: u64,
    disk_state: DiskState,
    /// How far the run is, and since when.
    stage: (Stage, Instant),
    sessions: Sessions,
    oracle: Oracle,
    groups: Groups,
    invariants: Invariants,
    trace: &'t mut Trace,
    random: Streams,
    /// When the metadata lane, which does one thing at a time, is free.
    metadata_lane_free_at: Instant,
    controller_free_at: Instant,
    next_tick: Option<Instant>,
}

/// Random numbers, one stream for each use, so that a change of one leaves the others alone.
#[derive(Debug)]
struct Streams {
    schedule: SimRandom,
    workload: SimRandom,
    faults: SimRandom,
}

impl<'t> World<'t> {
    /// The world of a seed, in which nothing has happened yet.
    pub(crate) fn new(seed: u64, plan: Plan, trace: &'t mut Trace) -> World<'t> {
        let mut random = Streams {
            schedule: SimRandom::stream(seed, "schedule"),
            workload: SimRandom::stream(seed, "workload"),
            faults: SimRandom::stream(seed, "faults"),
        };
        let oracle = Oracle::new(&plan.topics);
        let sessions = Sessions::new(clients(&plan, &oracle, &mut random.workload));
        let groups = Groups::new(plan.group.as_ref());
        let disk = SimDisk::new(seed);
        prepare(&disk);
        if plan.garbles {
            disk.garble_unsynced_sectors();
        }
        let mut world = World {
            now: Instant(1_000_000_000),
            wall_skew_ms: 0,
            agenda: Agenda::new(),
            disk,
            process: None,
            processes: 0,
            disk_state: DiskState::Well,
            stage: (Stage::Faults, Instant(1_000_000_000)),
            sessions,
            oracle,
            groups,
            invariants: Invariants::default(),
            trace,
            random,
            metadata_lane_free_at: Instant::ZERO,
            controller_free_at: Instant::ZERO,
            next_tick: None,
            plan,
        };
        world.trace.note(world.now, format_args!("{:?}", world.plan));
        world.begin();
        world
    }

    /// Runs to the end of the run.
    pub(crate) fn run(&mut self) -> Checked {
        while self.stage.0 != Stage::Over {
            let (at, event) = self.agenda.next().expect("a run ends with its last scan");
            self.now = at;
            self.step(event)?;
            if let Some(process) = &self.process {
                let view = process.view();
                self.look(&view)?;
            }
        }
        Ok(())
    }

    /// How many records were acknowledged.
    #[must_use]
    pub(crate) fn acknowledged(&self) -> u64 {
        self.oracle.acknowledged()
    }

    fn begin(&mut self) {
        self.agenda.schedule(self.now, Event::Start);
        for number in 0..self.sessions.len() {
            self.schedule_turn(number);
        }
        let first = self.fault_pause();
        self.agenda.schedule(self.now.after(first), Event::Fault);
        self.agenda.schedule(self.now.after(self.plan.safety), Event::Heal);
    }

    fn step(&mut self, event: Event) -> Checked {
        match event {
            Event::Turn(number) => self.turn(number),
            Event::Request { process, ticket, ask } => self.request(process, ticket, &ask),
            Event::Reply { process, session, ticket, reply } => {
                self.reply(process, session, ticket, &reply)
            }
            Event::Disconnected { process, session } => {
                self.disconnected(process, session);
                Ok(())
            }
            Event::Job { process, job } => {
                self.run_job(process, job);
                Ok(())
            }
            Event::Done { process, completion } => self.done(process, completion),
            Event::Command { process, command } => self.command(process, command),
            Event::Resume { process, ticket } => self.resume(process, ticket),
            Event::Tick { process } => self.tick(process),
            Event::Start => self.start(),
            Event::StopIsDue { process } => self.stop_is_due(process),
            Event::Fault => self.fault(),
            Event::StartFault { process, fault } => self.start_fault(process, fault),
            Event::Repair => self.repair(),
            Event::Heal => self.heal(),
            Event::Look => self.look_around(),
        }
    }

    /// A client takes its turn.
    fn turn(&mut self, number: usize) -> Checked {
        let serving = self.process.as_ref().filter(|process| process.is_serving);
        let serving = serving.map(|process| process.number);
        let (now, ticket) = (self.clock(), self.sessions.next_ticket());
        let session = self.sessions.session(number);
        session.has_turn = false;
        if session.connected_to.is_none() {
            session.connected_to = serving;
        }
        let Some(process) = session.connected_to else {
            self.schedule_turn(number);
            return Ok(());
        };
        let random = &mut self.random.workload;
        let Some(ask) = session.client.ask(ticket.0, now, random, &mut self.oracle) else {
            if let Some(at) = session.client.wakes_at()
                && !std::mem::replace(&mut session.has_turn, true)
            {
                self.agenda.schedule(at, Event::Turn(number));
            }
            return Ok(());
        };
        self.trace.note(self.now, format_args!("client {number} asks {}: {ask}", ticket.0));
        let promise = promise(&ask)?;
        self.sessions.await_answer(ticket, Waiting { session: number, promise });
        let at = self.soon();
        let at = self.sessions.session(number).request_arrives(at);
        self.agenda.schedule(at, Event::Request { process, ticket, ask });
        self.schedule_turn(number);
        Ok(())
    }

    fn reply(&mut self, process: u64, session: usize, ticket: Ticket, reply: &Reply) -> Checked {
        if self.process.as_ref().is_none_or(|alive| alive.number != process) {
            return Ok(());
        }
        self.trace.note(self.now, format_args!("client {session} gets {}: {reply}", ticket.0));
        let receiver = self.sessions.session(session);
        receiver.granted += u64::from(!matches!(reply, Reply::Refused(_)));
        receiver.client.take(ticket.0, reply, &mut self.oracle, &mut self.groups)?;
        self.schedule_turn(session);
        Ok(())
    }

    fn disconnected(&mut self, process: u64, session: usize) {
        if self.sessions.session(session).connected_to != Some(process) {
            return;
        }
        self.trace.note(self.now, format_args!("client {session} is disconnected"));
        let tickets = self.sessions.disconnect(session);
        if let Some(alive) = self.process.as_ref().filter(|alive| alive.number == process) {
            for ticket in tickets {
                alive.node.cancel(ticket);
            }
        }
        self.schedule_turn(session);
    }

    /// Looks at the node from the inside.
    fn look(&mut self, view: &View) -> Checked {
        for place in self.oracle.places().collect::<Vec<_>>() {
            if let Some(seen) = view.partitions.get(&place.name()) {
                self.oracle.seen_by(view.process, place, seen.log_start, seen.log_end)?;
            }
        }
        self.invariants.check(view)
    }

    fn schedule_turn(&mut self, number: usize) {
        let session = self.sessions.session(number);
        if !std::mem::replace(&mut session.has_turn, true) {
            let pause = upto(&mut self.random.workload, self.plan.pause_max);
            self.agenda.schedule(self.now.after(pause), Event::Turn(number));
        }
    }

    /// A moment in the near future: when a message arrives or a job is done.
    fn soon(&mut self) -> Instant {
        self.now.after(upto(&mut self.random.schedule, self.plan.delay_max))
    }

    fn fault_pause(&mut self) -> Duration {
        upto(&mut self.random.faults, self.plan.fault_interval * 2)
    }

    fn wall(&self) -> Timestamp {
        let passed = i64::try_from(self.now.0 / 1_000_000).expect("a run takes less than an age");
        Timestamp(1_790_000_000_000 + passed + self.wall_skew_ms)
    }

    fn clock(&self) -> Now {
        Now { instant: self.now, wall: self.wall() }
    }

    /// The bytes of the metadata log, segment behind segment, as they lie on the disk.
    fn metadata_log(&self) -> Vec<u8> {
        let folder = Path::new(DATA).join("__cluster_metadata-0");
        let names = self.disk.list(&folder).unwrap_or_default();
        let segments = names.iter().filter(|name| name.ends_with(".log"));
        segments.flat_map(|name| self.disk.peek(&folder.join(name)).unwrap_or_default()).collect()
    }
}

/// What an acknowledgement of this would promise.
fn promise(ask: &Ask) -> Checked<Option<Promise>> {
    match ask {
        Ask::Produce { place, batch } => {
            let batches = read_batches(batch)?;
            let records = batches.into_iter().flat_map(|batch| batch.records);
            let values = records.map(|(_, value)| value).collect();
            Ok(Some(Promise::Kept(*place, values)))
        }
        Ask::DeleteRecords { place, .. } => Ok(Some(Promise::Deleted(*place))),
        Ask::ProducerId
        | Ask::Fetch { .. }
        | Ask::Group(_)
        | Ask::Committed { .. }
        | Ask::CreateTopics { .. } => Ok(None),
    }
}

fn upto(random: &mut SimRandom, most: Duration) -> Duration {
    let nanoseconds = u64::try_from(most.as_nanos()).expect("pauses are short");
    Duration::from_nanos(random.below(nanoseconds.max(1)))
}

fn clients(plan: &Plan, oracle: &Oracle, random: &mut SimRandom) -> Vec<Client> {
    let places: Vec<Place> = oracle.places().collect();
    let mut place = || {
        let index = random.below(places.len() as u64);
        places[usize::try_from(index).expect("an index is small")]
    };
    let limits = ProducerLimits {
        in_flight_max: plan.in_flight_max,
        batch_records_max: plan.batch_records_max,
        value_bytes_max: plan.value_bytes_max,
    };
    let mut clients = vec![Client::Admin(Admin::new(plan.topics.clone()))];
    let producers = plan.producers_idempotent + plan.producers_plain;
    for number in 0..producers {
        let is_idempotent = number < plan.producers_idempotent;
        clients.push(Client::Producer(Producer::new(number, place(), is_idempotent, limits)));
    }
    for _ in 0..plan.consumers {
        clients.push(Client::Consumer(Consumer::new(place())));
    }
    for _ in 0..plan.deleters {
        clients.push(Client::Deleter(Deleter::new(place())));
    }
    if let Some(group) = plan.group {
        for number in 0..group.dynamic + group.statics {
            let is_static = number < group.statics;
            let instance = is_static.then(|| InstanceId(format!("static-{number}").into()));
            let member = Member::new(number, group, instance, places.clone());
            clients.push(Client::Member(Box::new(member)));
        }
    }
    clients
}

/// The data folder is there, as a volume is.
fn prepare(disk: &SimDisk) {
    disk.create_folder(Path::new(DATA)).expect("an empty disk takes a folder");
    disk.sync_folder(Path::new("/")).expect("no fault is planned");
}
