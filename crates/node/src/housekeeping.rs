//! What is due from time to time: old segments, files out of use, flushes by age.

use std::sync::{Mutex, MutexGuard};

use storage::Removal;
use types::{Instant, Now};

use crate::{
    Node,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    slots::{Slot, State},
};

/// The ticket under which housekeeping waits; the shell never draws it.
pub(crate) const HOUSEKEEPING: Ticket = Ticket(u64::MAX);

/// Files that are out of use and the time at which they go.
#[derive(Debug, Default)]
pub(crate) struct Removals(Mutex<Vec<(Instant, Removal)>>);

impl Removals {
    fn inner(&self) -> MutexGuard<'_, Vec<(Instant, Removal)>> {
        self.0.lock().expect("no thread panics while it holds the removals")
    }
}

impl Node {
    /// Has files removed after the time that readers may go on using them.
    pub(crate) fn remove_later(&self, now: Now, removal: Removal, effects: &mut Effects) {
        let at = now.instant.after(removal.delay);
        self.removals.inner().push((at, removal));
        self.deadlines.add(at, HOUSEKEEPING, effects);
    }

    /// Asks to be woken for the next round.
    pub(crate) fn schedule_housekeeping(&self, now: Now, effects: &mut Effects) {
        let next = now.instant.after(self.config.retention_check_interval);
        self.deadlines.add(next, HOUSEKEEPING, effects);
    }

    /// Does what is due.
    pub(crate) fn keep_house(&self, now: Now, effects: &mut Effects) {
        self.remove_files(now, effects);
        let mut last_round = self.last_retention();
        if now.instant.since(*last_round) < self.config.retention_check_interval {
            return;
        }
        *last_round = now.instant;
        drop(last_round);
        for slot in self.slots.all() {
            self.apply_retention(now, &slot, effects);
        }
        self.schedule_housekeeping(now, effects);
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
