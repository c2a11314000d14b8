//! Logs that are being opened, and the answers that wait for them.
//!
//! A topic's creator shall be able to produce as soon as it is told that the topic exists.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use types::TopicIdPartition;

use crate::effect::{Effect, Effects, Ticket};

/// The ticket under which logs wait that a full disk kept from being opened.
pub(crate) const OPENINGS: Ticket = Ticket(u64::MAX - 4);

/// How long they wait.
pub(crate) const OPEN_AGAIN_PAUSE: Duration = Duration::from_secs(5);

/// Which logs are being opened.
#[derive(Debug, Default)]
pub(crate) struct Openings(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    pending: BTreeSet<TopicIdPartition>,
    /// Those that a full disk kept from being opened.
    unroomed: BTreeSet<TopicIdPartition>,
    waiting: Vec<(BTreeSet<TopicIdPartition>, Effect)>,
}

impl Openings {
    /// A log begins to be opened.
    pub(crate) fn begin(&self, partition: TopicIdPartition) {
        self.inner().pending.insert(partition);
    }

    /// The disk had no room to open a log: it shall be tried again.
    pub(crate) fn found_no_room(&self, partition: TopicIdPartition) {
        self.inner().unroomed.insert(partition);
    }

    /// The logs that shall be opened again.
    pub(crate) fn take_unroomed(&self) -> BTreeSet<TopicIdPartition> {
        std::mem::take(&mut self.inner().unroomed)
    }

    /// Holds an effect back until everything that is being opened at this moment is open.
    pub(crate) fn hold(&self, effect: Effect, effects: &mut Effects) {
        let mut inner = self.inner();
        if inner.pending.is_empty() {
            effects.push(effect);
        } else {
            let pending = inner.pending.clone();
            inner.waiting.push((pending, effect));
        }
    }

    /// A log is open, or could not be opened, or is no longer wanted.
    pub(crate) fn end(&self, partition: TopicIdPartition, effects: &mut Effects) {
        let mut inner = self.inner();
        inner.pending.remove(&partition);
        let waiting = std::mem::take(&mut inner.waiting);
        for (mut pending, effect) in waiting {
            pending.remove(&partition);
            if pending.is_empty() {
                effects.push(effect);
            } else {
                inner.waiting.push((pending, effect));
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no thread panics while it holds the openings")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{Instant, PartitionIndex, TopicId};

    fn partition(index: i32) -> TopicIdPartition {
        TopicIdPartition { topic: TopicId::default(), partition: PartitionIndex(index) }
    }

    #[test]
    fn an_effect_waits_for_the_logs_that_were_being_opened_when_it_came() {
        let (openings, mut effects) = (Openings::default(), Effects::new());
        openings.begin(partition(0));
        openings.begin(partition(1));
        openings.hold(Effect::WakeAt(Instant(7)), &mut effects);
        openings.begin(partition(2));
        openings.end(partition(0), &mut effects);
        assert!(effects.is_empty());
        openings.end(partition(1), &mut effects);
        assert!(matches!(effects[..], [Effect::WakeAt(Instant(7))]));
    }

    #[test]
    fn an_effect_waits_for_nothing_when_no_log_is_being_opened() {
        let (openings, mut effects) = (Openings::default(), Effects::new());
        openings.hold(Effect::Serving, &mut effects);
        assert!(matches!(effects[..], [Effect::Serving]));
    }
}
