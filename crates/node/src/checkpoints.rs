//! What the checkpoint files shall say, and when they are written: now and then, and at the stop.

use std::sync::Arc;

use storage::PartitionOffsets;
use types::{Offset, TopicPartition};

use crate::{
    Node,
    checkpoint::Kind,
    effect::{Completion, Effect, Effects, Finished, Job, Lane},
    slots::{Slots, State},
};

/// What is known of one partition.
enum Known {
    /// It belongs into the file.
    Offset(Offset),
    /// It needs no line in the file.
    Nothing,
    /// What the file says stays true.
    Unchanged,
}

impl Node {
    /// Has some of the files written, on the pool.
    pub(crate) fn write_checkpoints(&self, kinds: Vec<Kind>, effects: &mut Effects) {
        let (folder, slots) = (Arc::clone(&self.folder), Arc::clone(&self.slots));
        effects.push(Effect::Run(Job::new(Lane::Data, "write checkpoints", move || {
            for kind in kinds {
                let outcome = folder.update_checkpoint(kind, |written, unopened| {
                    collect(kind, written, unopened, &slots)
                });
                if let Err(error) = outcome {
                    tracing::error!(%error, "failed to write a checkpoint");
                }
            }
            Completion(Finished::Nothing)
        })));
    }
}

/// What a file shall say, given what it says.
///
/// `unopened` was looked up before the slots are: a log is in one of them at any time.
pub(crate) fn collect(
    kind: Kind,
    written: &PartitionOffsets,
    unopened: &[TopicPartition],
    slots: &Slots,
) -> PartitionOffsets {
    let mut offsets = kept(written, unopened);
    for slot in slots.all() {
        let known = known(kind, &slot.state());
        let offset = match known {
            Known::Offset(offset) => Some(offset),
            Known::Nothing => None,
            Known::Unchanged => written.get(&slot.name).copied(),
        };
        if let Some(offset) = offset {
            offsets.insert(slot.name.clone(), offset);
        }
    }
    offsets
}

/// What is written of these partitions.
pub(crate) fn kept<'a>(
    written: &PartitionOffsets,
    names: impl IntoIterator<Item = &'a TopicPartition>,
) -> PartitionOffsets {
    let of = |name: &TopicPartition| Some((name.clone(), *written.get(name)?));
    names.into_iter().filter_map(of).collect()
}

fn known(kind: Kind, state: &State) -> Known {
    let log = match state {
        State::Leading(partition) if kind == Kind::HighWatermarks => {
            return Known::Offset(partition.high_watermark());
        }
        State::Leading(partition) => partition.log(),
        State::Idle(log) => log,
        State::Away | State::Failed => return Known::Unchanged,
    };
    match kind {
        Kind::RecoveryPoints => Known::Offset(log.recovery_point()),
        Kind::LogStarts => log.start_to_note().map_or(Known::Nothing, Known::Offset),
        Kind::HighWatermarks => Known::Unchanged,
        Kind::Cleaned => log.cleaned_to_note().map_or(Known::Nothing, Known::Offset),
    }
}
