//! The second phase: everything must heal, and every acknowledged record be found.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use node::{Effect, Effects};
use types::Offset;

use super::{Event, World};
use crate::{
    clients::Client,
    invariants::Death,
    process::{Process, reply},
    reading::{ReadBatch, read_batches},
    violation::{Checked, Violation, must},
    words::{Ask, Place, Reply},
};

/// How long each stage may take, in a world in which nothing fails.
const STAGE_MAX: Duration = Duration::from_secs(20);

/// How long a group may take to read what a whole run has written.
const READING_MAX: Duration = Duration::from_mins(2);
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Anything may go wrong.
    Faults,
    /// Nothing goes wrong any more, and every client has to be served again.
    Healing,
    /// Clients begin nothing new, and what they have begun has to come to its end.
    Draining,
    /// All was found; after a last power cut it has to be found again.
    Restarted,
    /// It was.
    Over,
}

impl World<'_> {
    /// From here on nothing goes wrong.
    pub(super) fn heal(&mut self) -> Checked {
        self.trace.note(self.now, format_args!("all faults end"));
        self.wall_skew_ms = 0;
        self.repair()?;
        for session in self.sessions.iter_mut() {
            session.granted = 0;
            session.client.calm();
        }
        self.enter(Stage::Healing);
        Ok(())
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = (stage, self.now);
        self.agenda.schedule(self.now.after(LOOK_INTERVAL), Event::Look);
    }

    /// Goes on to the next stage as soon as this one has reached its goal.
    pub(super) fn look_around(&mut self) -> Checked {
        let (stage, began) = self.stage;
        if let Some(missing) = self.missing(stage) {
            let reads = stage == Stage::Draining && self.plan.group.is_some();
            let stage_max = if reads { READING_MAX } else { STAGE_MAX };
            must(
                "everything heals once the faults end",
                self.now.since(began) < stage_max,
                || format!("{stage:?}: {missing}"),
            )?;
            self.agenda.schedule(self.now.after(LOOK_INTERVAL), Event::Look);
            return Ok(());
        }
        match stage {
            Stage::Faults | Stage::Over => {}
            Stage::Healing => {
                self.sessions.iter_mut().for_each(|session| session.client.drain());
                self.enter(Stage::Draining);
            }
            Stage::Draining => {
                self.scan()?;
                self.end_process(Death::PowerCut)?;
                self.enter(Stage::Restarted);
            }
            Stage::Restarted => {
                self.scan()?;
                self.stage = (Stage::Over, self.now);
            }
        }
        Ok(())
    }

    /// What has not happened yet of what this stage waits for.
    fn missing(&self, stage: Stage) -> Option<String> {
        let mut sessions = self.sessions.iter();
        match stage {
            Stage::Faults | Stage::Over => None,
            Stage::Healing => sessions
                .find(|session| session.granted == 0 && !session.client.is_admin())
                .map(|session| format!("nothing is granted to {:?}", session.client)),
            Stage::Draining => sessions
                .find(|session| !session.client.is_done())
                .map(|session| format!("something is left to {:?}", session.client))
                .or_else(|| self.unread()),
            Stage::Restarted => {
                let view = self.process.as_ref().map(Process::view);
                let is_open = |place: &Place| {
                    let seen = view.as_ref().and_then(|view| view.partitions.get(&place.name()));
                    seen.is_some_and(|seen| seen.high_watermark == seen.log_end)
                };
                let Some(missing) = self.oracle.places().find(|place| !is_open(place)) else {
                    return self.unloaded();
                };
                let seen = view.as_ref().and_then(|view| view.partitions.get(&missing.name()));
                Some(format!("{missing}: {seen:?}"))
            }
        }
    }

    /// Whether the group is still being loaded.
    fn unloaded(&self) -> Option<String> {
        self.plan.group?;
        let reply = self.process.as_ref().map(|process| process.committed(&[]));
        match reply {
            Some(Reply::Committed(_)) => None,
            reply => Some(format!("what the group has committed: {reply:?}")),
        }
    }

    /// What the group has not come to yet: all members are in one generation, and have read and
    /// committed all that there is.
    fn unread(&self) -> Option<String> {
        self.plan.group?;
        let view = self.process.as_ref().map(Process::view)?;
        let mut generations = BTreeSet::new();
        let mut come_to = BTreeMap::new();
        for session in self.sessions.iter() {
            let Client::Member(member) = &session.client else { continue };
            let Some((generation, progress)) = member.progress() else {
                return Some(format!("no share has {member:?}"));
            };
            generations.insert(generation);
            come_to.extend(progress);
        }
        if generations.len() > 1 {
            return Some(format!("one group, and not the generations {generations:?}"));
        }
        let missing = self.oracle.places().find(|place| {
            let end = view.partitions.get(&place.name()).map(|seen| seen.high_watermark);
            end.is_none() || come_to.get(place).copied().flatten() != end
        })?;
        Some(format!("the group has come to {:?} of {missing}", come_to.get(&missing)))
    }

    /// What the group has committed is what it had committed.
    fn scan_committed(&mut self) -> Checked {
        let places: Vec<Place> = self.oracle.places().collect();
        let Some(process) = self.process.as_ref().filter(|_| self.plan.group.is_some()) else {
            return Ok(());
        };
        let reply = process.committed(&places);
        self.trace.note(self.now, format_args!("{reply}"));
        match &reply {
            Reply::Committed(offsets) => self.groups.told(offsets),
            Reply::ProducerId(..)
            | Reply::Produced(_)
            | Reply::Fetched { .. }
            | Reply::Deleted(_)
            | Reply::Group(_)
            | Reply::TopicsCreated
            | Reply::Refused(_) => Err(unhealed(format!("what the group has committed: {reply}"))),
        }
    }

    fn scan(&mut self) -> Checked {
        self.trace.note(self.now, format_args!("all is looked through"));
        for place in self.oracle.places().collect::<Vec<_>>() {
            let batches = self.read_all(place)?;
            if !self.oracle.is_compacted(place) {
                self.invariants.scanned(&batches)?;
            }
            let records: Vec<_> = batches.into_iter().flat_map(|batch| batch.records).collect();
            self.oracle.scanned(place, &records)?;
            // A power cut can take records away that were read, and others come in their places.
            if self.plan.group.is_some() && self.oracle.losses(place) == 0 {
                // The first batch may hold records from before the start of the log.
                let start = self.oracle.start(place);
                let offsets = records.iter().map(|(offset, _)| *offset);
                let offsets = offsets.filter(|offset| *offset >= start).collect();
                self.groups.scanned(place, &offsets)?;
            }
        }
        self.scan_committed()
    }

    fn read_all(&mut self, place: Place) -> Checked<Vec<ReadBatch>> {
        let mut read: Vec<ReadBatch> = Vec::new();
        let mut next = self.oracle.start(place);
        loop {
            let reply = self.fetch_at_once(place, next)?;
            let Reply::Fetched { records, high_watermark, .. } = reply else {
                return Err(unhealed(format!("fetch {place} from {next}: {reply}")));
            };
            if next >= high_watermark {
                return Ok(read);
            }
            let batches = read_batches(&records)?;
            let Some(last) = batches.last() else {
                let detail =
                    format!("nothing at {next} of {place}, which ends at {high_watermark}");
                return Err(Violation::new("what lies below the high watermark is read", detail));
            };
            next = last.header.last_offset().next();
            read.extend(batches);
        }
    }

    /// Reads without a connection and without waiting.
    fn fetch_at_once(&mut self, place: Place, offset: Offset) -> Checked<Reply> {
        let (now, ticket) = (self.clock(), self.sessions.next_ticket());
        let Some(process) = &self.process else { return Err(unhealed("no process")) };
        let mut effects = Effects::new();
        let ask = Ask::Fetch { place, offset, wait: Duration::ZERO, bytes_max: 4_096 };
        process.ask(now, ticket, &ask, &mut effects);
        for effect in effects {
            if let Effect::Answer { answer, .. } = effect {
                self.trace.note(self.now, format_args!("{place} from {offset}: {answer:?}"));
                return Ok(reply(answer));
            }
        }
        Err(unhealed(format!("no answer to a fetch of {place}")))
    }
}

fn unhealed(what: impl std::fmt::Display) -> Violation {
    Violation::new("everything heals once the faults end", what)
}
