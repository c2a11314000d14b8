//! What is due from time to time: old segments, files out of use, flushes by age.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use storage::Removal;
use types::{Instant, Now, Timestamp, TopicIdPartition};

use crate::{
    Node,
    checkpoint::Kind,
    config::Config,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    slots::{Slot, State},
};

/// The ticket under which housekeeping waits; the shell never draws it.
pub(crate) const HOUSEKEEPING: Ticket = Ticket(u64::MAX);

/// The ticket under which flushes wait that `flush.ms` asks for.
pub(crate) const FLUSHES: Ticket = Ticket(u64::MAX - 1);

/// Which partitions are to be flushed when.
#[derive(Debug, Default)]
pub(crate) struct Flushes(Mutex<BTreeSet<(Instant, TopicIdPartition)>>);

impl Flushes {
    fn inner(&self) -> MutexGuard<'_, BTreeSet<(Instant, TopicIdPartition)>> {
        self.0.lock().expect("no thread panics while it holds the flushes")
    }
}

/// Files that are out of use and the time at which they go.
#[derive(Debug, Default)]
pub(crate) struct Removals(Mutex<Vec<(Instant, Removal)>>);

impl Removals {
    fn inner(&self) -> MutexGuard<'_, Vec<(Instant, Removal)>> {
        self.0.lock().expect("no thread panics while it holds the removals")
    }
}

/// Something that is done to all logs from time to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chore {
    Retention,
    RecoveryPoints,
    LogStarts,
    HighWatermarks,
    ExpireProducers,
}

impl Chore {
    const ALL: [Chore; 5] = [
        Chore::Retention,
        Chore::RecoveryPoints,
        Chore::LogStarts,
        Chore::HighWatermarks,
        Chore::ExpireProducers,
    ];

    fn interval(self, config: &Config) -> Duration {
        // Nothing is done without a pause, whatever the configuration says.
        let interval = match self {
            Chore::Retention => config.retention_check_interval,
            Chore::RecoveryPoints => config.recovery_point_interval,
            Chore::LogStarts => config.log_start_interval,
            Chore::HighWatermarks => config.high_watermark_interval,
            Chore::ExpireProducers => config.producer_expiration_check_interval,
        };
        interval.max(Duration::from_millis(1))
    }
}

/// When the last round of each chore was, in the order of [`Chore::ALL`].
#[derive(Debug)]
pub(crate) struct Rounds([Instant; Chore::ALL.len()]);

impl Rounds {
    pub(crate) fn new(now: Instant) -> Rounds {
        Rounds([now; Chore::ALL.len()])
    }

    fn take_due(&mut self, now: Instant, config: &Config) -> Vec<Chore> {
        let mut due = Vec::new();
        for (chore, last) in Chore::ALL.into_iter().zip(&mut self.0) {
            if now.since(*last) >= chore.interval(config) {
                *last = now;
                due.push(chore);
            }
        }
        due
    }

    fn next(&self, config: &Config) -> Instant {
        let next =
            Chore::ALL.iter().zip(self.0).map(|(chore, last)| last.after(chore.interval(config)));
        next.min().expect("there are chores")
    }
}

impl Node {
    /// Has files removed after the time that readers may go on using them.
    pub(crate) fn remove_later(&self, now: Now, removal: Removal, effects: &mut Effects) {
        let at = now.instant.after(removal.delay);
        self.removals.inner().push((at, removal));
        self.deadlines.add(at, HOUSEKEEPING, effects);
    }

    /// Asks to be woken for the first rounds.
    pub(crate) fn begin_housekeeping(&self, now: Now, effects: &mut Effects) {
        *self.rounds() = Rounds::new(now.instant);
        let next = self.rounds().next(&self.config);
        self.deadlines.add(next, HOUSEKEEPING, effects);
    }

    /// Does what is due.
    pub(crate) fn keep_house(&self, now: Now, effects: &mut Effects) {
        self.remove_files(now, effects);
        let due = self.rounds().take_due(now.instant, &self.config);
        if due.is_empty() {
            return;
        }
        let mut checkpoints = Vec::new();
        for chore in due {
            match chore {
                Chore::Retention => self.apply_retention(now, effects),
                Chore::RecoveryPoints => checkpoints.push(Kind::RecoveryPoints),
                Chore::LogStarts => checkpoints.push(Kind::LogStarts),
                Chore::HighWatermarks => checkpoints.push(Kind::HighWatermarks),
                Chore::ExpireProducers => self.expire_producers(now, effects),
            }
        }
        if !checkpoints.is_empty() {
            self.write_checkpoints(checkpoints, effects);
        }
        let next = self.rounds().next(&self.config);
        self.deadlines.add(next, HOUSEKEEPING, effects);
    }

