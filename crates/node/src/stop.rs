//! Stopping in good order.
//!
//! The logs are closed side by side: most of the time of each goes by while the disk makes it
//! durable. When the last one is closed, what the next start has to know is written down.

use std::sync::{Arc, Mutex, MutexGuard, atomic::Ordering};

use storage::{Log, PartitionOffsets};
use types::{BrokerEpoch, Now, TopicPartition};

use crate::{
    Node,
    answer::PartitionError,
    checkpoint::Kind,
    checkpoints,
    control::Command,
    data_folder::DataFolder,
    effect::{Completion, Effect, Effects, Finished, Job, Lane},
    slots::{Slot, State},
};

impl Node {
    /// Begins to stop: nothing is served from here on. [`Effect::Stopped`] says when every log is
    /// closed in good order, so that the next start has nothing to recover.
    ///
    /// Logs that are being opened are waited for: one that is not open cannot be closed.
    pub fn stop(&self, _now: Now, effects: &mut Effects) {
        self.stopping.store(true, Ordering::Relaxed);
        self.cleaner.stop();
        self.close_groups(effects);
        self.openings.hold(Effect::Control(Command::Stop), effects);
    }

    /// The quorum is left: the partitions' logs are next.
    pub(crate) fn close_logs(&self, now: Now, metadata: Result<(), String>, effects: &mut Effects) {
        let mut closing = Closing { failure: metadata.err(), ..Closing::default() };
        let mut taken = Vec::new();
        for slot in self.slots.all() {
            match self.take_log(now, &slot, effects) {
                Some(log) => taken.push((slot, log)),
                None => closing.missing.push(slot.name.clone()),
            }
        }
        closing.open = taken.len();
        *self.closing.inner() = closing;
        if taken.is_empty() {
            return self.finish_closing(effects);
        }
        for (slot, mut log) in taken {
            effects.push(Effect::Run(Job::new(Lane::Data, "close a log", move || {
                let outcome = log.close_cleanly().map_err(|error| error.to_string());
                Completion(Finished::LogClosed { slot, log: Box::new(log), failure: outcome.err() })
            })));
        }
    }

    /// A log is closed, or could not be.
    pub(crate) fn log_closed(
        &self,
        slot: Arc<Slot>,
        log: Log,
        failure: Option<String>,
        effects: &mut Effects,
    ) {
        let is_last = {
            let mut closing = self.closing.inner();
            if let Some(error) = failure {
                closing.failure.get_or_insert_with(|| format!("{}: {error}", slot.name));
            }
            closing.logs.push((slot, log));
            closing.open -= 1;
            closing.open == 0
        };
        if is_last {
            self.finish_closing(effects);
        }
    }

    /// Has written down what was closed.
    fn finish_closing(&self, effects: &mut Effects) {
        let closing = std::mem::take(&mut *self.closing.inner());
        let (folder, epoch) = (Arc::clone(&self.folder), self.own_epoch());
        effects.push(Effect::Run(Job::new(Lane::Data, "write down what is closed", move || {
            Completion(Finished::Stopped(closing.write_down(&folder, epoch)))
        })));
    }

    fn take_log(&self, now: Now, slot: &Arc<Slot>, effects: &mut Effects) -> Option<Log> {
        let mut asked = Vec::new();
        let state = std::mem::replace(&mut *slot.state(), State::Away);
        let log = match state {
            State::Leading(mut partition) => {
                let error = PartitionError::NotLeader(self.leader_of(slot.id));
                partition.resign(&error.into(), &mut asked);
                slot.set_replicated(partition.high_watermark());
                Some(partition.into_log())
            }
            State::Idle(log) => Some(*log),
            State::Away | State::Failed => None,
        };
        self.route(now, slot, asked, effects);
        log
    }

    fn own_epoch(&self) -> BrokerEpoch {
        let own = self.image().brokers.get(self.config.broker).map(|own| own.epoch);
        own.unwrap_or(BrokerEpoch(-1))
    }
}

/// How far a stop has come.
#[derive(Debug, Default)]
pub(crate) struct Closings(Mutex<Closing>);

impl Closings {
    fn inner(&self) -> MutexGuard<'_, Closing> {
        self.0.lock().expect("no thread panics while it holds the logs that are closed")
    }
}

/// The logs that are closed, and the partitions that had none.
#[derive(Debug, Default)]
struct Closing {
    /// So many are not closed yet.
    open: usize,
    logs: Vec<(Arc<Slot>, Log)>,
    missing: Vec<TopicPartition>,
    /// What went wrong.
    failure: Option<String>,
}

impl Closing {
    /// Writes down where the logs end; only when all of them were closed, the next start may trust
    /// what it finds.
    fn write_down(&self, folder: &DataFolder, epoch: BrokerEpoch) -> Result<(), String> {
        let unopened = folder.unopened();
        let missing = self.missing.iter().chain(&unopened).next();
        let missing = missing.map(|name| format!("the log of {name} is not open"));
        for kind in Kind::ALL {
            folder
                .update_checkpoint(kind, |written, unopened| self.offsets(kind, written, unopened))
                .map_err(|error| error.to_string())?;
        }
        match self.failure.clone().or(missing) {
            None => folder.write_clean_shutdown(epoch).map_err(|error| error.to_string()),
            Some(failure) => Err(failure),
        }
    }

    fn offsets(
        &self,
        kind: Kind,
        written: &PartitionOffsets,
        unopened: &[TopicPartition],
    ) -> PartitionOffsets {
        let mut offsets = checkpoints::kept(written, unopened.iter().chain(&self.missing));
        offsets.extend(self.logs.iter().filter_map(|(slot, log)| {
            let offset = match kind {
                Kind::RecoveryPoints => Some(log.recovery_point()),
                Kind::LogStarts => log.start_to_note(),
                Kind::HighWatermarks => Some(slot.replicated()),
                Kind::Cleaned => log.cleaned_to_note(),
            };
            Some((slot.name.clone(), offset?))
        }));
        offsets
    }
}
