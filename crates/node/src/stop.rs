//! Stopping in good order.

use std::sync::{Arc, atomic::Ordering};

use storage::{Log, PartitionOffsets};
use types::{BrokerEpoch, Now, TopicPartition};

use crate::{
    Node,
    answer::PartitionError,
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
        self.openings.hold(Effect::Control(Command::Stop), effects);
    }

    /// The quorum is left: the partitions' logs are next.
    pub(crate) fn close_logs(&self, metadata: Result<(), String>, effects: &mut Effects) {
        let slots = self.slots.all();
        let mut logs = Vec::with_capacity(slots.len());
        let mut asked = Vec::new();
        for slot in slots {
            if let Some(log) = self.take_log(&slot, effects) {
                logs.push((slot.name.clone(), log));
            } else {
                asked.push(slot.name.clone());
            }
        }
        let (folder, epoch) = (Arc::clone(&self.folder), self.own_epoch());
        effects.push(Effect::Run(Job::new(Lane::Data, "close the logs", move || {
            let outcome = metadata.and_then(|()| close(&folder, epoch, logs, &asked));
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

/// Closes logs; only when all of them were, the next start may trust what it finds.
fn close(
    folder: &DataFolder,
    epoch: BrokerEpoch,
    logs: Vec<(TopicPartition, Log)>,
    missing: &[TopicPartition],
) -> Result<(), String> {
    let (mut recovery_points, mut start_offsets) =
        (PartitionOffsets::new(), PartitionOffsets::new());
    let unopened = folder.unopened();
    let mut missing_at_all = missing.iter().chain(&unopened);
    let mut failure = missing_at_all.next().map(|name| format!("the log of {name} is not open"));
    for (name, mut log) in logs {
        if let Err(error) = log.close_cleanly() {
            failure = Some(format!("{name}: {error}"));
        }
        start_offsets.insert(name.clone(), log.start_offset());
        recovery_points.insert(name, log.recovery_point());
    }
    folder
        .write_checkpoints(recovery_points, start_offsets, missing)
        .map_err(|error| error.to_string())?;
    match failure {
        None => folder.write_clean_shutdown(epoch).map_err(|error| error.to_string()),
        Some(failure) => Err(failure),
    }
}
