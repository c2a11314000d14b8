//! Compaction on this broker: which log is cleaned when, and what becomes of the work.
//!
//! A round is a chain of short jobs on a lane of its own, so that no flush ever waits behind it and
//! a stop or the end of a topic ends it within one of them. Between two jobs a round is kept here, or
//! is on its way as an effect; a log knows nothing of a round but what it has swapped in.

mod choice;
mod config;
mod figures;
mod pace;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use storage::{CleanError, Cleanable, CleanedGroup, Cleaning, CleaningStats, Log, Progress};
use types::{Instant, Now, Offset, TopicIdPartition, TopicPartition};

pub use config::CleanerConfig;
pub use figures::CleanerFigures;

use crate::{
    Node,
    checkpoint::Kind,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    request::Isolation,
    slots::{Slot, State},
};
use choice::Candidate;
use pace::Pace;

/// The ticket under which the cleaner waits; the shell never draws it.
pub(crate) const CLEANING: Ticket = Ticket(u64::MAX - 3);

/// How much a job reads and writes at most, but for a batch that is larger.
const JOB_BYTES_MAX: u64 = 1 << 20;

/// A round, its log and when it began.
#[derive(Debug)]
pub(crate) struct Round {
    id: TopicIdPartition,
    name: TopicPartition,
    cleaning: Cleaning,
    began: Instant,
}

/// The rounds that are under way and what they left.
#[derive(Debug)]
pub(crate) struct Cleaner(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    /// By name: a topic that is created anew has the folder of the one before.
    running: BTreeSet<TopicPartition>,
    /// Rounds that wait for their next job.
    parked: Vec<(Instant, Box<Round>)>,
    /// Logs that hold something damaged, and are left alone until the next start.
    uncleanable: BTreeSet<TopicIdPartition>,
    pace: Pace,
    next_look: Instant,
    figures: CleanerFigures,
}

