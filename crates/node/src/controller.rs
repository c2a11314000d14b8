//! The controller of this node: the quorum, the metadata log, and what is decided while it leads.
//!
//! Belongs to one thread. It never touches a partition: what the metadata in force mean for this
//! broker is for the one who gets its [`Consequence`]s.

pub(crate) mod pace;
mod registering;
mod requests;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use consensus::{ControlRecord, Quorum, Voter};
use metadata::{
    Image,
    controller::{self as decide, Decision, ProducerIdBlock, Registration, Sessions},
    records::MetadataRecord,
};
use storage::AppendError;
use types::{BrokerId, Instant, LeaderEpoch, Now, Offset};

use self::pace::{Pace, PaceFigures};
use crate::{
    consequence::Consequence,
    control::{Command, Outcome, Refusal},
    effect::Ticket,
    inspect::QuorumView,
    metadata_batches,
    metadata_log::{Done, MetadataCompletion, MetadataLog, MetadataLogError},
    settings::Defaults,
    setup::Setup,
};

/// How long a broker may be silent. Nothing counts it while every broker is its own controller.
const SESSION_TIMEOUT: Duration = Duration::from_secs(9);

/// The quorum, its log, and the decisions of its leader.
#[derive(Debug)]
pub(crate) struct Controller {
    broker: BrokerId,
    registration: Registration,
    defaults: Defaults,
    snapshot_bytes: u64,
    local: Voter,
    log: MetadataLog,
    quorum: Option<Quorum>,
    active: Option<Active>,
    waiting: VecDeque<Waiting>,
    pace: Pace,
    is_stopped: bool,
    consequences: Vec<Consequence>,
}

/// What only the leader of the quorum has.
#[derive(Debug)]
struct Active {
    epoch: LeaderEpoch,
    decisions: decide::Controller,
    sessions: Sessions,
}

/// Somebody who is told when the log is committed up to `end`.
#[derive(Debug)]
struct Waiting {
    end: Offset,
    reply: Reply,
}

/// The log had no room, and is as it was.
#[derive(Debug)]
struct DiskFull;

const NO_ROOM: &str =
    "the disk of the metadata log is full: make room, then start the broker again";

#[derive(Debug)]
enum Reply {
    Request(Ticket, Outcome),
    ProducerIds(ProducerIdBlock),
}

impl Controller {
    pub(crate) fn new(setup: Setup, log: MetadataLog, now: Instant) -> Controller {
        Controller {
            broker: setup.registration.broker,
            registration: setup.registration,
            defaults: setup.defaults,
            snapshot_bytes: setup.snapshot_bytes,
            local: setup.local,
            log,
            quorum: None,
            active: None,
            waiting: VecDeque::new(),
            pace: Pace::new(now),
            is_stopped: false,
            consequences: Vec::new(),
        }
    }

    /// Carries a command out as far as that goes without waiting.
    pub(crate) fn handle(&mut self, now: Now, command: Command) -> Vec<Consequence> {
        match command {
            Command::Start => self.start(now),
            Command::Request { ticket, request } => self.decide_request(now, ticket, &request),
            Command::Unfence { metadata_offset } => self.unfence(now, metadata_offset),
            Command::AllocateProducerIds => self.allocate_producer_ids(now),
            Command::Completed(MetadataCompletion(done)) => self.complete(now, done),
            Command::Stop => self.stop(now),
        }
        std::mem::take(&mut self.consequences)
    }

    /// What can be seen of the quorum.
    pub(crate) fn view(&self) -> Option<QuorumView> {
        let quorum = self.quorum.as_ref()?;
        Some(QuorumView {
            epoch: quorum.epoch(),
            state: quorum.state(),
            voted: quorum.voted(),
            leading: quorum.leading(),
            high_watermark: quorum.high_watermark(),
            log_end: self.log.end(),
        })
    }

    /// What was appended and committed lately.
    pub(crate) fn pace(&mut self, now: Instant) -> PaceFigures {
        self.pace.figures(now)
    }

