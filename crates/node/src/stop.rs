//! Stopping in good order.

use std::sync::{Arc, atomic::Ordering};

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
        self.openings.hold(Effect::Control(Command::Stop), effects);
    }

    /// The quorum is left: the partitions' logs are next.
    pub(crate) fn close_logs(&self, metadata: Result<(), String>, effects: &mut Effects) {
        let mut closing = Closing::default();
        for slot in self.slots.all() {
            match self.take_log(&slot, effects) {
                Some(log) => closing.logs.push((slot, log)),
                None => closing.missing.push(slot.name.clone()),
            }
        }
        let (folder, epoch) = (Arc::clone(&self.folder), self.own_epoch());
        effects.push(Effect::Run(Job::new(Lane::Data, "close the logs", move || {
            let outcome = metadata.and_then(|()| closing.close(&folder, epoch));
            Completion(Finished::Stopped(outcome))
        })));
    }

    fn take_log(&self, slot: &Arc<Slot>, effects: &mut Effects) -> Option<Log> {
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
        self.route(slot, asked, effects);
        log
    }

    fn own_epoch(&self) -> BrokerEpoch {
        let own = self.image().brokers.get(self.config.broker).map(|own| own.epoch);
        own.unwrap_or(BrokerEpoch(-1))
    }
}

/// The logs that were taken from their partitions, and the partitions that had none.
#[derive(Default)]
struct Closing {
    logs: Vec<(Arc<Slot>, Log)>,
    missing: Vec<TopicPartition>,
}

impl Closing {
    /// Closes the logs; only when all of them were, the next start may trust what it finds.
    fn close(mut self, folder: &DataFolder, epoch: BrokerEpoch) -> Result<(), String> {
        let unopened = folder.unopened();
        let mut missing = self.missing.iter().chain(&unopened);
        let mut failure = missing.next().map(|name| format!("the log of {name} is not open"));
        for (slot, log) in &mut self.logs {
            if let Err(error) = log.close_cleanly() {
                failure = Some(format!("{}: {error}", slot.name));
            }
        }
        for kind in Kind::ALL {
            folder
                .update_checkpoint(kind, |written, unopened| self.offsets(kind, written, unopened))
                .map_err(|error| error.to_string())?;
        }
        match failure {
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