    /// Takes old segments out of all logs, on the pool: it renames files and may look into them.
    fn apply_retention(&self, now: Now, effects: &mut Effects) {
        let slots = self.slots.all();
        effects.push(Effect::Run(Job::new(Lane::Data, "apply retention", move || {
            let removals = slots.iter().filter_map(|slot| retain(now, slot)).collect();
            let rolled = slots.into_iter().filter(|slot| roll(now, slot)).collect();
            Completion(Finished::Retained { removals, rolled })
        })));
    }

    /// Has the files removed that were taken out of logs, and the logs flushed whose last segment
    /// was ended: compaction touches nothing that is not durable.
    pub(crate) fn retained(
        &self,
        now: Now,
        removals: Vec<Removal>,
        rolled: Vec<Arc<Slot>>,
        effects: &mut Effects,
    ) {
        for removal in removals {
            self.remove_later(now, removal, effects);
        }
        for slot in rolled {
            let mut asked = Vec::new();
            if let State::Leading(partition) = &mut *slot.state() {
                partition.flush(&mut asked);
            }
            self.route(now, &slot, asked, effects);
        }
    }

    /// Has all logs forget the producers that have written nothing for long.
    fn expire_producers(&self, now: Now, effects: &mut Effects) {
        let patience = i64::try_from(self.effective.load().producer_expiration().as_millis());
        let oldest = now.wall.0.saturating_sub(patience.unwrap_or(i64::MAX)).saturating_add(1);
        let slots = self.slots.all();
        effects.push(Effect::Run(Job::new(Lane::Data, "expire producers", move || {
            for slot in slots {
                match &mut *slot.state() {
                    State::Leading(partition) => {
                        partition.log_mut().expire_producers(Timestamp(oldest));
                    }
                    State::Idle(log) => log.expire_producers(Timestamp(oldest)),
                    State::Away | State::Failed => {}
                }
            }
            Completion(Finished::Nothing)
        })));
    }

    /// Has a partition flushed at some time.
    pub(crate) fn flush_at(&self, at: Instant, id: TopicIdPartition, effects: &mut Effects) {
        self.flushes.inner().insert((at, id));
        self.deadlines.add(at, FLUSHES, effects);
    }

    /// Flushes the partitions whose time has come.
    pub(crate) fn flush_by_age(&self, now: Now, effects: &mut Effects) {
        let due: Vec<_> =
            self.flushes.inner().extract_if(.., |(at, _)| *at <= now.instant).collect();
        for (_, id) in due {
            let Some(slot) = self.slots.find(id) else { continue };
            let mut asked = Vec::new();
            if let State::Leading(partition) = &mut *slot.state() {
                partition.flush_by_age(now.instant, &mut asked);
            }
            self.route(now, &slot, asked, effects);
        }
    }

    fn remove_files(&self, now: Now, effects: &mut Effects) {
        let mut removals = self.removals.inner();
        for (_, removal) in removals.extract_if(.., |(at, _)| *at <= now.instant) {
            effects.push(Effect::Run(Job::new(Lane::Data, "remove files", move || {
                if let Err(error) = removal.run() {
                    tracing::warn!(?removal, %error, "left files behind");
                }
                Completion(Finished::Nothing)
            })));
        }
    }
}

/// Takes old segments out of one log; their files are to be removed later.
fn retain(now: Now, slot: &Slot) -> Option<Removal> {
    let mut state = slot.state();
    let State::Leading(partition) = &mut *state else { return None };
    let upper = partition.high_watermark();
    let removal = partition.log_mut().apply_retention(upper, now);
    removal.unwrap_or_else(|error| {
        tracing::error!(partition = %slot.name, %error, "failed to apply retention");
        None
    })
}

/// Ends the last segment of a log that is to be compacted, if it has been open for long; whether it
/// did. Compaction leaves the last segment alone, and nobody else ends that of a quiet log.
fn roll(now: Now, slot: &Slot) -> bool {
    let mut state = slot.state();
    let State::Leading(partition) = &mut *state else { return false };
    if !partition.log().config().cleanup_policy.compact {
        return false;
    }
    partition.log_mut().roll_if_due(now).unwrap_or_else(|error| {
        tracing::error!(partition = %slot.name, %error, "failed to begin a segment");
        false
    })
}