    fn start(&mut self, now: Now) {
        let mut effects = Vec::new();
        let started = self.log.found(self.local.clone()).map_err(|error| error.to_string());
        let quorum = started.and_then(|found| {
            Quorum::start(now, found, &mut effects).map_err(|error| error.to_string())
        });
        match quorum {
            Ok(quorum) => self.quorum = Some(quorum),
            Err(reason) => return self.fail(&reason),
        }
        self.carry_out(now, effects);
    }

    fn complete(&mut self, now: Now, done: Done) {
        if self.is_stopped {
            // What was on its way was waited for when the log was closed.
            return;
        }
        match done {
            Done::Persisted(Ok(())) => self.tell_quorum(now, consensus::Event::Persisted),
            Done::Persisted(Err(error)) => {
                self.tell_quorum(now, consensus::Event::DiskFailed);
                self.fail(&format!("failed to write quorum-state: {error}"));
            }
            Done::Flushed { flush, outcome } => match self.log.finish_flush(&flush, outcome, now) {
                Ok(end_offset) => {
                    self.flush();
                    self.tell_quorum(now, consensus::Event::Flushed { end_offset });
                }
                Err(error) => {
                    self.tell_quorum(now, consensus::Event::DiskFailed);
                    self.fail(&error.to_string());
                }
            },
            Done::Snapshot { end, epoch, outcome: Ok(()) } => {
                if let Err(error) = self.log.finish_snapshot(end, epoch, now) {
                    self.fail(&error.to_string());
                }
            }
            Done::Snapshot { outcome: Err(error), .. } => {
                tracing::error!(%error, "failed to write a metadata snapshot");
                self.log.abandon_snapshot();
            }
        }
    }

    fn stop(&mut self, now: Now) {
        self.tell_quorum(now, consensus::Event::Resign);
        self.is_stopped = true;
        let closed = self.log.close().map_err(|error| format!("the metadata log: {error}"));
        self.consequences.push(Consequence::Stopped(closed));
    }

    fn tell_quorum(&mut self, now: Now, event: consensus::Event) {
        let mut effects = Vec::new();
        if let Some(quorum) = &mut self.quorum {
            quorum.handle(now, event, &mut effects);
        }
        self.carry_out(now, effects);
    }

    fn carry_out(&mut self, now: Now, effects: Vec<consensus::Effect>) {
        for effect in effects {
            match effect {
                consensus::Effect::Persist(election) => {
                    let job = self.log.persist(&election);
                    self.consequences.push(Consequence::Run(job));
                }
                consensus::Effect::Append { epoch, now: at, records } => {
                    let batch = ControlRecord::batch(&records, self.log.end(), epoch, at.wall);
                    if self.append(at, epoch, &batch).is_err() {
                        self.fail(NO_ROOM);
                    }
                }
                consensus::Effect::HighWatermark { offset } => self.commit(now, offset),
                consensus::Effect::BecameLeader { epoch } => self.activate(now, epoch),
                consensus::Effect::Resigned { .. } => self.deactivate(),
            }
        }
    }

    /// Appends a batch and has it flushed. When there is no room for it nothing is changed, and the
    /// quorum goes on.
    fn append(
        &mut self,
        now: Now,
        epoch: LeaderEpoch,
        batch: &bytes::Bytes,
    ) -> Result<(), DiskFull> {
        let base = self.log.end();
        match self.log.append(batch, epoch, now) {
            Ok(()) => {
                self.flush();
                let end_offset = self.log.end();
                self.pace.appended(now.instant, end_offset, end_offset.since(base));
                self.tell_quorum(now, consensus::Event::Appended { end_offset });
            }
            Err(AppendError::Full(_)) => return Err(DiskFull),
            Err(error) => {
                self.tell_quorum(now, consensus::Event::DiskFailed);
                self.fail(&error.to_string());
            }
        }
        Ok(())
    }

    fn flush(&mut self) {
        match self.log.flush() {
            Ok(Some(job)) => self.consequences.push(Consequence::Run(job)),
            Ok(None) => {}
            Err(error) => self.fail(&error.to_string()),
        }
    }