impl Cleaner {
    pub(crate) fn new(now: Instant, config: &CleanerConfig) -> Cleaner {
        Cleaner(Mutex::new(Inner {
            running: BTreeSet::new(),
            parked: Vec::new(),
            uncleanable: BTreeSet::new(),
            pace: Pace::new(config.io_bytes_per_second_max),
            next_look: now,
            figures: CleanerFigures::new(now),
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no thread panics while it holds the cleaner")
    }

    /// Drops the rounds that wait: nothing is cleaned from here on.
    pub(crate) fn stop(&self) {
        let parked = std::mem::take(&mut self.inner().parked);
        for (_, mut round) in parked {
            round.cleaning.discard();
        }
    }
}

impl Node {
    /// Asks to be woken for the first look.
    pub(crate) fn begin_cleaning(&self, now: Now, effects: &mut Effects) {
        if self.config.cleaner.is_enabled {
            self.look_again(now.instant.after(self.effective.load().cleaner().backoff), effects);
        }
    }

    fn look_again(&self, at: Instant, effects: &mut Effects) {
        self.cleaner.inner().next_look = at;
        self.deadlines.add(at, CLEANING, effects);
    }

    /// Goes on at the rate that is in force now, also with the rounds that wait because they were
    /// faster than the one before.
    pub(crate) fn change_pace(&self, now: Now, effects: &mut Effects) {
        let rate = self.effective.load().cleaner().io_bytes_per_second_max;
        let mut inner = self.cleaner.inner();
        let Some(paid_at) = inner.pace.go_at(now.instant, rate) else { return };
        for (at, _) in &mut inner.parked {
            *at = paid_at;
        }
        if !inner.parked.is_empty() {
            self.deadlines.add(paid_at, CLEANING, effects);
        }
    }

    /// Goes on with rounds that have waited long enough, and looks for logs that are due.
    pub(crate) fn clean_logs(&self, now: Now, effects: &mut Effects) {
        let (ready, is_time) = {
            let mut inner = self.cleaner.inner();
            let ready: Vec<_> = inner.parked.extract_if(.., |(at, _)| *at <= now.instant).collect();
            (ready, inner.next_look <= now.instant)
        };
        for (_, round) in ready {
            self.go_on(round, effects);
        }
        if is_time {
            self.begin_rounds(now, effects);
            let backoff = self.effective.load().cleaner().backoff;
            self.look_again(now.instant.after(backoff), effects);
        }
    }

    /// Begins with the dirtiest logs, as long as there is a thread left.
    fn begin_rounds(&self, now: Now, effects: &mut Effects) {
        let mut candidates = self.candidates(now);
        self.cleaner.inner().figures.note_look(now.instant, &candidates);
        while self.cleaner.inner().running.len() < self.config.cleaner.threads
            && let Some(index) = choice::dirtiest(&candidates)
        {
            let chosen = candidates.swap_remove(index);
            if let Some(round) = self.begin_round(now, &chosen) {
                self.cleaner.inner().running.insert(round.name.clone());
                self.go_on(Box::new(round), effects);
            }
        }
    }

    /// All logs that compaction is for and that are not being cleaned.
    fn candidates(&self, now: Now) -> Vec<Candidate> {
        let slots = self.slots.all();
        let (running, uncleanable) = {
            let mut inner = self.cleaner.inner();
            inner.uncleanable.retain(|id| slots.iter().any(|slot| slot.id == *id));
            (inner.running.clone(), inner.uncleanable.clone())
        };
        let free = slots
            .into_iter()
            .filter(|slot| !running.contains(&slot.name) && !uncleanable.contains(&slot.id));
        free.filter_map(|slot| candidate(slot, now)).collect()
    }

    fn begin_round(&self, now: Now, chosen: &Candidate) -> Option<Round> {
        let (slot, range) = (&chosen.slot, chosen.cleanable);
        let State::Leading(partition) = &mut *slot.state() else { return None };
        let settings = self.effective.load().cleaner().settings();
        match partition.log_mut().begin_cleaning(range, settings, now.wall) {
            Ok(cleaning) => {
                tracing::info!(
                    partition = %slot.name, from = %range.first_dirty, to = %range.end,
                    "cleaning a log"
                );
                let (id, name, began) = (slot.id, slot.name.clone(), now.instant);
                Some(Round { id, name, cleaning, began })
            }
            Err(error) => {
                tracing::error!(partition = %slot.name, %error, "failed to begin cleaning");
                None
            }
        }
    }

    /// Has the next piece of a round done.
    fn go_on(&self, mut round: Box<Round>, effects: &mut Effects) {
        let bytes_max = self.cleaner.inner().pace.share(JOB_BYTES_MAX);
        effects.push(Effect::Run(Job::new(Lane::Cleaner, "clean a log", move || {
            let before = bytes_of(round.cleaning.stats());
            let progress = round.cleaning.work(bytes_max);
            let bytes = bytes_of(round.cleaning.stats()) - before;
            Completion(Finished::Cleaned { round, progress, bytes })
        })));
    }

    /// A piece of a round is done.
    pub(crate) fn cleaned(
        &self,
        now: Now,
        mut round: Box<Round>,
        progress: Result<Progress, CleanError>,
        bytes: u64,
        effects: &mut Effects,
    ) {
        let next = self.cleaner.inner().pace.spend(now.instant, bytes);
        let is_stopping = self.stopping.load(std::sync::atomic::Ordering::Relaxed);
        let slot = self.slots.find(round.id).filter(|_| !is_stopping);
        let done = match (slot, progress) {
            (None, progress) => {
                if let Ok(Progress::Swap(group)) = progress {
                    group.discard();
                }
                true
            }
            (Some(_), Ok(Progress::Working)) => false,
            (Some(slot), Ok(Progress::Swap(group))) => {
                self.swap(now, &slot, *group, effects).is_none()
            }
            (Some(slot), Ok(Progress::Done(first_dirty))) => {
                self.finish_round(now, &slot, &round, first_dirty, effects);
                true
            }
            (Some(slot), Err(error)) => {
                self.give_up(now, &slot, &error, effects);
                true
            }
        };
        if done {
            round.cleaning.discard();
            self.cleaner.inner().running.remove(&round.name);
        } else if next <= now.instant {
            self.go_on(round, effects);
        } else {
            self.cleaner.inner().parked.push((next, round));
            self.deadlines.add(next, CLEANING, effects);
        }
    }

    /// Puts a cleaned segment into its log; none when the log does not want it.
    fn swap(
        &self,
        now: Now,
        slot: &Slot,
        group: CleanedGroup,
        effects: &mut Effects,
    ) -> Option<()> {
        let swapped = match &mut *slot.state() {
            State::Leading(partition) => partition.log_mut().swap(group),
            State::Idle(log) => log.swap(group),
            State::Away | State::Failed => {
                group.discard();
                return None;
            }
        };
        match swapped {
            Ok(removal) => {
                self.remove_later(now, removal?, effects);
                Some(())
            }
            Err(error) => {
                tracing::error!(partition = %slot.name, %error, "failed to swap a segment in");
                self.resign_if_closed(now, slot, effects);
                None
            }
        }
    }

    /// Tells those who wait for a partition that its log has been closed.
    fn resign_if_closed(&self, now: Now, slot: &Slot, effects: &mut Effects) {
        let mut asked = Vec::new();
        if let State::Leading(partition) = &mut *slot.state()
            && partition.log().closed().is_some()
        {
            partition.fail(&mut asked);
        }
        self.route(now, slot, asked, effects);
    }

    fn finish_round(
        &self,
        now: Now,
        slot: &Slot,
        round: &Round,
        first_dirty: Offset,
        effects: &mut Effects,
    ) {
        if let Some(log) = log_of(&mut slot.state()) {
            log.finish_cleaning(&round.cleaning, first_dirty);
        }
        let stats = *round.cleaning.stats();
        tracing::info!(
            partition = %slot.name, %first_dirty, read = stats.bytes_read,
            written = stats.bytes_written, "cleaned a log"
        );
        if stats.records_without_key > 0 {
            let records = stats.records_without_key;
            tracing::warn!(partition = %slot.name, records, "removed records without a key");
        }
        let took = now.instant.since(round.began);
        self.cleaner.inner().figures.note_round(&stats, took);
        self.write_checkpoints(vec![Kind::Cleaned], effects);
        // There may be another one.
        self.look_again(now.instant, effects);
    }

    fn give_up(&self, now: Now, slot: &Slot, error: &CleanError, effects: &mut Effects) {
        if let Some(log) = log_of(&mut slot.state()) {
            log.give_up_cleaning(error);
        }
        self.resign_if_closed(now, slot, effects);
        if error.is_lasting() {
            tracing::error!(
                partition = %slot.name, %error,
                "failed to clean a log, which is left as it is from here on"
            );
            self.cleaner.inner().uncleanable.insert(slot.id);
        } else {
            tracing::warn!(partition = %slot.name, %error, "left a log uncleaned for now");
        }
    }

    /// What the cleaner has to tell.
    #[must_use]
    pub fn cleaner_figures(&self, now: Now) -> CleanerFigures {
        let uncleanable: BTreeSet<_> = self.cleaner.inner().uncleanable.clone();
        let slots = uncleanable.iter().filter_map(|id| self.slots.find(*id));
        let dirty: Vec<u64> = slots
            .filter_map(|slot| candidate(slot, now))
            .map(|left| left.cleanable.dirty_bytes)
            .collect();
        let mut figures = self.cleaner.inner().figures;
        figures.uncleanable_partitions = dirty.len();
        figures.uncleanable_bytes = dirty.iter().sum();
        figures
    }
}

/// What could be cleaned of a log; none where compaction is not wanted, or nothing is known.
fn candidate(slot: Arc<Slot>, now: Now) -> Option<Candidate> {
    let (cleanable, dirty_ratio_min) = {
        let State::Leading(partition) = &mut *slot.state() else { return None };
        let stable = partition.readable_end(Isolation::Committed);
        let log = partition.log_mut();
        if !log.config().cleanup_policy.compact || log.closed().is_some() {
            return None;
        }
        (cleanable(log, stable, now, &slot.name)?, log.config().dirty_ratio_min)
    };
    Some(Candidate { slot, cleanable, dirty_ratio_min })
}

fn cleanable(log: &mut Log, stable: Offset, now: Now, name: &TopicPartition) -> Option<Cleanable> {
    let found = log.cleanable(stable, now.wall);
    let said = found.inspect_err(|error| {
        tracing::error!(partition = %name, %error, "failed to see what can be cleaned");
    });
    said.ok()
}

fn log_of(state: &mut State) -> Option<&mut Log> {
    match state {
        State::Leading(partition) => Some(partition.log_mut()),
        State::Idle(log) => Some(log),
        State::Away | State::Failed => None,
    }
}

fn bytes_of(stats: &CleaningStats) -> u64 {
    stats.bytes_indexed + stats.bytes_read + stats.bytes_written
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CLEANING;
    use crate::{
        housekeeping::{FLUSHES, HOUSEKEEPING},
        recovery::RECOVERY,
    };

    #[test]
    fn what_waits_without_a_request_has_a_ticket_of_its_own() {
        let tickets = BTreeSet::from([CLEANING, FLUSHES, HOUSEKEEPING, RECOVERY]);
        assert_eq!(tickets.len(), 4);
    }
}
