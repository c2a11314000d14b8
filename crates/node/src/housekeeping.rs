//! What is due from time to time: old segments, files out of use, flushes by age.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use storage::{PartitionOffsets, Removal};
use types::{Instant, Now, TopicIdPartition};

use crate::{
    Node,
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

/// When the last round of each kind was.
#[derive(Debug)]
pub(crate) struct Rounds {
    retention: Instant,
    checkpoints: Instant,
}

/// Which rounds are due.
struct Due {
    retention: bool,
    checkpoints: bool,
}

impl Rounds {
    pub(crate) fn new(now: Instant) -> Rounds {
        Rounds { retention: now, checkpoints: now }
    }

    fn take_due(&mut self, now: Instant, config: &Config) -> Due {
        let is_due = |last: &mut Instant, interval| {
            let is_due = now.since(*last) >= interval;
            if is_due {
                *last = now;
            }
            is_due
        };
        Due {
            retention: is_due(&mut self.retention, config.retention_check_interval),
            checkpoints: is_due(&mut self.checkpoints, config.checkpoint_interval),
        }
    }

    fn next(&self, config: &Config) -> Instant {
        let retention = self.retention.after(config.retention_check_interval);
        retention.min(self.checkpoints.after(config.checkpoint_interval))
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
        for interval in [self.config.retention_check_interval, self.config.checkpoint_interval] {
            self.deadlines.add(now.instant.after(interval), HOUSEKEEPING, effects);
        }
    }

    /// Does what is due.
    pub(crate) fn keep_house(&self, now: Now, effects: &mut Effects) {
        self.remove_files(now, effects);
        let due = self.rounds().take_due(now.instant, &self.config);
        if due.retention {
            for slot in self.slots.all() {
                self.apply_retention(now, &slot, effects);
            }
        }
        if due.checkpoints {
            self.write_checkpoints(effects);
        }
        if due.retention || due.checkpoints {
            let next = self.rounds().next(&self.config);
            self.deadlines.add(next, HOUSEKEEPING, effects);
        }
    }

    /// Writes down from where on logs have to be recovered, so that a crash costs little.
    fn write_checkpoints(&self, effects: &mut Effects) {
        let (mut recovery_points, mut starts) = (PartitionOffsets::new(), PartitionOffsets::new());
        let mut absent = Vec::new();
        for slot in self.slots.all() {
            let state = slot.state();
            let log = match &*state {
                State::Leading(partition) => partition.log(),
                State::Idle(log) => log,
                State::Away | State::Failed => {
                    absent.push(slot.name.clone());
                    continue;
                }
            };
            recovery_points.insert(slot.name.clone(), log.recovery_point());
            starts.insert(slot.name.clone(), log.start_offset());
        }
        let folder = Arc::clone(&self.folder);
        effects.push(Effect::Run(Job::new(Lane::Data, "write checkpoints", move || {
            if let Err(error) = folder.write_checkpoints(recovery_points, starts, &absent) {
                tracing::error!(%error, "failed to write the checkpoints");
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
            self.route(&slot, asked, effects);
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

    fn apply_retention(&self, now: Now, slot: &Slot, effects: &mut Effects) {
        let removal = {
            let mut state = slot.state();
            let State::Leading(partition) = &mut *state else { return };
            let upper = partition.high_watermark();
            partition.log_mut().apply_retention(upper, now)
        };
        match removal {
            Ok(Some(removal)) => self.remove_later(now, removal, effects),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(partition = %slot.name, %error, "failed to apply retention");
            }
        }
    }
}
