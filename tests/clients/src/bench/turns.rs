//! The contenders themselves: has one after the other do what its step says.

use super::contender::Contender;
use super::figure::Figure;
use super::messaging::Turn;
use super::production::{self, Production};
use super::schedule::{Case, Length, Step};
use super::volume::Moved;
use super::{consumption, fetcher, floors, life, memory};
use crate::client::{Client as _, librdkafka::Librdkafka};
use crate::server::{Config, Program, Server};
use crate::wait;
use anyhow::{Context, Result, ensure};
use floor::case::Plan;
use floor::load::Receivers;
use std::collections::BTreeMap;
use std::time::Duration;

const PARTITIONS: i32 = 10;
const PATIENCE: Duration = Duration::from_secs(60);
/// What is consumed; it is filled once, and so stays in the page cache.
const PAGES: &str = "pages";
/// How often it is consumed in a turn, and how often by a client that discards: processor time is
/// counted in hundredths of a second.
const READS: u32 = 3;
/// How much more the floor writes than the brokers, for the same reason.
const FLOOR_WRITES: usize = 2;

/// Topics that were measured go soon, so that nothing of them is written to the disk later.
const CONFIG: Config<'_> = &[("log.segment.delete.delay.ms", "1000")];

/// By then the broker has freed the memory of their files, which is charged to it.
pub(super) const UNTIL_DELETED: Duration = Duration::from_secs(2);

/// All that takes turns.
pub struct Turns {
    programs: BTreeMap<Contender, Program>,
    running: BTreeMap<Contender, Running>,
    length: Length,
    topics: u32,
}

/// A broker that runs on from step to step.
struct Running {
    server: Server,
    memory: memory::Watch,
    is_filled: bool,
}

impl Turns {
    /// Of these programs, none of which runs yet.
    #[must_use]
    pub fn new(programs: BTreeMap<Contender, Program>, length: Length) -> Turns {
        Turns { programs, running: BTreeMap::new(), length, topics: 0 }
    }

    /// Takes a step; what was found before something failed is found. The next step finds another
    /// broker when this one has ended.
    pub fn take(&mut self, step: Step, found: &mut Vec<(Figure, f64)>) -> Result<()> {
        let outcome = if step.contender == Contender::Floor {
            self.take_floors(step.case, found)
        } else {
            self.take_brokers(step.contender, step.case, found)
        };
        if outcome.is_err() {
            self.running.retain(|_, running| running.is_alive());
        }
        outcome
    }

    fn take_floors(&self, case: Case, found: &mut Vec<(Figure, f64)>) -> Result<()> {
        let bytes = usize::try_from(self.length.megabytes)? * 1_000_000;
        match case {
            Case::Messaging => {
                found.extend(of_turn(&Turn::of_floor(Receivers::One, self.plan())?));
            }
            Case::Produce(what) => {
                found.extend(of_production(
                    what,
                    floors::produce(what.shape(), bytes * FLOOR_WRITES)?,
                ));
            }
            Case::Consume => {
                let moved = floors::consume(bytes, fetcher::CONNECTIONS.into())?;
                found.push((Figure::ConsumeProcessor, moved.processor));
                found.push((Figure::FetchRate, moved.rate));
            }
            Case::Life | Case::Memory => {}
        }
        Ok(())
    }

    fn take_brokers(
        &mut self,
        contender: Contender,
        case: Case,
        found: &mut Vec<(Figure, f64)>,
    ) -> Result<()> {
        match case {
            Case::Life => life::run(self.program(contender)?, &self.length, found)?,
            Case::Messaging => {
                let plan = self.plan();
                let turn = self.on_own_topic(contender, |server, topic| {
                    Turn::of_broker(server, topic, plan)
                })?;
                found.extend(of_turn(&turn));
            }
            Case::Produce(what) => {
                let bytes = self.bytes();
                let moved = self.on_own_topic(contender, |server, topic| {
                    Moved::by(server.broker()?, bytes, || {
                        what.run(server.bootstrap(), topic, bytes)
                    })
                })?;
                found.extend(of_production(what, moved));
            }
            Case::Consume => self.consume(contender, found)?,
            Case::Memory => found.extend(self.running(contender)?.memory.figures()?),
        }
        Ok(())
    }