    /// The log is committed up to here: brokers may see it, and those who wait are told.
    fn commit(&mut self, now: Now, end: Offset) {
        self.pace.committed(now.instant, end);
        let delta = match self.log.commit(end) {
            Ok(delta) => delta,
            Err(error) => return self.fail_reading(&error),
        };
        if let Some(active) = &mut self.active {
            active.decisions.commit(end);
        }
        let (image, last) = (Arc::clone(self.log.image()), self.log.last_applied());
        self.consequences.push(Consequence::Committed { image, delta, last });
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.end <= end) {
            self.reply(waiting.reply);
        }
        if let Some(job) = self.log.snapshot_if_due(self.snapshot_bytes, now) {
            self.consequences.push(Consequence::Run(job));
        }
    }

    fn activate(&mut self, now: Now, epoch: LeaderEpoch) {
        let image = Image::clone(self.log.image());
        let sessions = Sessions::new(&image, SESSION_TIMEOUT, now.instant);
        let is_new = image.features.iter().next().is_none();
        let decisions = decide::Controller::new(image, self.log.end());
        self.active = Some(Active { epoch, decisions, sessions });
        tracing::info!(%epoch, "this node is the active controller");
        if is_new {
            self.write_or_fail(now, &decide::bootstrap());
        }
        self.register(now);
    }

    fn deactivate(&mut self) {
        self.active = None;
        self.pace.resigned();
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting.reply {
                Reply::Request(ticket, _) => self.refuse(ticket, Refusal::NotController),
                Reply::ProducerIds(_) => self.consequences.push(Consequence::NoProducerIds),
            }
        }
    }

    fn allocate_producer_ids(&mut self, now: Now) {
        let Some(active) = &self.active else {
            return self.consequences.push(Consequence::NoProducerIds);
        };
        let image = active.decisions.image();
        let Some(own) = image.brokers.get(self.broker) else {
            return self.consequences.push(Consequence::NoProducerIds);
        };
        match decide::allocate_producer_ids(image, self.broker, own.epoch) {
            Ok(Decision { records, answer }) => match self.write(now, &records) {
                Ok(end) => {
                    self.waiting.push_back(Waiting { end, reply: Reply::ProducerIds(answer) });
                }
                Err(DiskFull) => self.consequences.push(Consequence::NoProducerIds),
            },
            Err(error) => {
                tracing::error!(%error, "failed to allocate producer ids");
                self.consequences.push(Consequence::NoProducerIds);
            }
        }
    }

    /// Writes decided records as one batch; the offset up to which the log has to be committed
    /// before their consequences may be told.
    fn write(&mut self, now: Now, records: &[MetadataRecord]) -> Result<Offset, DiskFull> {
        let Some(active) = &mut self.active else { return Ok(Offset(i64::MAX)) };
        if records.is_empty() {
            return Ok(active.decisions.next_offset());
        }
        if let Err(error) = active.decisions.append(records) {
            self.fail(&format!("a decision does not fit the metadata: {error}"));
            return Ok(Offset(i64::MAX));
        }
        let (epoch, end) = (active.epoch, active.decisions.next_offset());
        let base = self.log.end();
        let batch = metadata_batches::of_records(records, base, epoch, now.wall);
        let appended = self.append(now, epoch, &batch);
        if appended.is_err()
            && let Some(active) = &mut self.active
        {
            active.decisions.take_back(records);
        }
        appended.map(|()| end)
    }

    /// Answers requests that changed nothing and wait for nothing that is not committed.
    fn reply_to_committed(&mut self) {
        let committed = self.quorum.as_ref().and_then(Quorum::high_watermark);
        let committed = committed.unwrap_or(Offset::ZERO);
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.end <= committed) {
            self.reply(waiting.reply);
        }
    }

    fn reply(&mut self, reply: Reply) {
        self.consequences.push(match reply {
            Reply::Request(ticket, outcome) => Consequence::Answer { ticket, outcome },
            Reply::ProducerIds(block) => Consequence::ProducerIds(block),
        });
    }

    fn refuse(&mut self, ticket: Ticket, refusal: Refusal) {
        let outcome = Outcome::Refused(refusal);
        self.consequences.push(Consequence::Answer { ticket, outcome });
    }

    fn fail_reading(&mut self, error: &MetadataLogError) {
        self.fail(&error.to_string());
    }

    fn fail(&mut self, reason: &str) {
        self.consequences.push(Consequence::Fail(reason.to_owned()));
    }
}
