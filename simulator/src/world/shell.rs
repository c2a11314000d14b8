//! The shell around the node: its effects, carried out one after the other.

use node::{Completion, Effect, Effects, Job, Lane, Ticket, answer::Answer, control::Command};
use types::{Instant, Now};

use super::{DiskState, Event, World};
use crate::{
    invariants::Death,
    process::{Process, reply},
    sessions::Promise,
    violation::{Checked, Violation, must},
    words::{Ask, Reply},
};

impl World<'_> {
    pub(super) fn request(&mut self, process: u64, ticket: Ticket, ask: &Ask) -> Checked {
        let alive = self.process.as_ref().filter(|alive| alive.number == process);
        let Some(alive) = alive.filter(|alive| !alive.is_stopping) else { return Ok(()) };
        self.groups.asked(self.now, self.sessions.waits(ticket), ticket.0, ask);
        if let Ask::Committed { places } = ask {
            let reply = alive.committed(places);
            return self.give(process, ticket, reply);
        }
        self.with_process(process, |alive, now, effects| alive.ask(now, ticket, ask, effects))
    }

    /// A job does its work all at once; its completion comes a little later.
    pub(super) fn run_job(&mut self, process: u64, job: Job) {
        if self.process.as_ref().is_none_or(|alive| alive.number != process) {
            return;
        }
        self.trace.note(self.now, format_args!("runs {}", job.name()));
        let at = match job.lane() {
            Lane::Metadata => self.metadata_lane_free_at.max(self.now),
            Lane::Data | Lane::Recovery | Lane::Cleaner => self.soon(),
        };
        let completion = job.run();
        self.agenda.schedule(at, Event::Done { process, completion });
    }

    pub(super) fn done(&mut self, process: u64, completion: Completion) -> Checked {
        self.trace.note(self.now, format_args!("done"));
        self.with_process(process, |alive, now, effects| {
            alive.node.complete(now, completion, effects);
        })
    }

    pub(super) fn command(&mut self, process: u64, command: Command) -> Checked {
        self.with_process(process, |alive, now, effects| {
            alive.node.control(now, command, effects);
        })
    }

    pub(super) fn resume(&mut self, process: u64, ticket: Ticket) -> Checked {
        self.with_process(process, |alive, now, effects| {
            alive.node.resume(now, ticket, effects);
        })
    }

    pub(super) fn tick(&mut self, process: u64) -> Checked {
        if self.next_tick.is_none_or(|due| due > self.now) {
            return Ok(());
        }
        self.next_tick = None;
        self.with_process(process, |alive, now, effects| alive.node.tick(now, effects))
    }

    /// Tells a process something, if it still lives, and carries out what it asks for.
    fn with_process(
        &mut self,
        process: u64,
        tell: impl FnOnce(&Process, Now, &mut Effects),
    ) -> Checked {
        let now = self.clock();
        let Some(alive) = self.process.as_ref().filter(|alive| alive.number == process) else {
            return Ok(());
        };
        let mut effects = Effects::new();
        tell(alive, now, &mut effects);
        self.carry_out(process, effects)
    }

    pub(super) fn carry_out(&mut self, process: u64, effects: Effects) -> Checked {
        for effect in effects {
            self.carry_out_one(process, effect)?;
        }
        Ok(())
    }

    fn carry_out_one(&mut self, process: u64, effect: Effect) -> Checked {
        match effect {
            Effect::Answer { ticket, answer } => return self.answer(process, ticket, answer),
            Effect::Resume(ticket) => {
                let at = self.soon();
                self.agenda.schedule(at, Event::Resume { process, ticket });
            }
            Effect::Run(job) => self.schedule_job(process, job),
            Effect::Control(command) => {
                self.controller_free_at = self.soon().max(self.controller_free_at);
                let at = self.controller_free_at;
                self.agenda.schedule(at, Event::Command { process, command });
            }
            Effect::WakeAt(at) => self.wake_at(process, at),
            Effect::Publish(_) => self.trace.note(self.now, format_args!("new metadata")),
            Effect::Serving => {
                self.trace.note(self.now, format_args!("serves"));
                if let Some(alive) = &mut self.process {
                    alive.is_serving = true;
                }
            }
            Effect::Fail(reason) => return self.gave_up(&reason),
            Effect::Stopped(outcome) => return self.stopped(&outcome),
        }
        Ok(())
    }

    /// From here on the answer is a promise, whether it reaches the client or not.
    fn answer(&mut self, process: u64, ticket: Ticket, answer: Answer) -> Checked {
        let said = format!("{answer:?}");
        let reply = reply(answer);
        match &reply {
            Reply::Refused(_) => {
                self.trace.note(self.now, format_args!("answers {}: {said}", ticket.0));
            }
            Reply::ProducerId(..)
            | Reply::Produced(_)
            | Reply::Fetched { .. }
            | Reply::Deleted(_)
            | Reply::Group(_)
            | Reply::Committed(_)
            | Reply::TopicsCreated => {
                self.trace.note(self.now, format_args!("answers {}: {reply}", ticket.0));
            }
        }
        self.give(process, ticket, reply)
    }

    fn give(&mut self, process: u64, ticket: Ticket, reply: Reply) -> Checked {
        self.groups.answered(self.now, ticket.0, &reply)?;
        let Some(waiting) = self.sessions.answered(ticket) else {
            // Its connection broke a moment ago.
            return Ok(());
        };
        match (&reply, &waiting.promise) {
            (Reply::Produced(base), Some(Promise::Kept(place, values))) => {
                self.oracle.acknowledged_at(*place, *base, values)?;
            }
            (Reply::Deleted(start), Some(Promise::Deleted(place))) => {
                self.oracle.deletion_answered(*place, ticket.0, *start)?;
            }
            _ => {}
        }
        let session = waiting.session;
        let at = self.soon();
        let at = self.sessions.session(session).reply_arrives(at);
        self.agenda.schedule(at, Event::Reply { process, session, ticket, reply });
        Ok(())
    }

    fn schedule_job(&mut self, process: u64, job: Job) {
        let begins = match job.lane() {
            Lane::Data | Lane::Recovery | Lane::Cleaner => self.soon(),
            Lane::Metadata => {
                let begins = self.soon().max(self.metadata_lane_free_at);
                self.metadata_lane_free_at = self.soon().max(begins);
                begins
            }
        };
        self.agenda.schedule(begins, Event::Job { process, job });
    }

    fn wake_at(&mut self, process: u64, at: Instant) {
        if self.next_tick.is_none_or(|planned| at < planned) {
            self.next_tick = Some(at);
            self.agenda.schedule(at.max(self.now), Event::Tick { process });
        }
    }

    /// A node may give up when its disk fails it, or is full while it starts, and for no other
    /// reason.
    fn gave_up(&mut self, reason: &str) -> Checked {
        self.trace.note(self.now, format_args!("gives up: {reason}"));
        let is_serving = self.process.as_ref().is_some_and(|process| process.is_serving);
        let has_excuse = match self.disk_state {
            DiskState::Broken => true,
            DiskState::Well | DiskState::Full => self.had_trouble() && !is_serving,
        };
        must("a node whose disk works goes on", has_excuse, || reason)?;
        self.end_process(Death::Killed)
    }

    /// Whether this process may have met a disk that is full or fails.
    fn had_trouble(&self) -> bool {
        self.disk_state != DiskState::Well
            || self.process.as_ref().is_some_and(|process| process.had_trouble)
    }

    fn stopped(&mut self, outcome: &Result<(), String>) -> Checked {
        self.trace.note(self.now, format_args!("has stopped: {outcome:?}"));
        let is_bound = self.process.as_ref().is_some_and(|process| process.stops_in_order);
        if let Err(reason) = outcome
            && !self.had_trouble()
            && is_bound
        {
            return Err(Violation::new("a node whose disk works stops in good order", reason));
        }
        self.end_process(Death::Killed)
    }
}