    fn consume(&mut self, contender: Contender, found: &mut Vec<(Figure, f64)>) -> Result<()> {
        let bytes = self.bytes();
        let running = self.running(contender)?;
        running.fill(bytes)?;
        let (broker, bootstrap) = (running.server.broker()?, running.server.bootstrap());
        let each = production::records(bytes, 1024) / u64::from(PARTITIONS.unsigned_abs());
        let records = each * u64::from(PARTITIONS.unsigned_abs());
        let all = bytes * f64::from(READS);
        let moved = Moved::by(broker, all, || {
            let read = |_| consumption::run(bootstrap, PAGES, PARTITIONS, records);
            (0..READS).map(read).sum()
        })?;
        found.push((Figure::ConsumeProcessor, moved.processor));
        let moved = Moved::by(broker, all, || {
            fetcher::run(bootstrap, PAGES, PARTITIONS, i64::try_from(each)?, READS)
        })?;
        found.push((Figure::FetchRate, moved.rate));
        Ok(())
    }

    /// Does something with a topic that nobody has used before, and deletes it.
    fn on_own_topic<T>(
        &mut self,
        contender: Contender,
        work: impl FnOnce(&Server, &str) -> Result<T>,
    ) -> Result<T> {
        self.topics += 1;
        let topic = format!("topic-{}", self.topics);
        let server = &self.running(contender)?.server;
        create(server, &topic)?;
        let found = work(server, &topic)?;
        Librdkafka::impatient(server.bootstrap())?.delete(&topic)?;
        wait::pause(UNTIL_DELETED);
        Ok(found)
    }

    fn running(&mut self, contender: Contender) -> Result<&mut Running> {
        let is_cold = contender == Contender::ColdKafka;
        let contender = if is_cold { Contender::Kafka } else { contender };
        if !self.running.contains_key(&contender) {
            let running = Running::start(self.program(contender)?)?;
            self.running.insert(contender, running);
        }
        self.running.get_mut(&contender).context("it was just started")
    }

    fn program(&self, contender: Contender) -> Result<&Program> {
        self.programs.get(&contender).with_context(|| format!("there is no {}", contender.name()))
    }

    fn plan(&self) -> Plan {
        let [warm_up, window] = self.length.messaging;
        Plan { warm_up, window }
    }

    fn bytes(&self) -> f64 {
        f64::from(self.length.megabytes) * 1e6
    }
}

impl Running {
    fn start(program: &Program) -> Result<Running> {
        let server = Server::running(program, CONFIG)?;
        let memory = memory::Watch::start(server.broker()?);
        Ok(Running { server, memory, is_filled: false })
    }

    fn fill(&mut self, bytes: f64) -> Result<()> {
        if !self.is_filled {
            create(&self.server, PAGES)?;
            production::fill(self.server.bootstrap(), PAGES, PARTITIONS, bytes)?;
            self.is_filled = true;
        }
        Ok(())
    }

    /// Whether the process that was measured so far still runs.
    fn is_alive(&mut self) -> bool {
        let process = self.memory.process();
        self.server.check().is_ok() && self.server.broker().is_ok_and(|broker| broker == process)
    }
}

/// Creates a topic and waits until clients are told of it.
fn create(server: &Server, topic: &str) -> Result<()> {
    let mut client = Librdkafka::impatient(server.bootstrap())?;
    let created = client.create(topic, PARTITIONS)?;
    ensure!(created == "NONE", "the topic was not created: {created}");
    wait::until(PATIENCE, "the topic is known", || {
        let partitions = client.partitions(topic)?;
        Ok((i32::try_from(partitions)? == PARTITIONS).then_some(()))
    })
}

fn of_turn(turn: &Turn) -> [(Figure, f64); 4] {
    [
        (Figure::MessageProcessor, turn.processor()),
        (Figure::EndToEndP50, turn.received.percentile(50.0)),
        (Figure::EndToEndP99, turn.received.percentile(99.0)),
        (Figure::EndToEndP999, turn.received.percentile(99.9)),
    ]
}

fn of_production(what: Production, moved: Moved) -> [(Figure, f64); 2] {
    [(Figure::ProduceProcessor(what), moved.processor), (Figure::ProduceRate(what), moved.rate)]
}
