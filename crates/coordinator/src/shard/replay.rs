//! What the records of the log make of a shard.
//!
//! The same code reads the log when the shard is loaded and hears that records have been written,
//! so that a shard that loads the log is like the one that wrote it.

use protocol::records::{
    BatchView, DecompressError, Record, RecordError as BatchError,
    control::{ControlRecord, ControlRecordError},
};
use types::{Offset, PlantedBug, ProducerId};

use super::Shard;
use crate::{
    group::Membership,
    groups::GroupNumber,
    offsets::Stored,
    records::{
        GroupMetadataKey, GroupMetadataValue, GroupRecord, OffsetCommitKey, OffsetCommitValue,
        RecordError,
    },
    request::GroupPartition,
};

/// How much memory the records of one batch may take.
const BATCH_SIZE_MAX: usize = 64 << 20;

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Replayed {
    /// How many records were read, those included that are passed over.
    pub records: usize,
    /// How many records could not be read. All others count.
    pub damaged: usize,
    /// The first of those.
    pub fault: Option<Fault>,
}

/// What is wrong in a batch, and where.
#[derive(Debug, thiserror::Error)]
#[error("the record at offset {offset} cannot be read")]
pub struct Fault {
    /// Where it is.
    pub offset: Offset,
    /// What is wrong with it.
    #[source]
    pub reason: FaultReason,
}

/// What can be wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum FaultReason {
    /// The checksum of the batch is of other bytes.
    #[error("the checksum of its batch is of other bytes")]
    Checksum,
    /// The records of the batch cannot be decompressed.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// The batch does not hold the records it says.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// It is no record of a group.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It is no control record.
    #[error(transparent)]
    Control(#[from] ControlRecordError),
}

impl Replayed {
    /// A batch that says that it holds nothing held something, or it would not be damaged.
    fn damaged(&mut self, count: usize, offset: Offset, reason: impl Into<FaultReason>) {
        self.damaged += count.max(1);
        self.fault.get_or_insert_with(|| Fault { offset, reason: reason.into() });
    }
}

impl Shard {
    /// Reads the next batch of the log. What cannot be read is counted and left out; whatever
    /// stands beside it counts.
    pub fn replay(&mut self, batch: &BatchView<'_>) -> Replayed {
        let mut replayed = Replayed::default();
        let count = usize::try_from(batch.count()).unwrap_or(0);
        if !batch.crc_is_valid() {
            replayed.damaged(count, batch.base_offset(), FaultReason::Checksum);
            return replayed;
        }
        let payload = match batch.payload(BATCH_SIZE_MAX) {
            Ok(payload) => payload,
            Err(error) => {
                replayed.damaged(count, batch.base_offset(), error);
                return replayed;
            }
        };
        let mut next = batch.base_offset();
        for record in payload.records() {
            match record {
                Ok(record) => {
                    next = Offset(record.offset.0.saturating_add(1));
                    self.replay_record(batch, &record, &mut replayed);
                }
                // Where the next record begins nobody knows, so the rest of the batch is lost.
                Err(error) => {
                    let rest = count.saturating_sub(replayed.records + replayed.damaged);
                    replayed.damaged(rest, next, error);
                }
            }
        }
        replayed
    }

    fn replay_record(
        &mut self,
        batch: &BatchView<'_>,
        record: &Record<'_>,
        replayed: &mut Replayed,
    ) {
        if batch.is_control() {
            match ControlRecord::decode(record) {
                Ok(control) => self.end_transaction(batch.producer_id(), control.as_ref()),
                Err(error) => return replayed.damaged(1, record.offset, error),
            }
        } else {
            match GroupRecord::decode(record.key, record.value) {
                Ok(Some(GroupRecord::Offset(key, Some(value)))) if batch.is_transactional() => {
                    self.leave_undecided(batch.producer_id(), key, &value);
                }
                Ok(Some(GroupRecord::Offset(..)))
                    if PlantedBug::ForgetCommittedOffsets.is_planted() => {}
                Ok(Some(record)) => self.apply(record),
                Ok(None) => {}
                Err(error) => return replayed.damaged(1, record.offset, error),
            }
        }
        replayed.records += 1;
    }

    fn end_transaction(&mut self, producer: ProducerId, control: Option<&ControlRecord>) {
        match control {
            Some(ControlRecord::Commit(_)) => self.offsets.commit_transaction(producer),
            Some(ControlRecord::Abort(_)) => self.offsets.abort_transaction(producer),
            Some(
                ControlRecord::LeaderChange(_)
                | ControlRecord::SnapshotHeader(_)
                | ControlRecord::SnapshotFooter(_)
                | ControlRecord::KRaftVersion(_)
                | ControlRecord::Voters(_),
            )
            | None => {}
        }
    }

    fn leave_undecided(
        &mut self,
        producer: ProducerId,
        key: OffsetCommitKey,
        value: &OffsetCommitValue,
    ) {
        let (number, partition) = self.place_of(key);
        self.offsets.put_undecided(producer, number, &partition, Stored::read(value));
    }

    /// A record is in the log.
    pub(super) fn apply(&mut self, record: GroupRecord) {
        match record {
            GroupRecord::Offset(key, Some(value)) => {
                let (number, partition) = self.place_of(key);
                self.offsets.put(number, &partition, Stored::read(&value));
            }
            GroupRecord::Offset(key, None) => {
                let Some(number) = self.groups.number(&key.group) else { return };
                self.offsets.remove(number, &partition_of(key));
            }
            GroupRecord::Group(key, Some(value)) => self.load_group(&key, value),
            GroupRecord::Group(key, None) => self.forget_group(&key),
        }
    }

    /// Where a committed offset belongs: with it, its group exists.
    fn place_of(&mut self, key: OffsetCommitKey) -> (GroupNumber, GroupPartition) {
        let number = self.groups.number_or_new(&key.group);
        self.groups.get_mut(number).is_written = true;
        (number, partition_of(key))
    }

    fn load_group(&mut self, key: &GroupMetadataKey, value: GroupMetadataValue) {
        let number = self.groups.number_or_new(&key.group);
        let group = self.groups.get_mut(number);
        group.is_written = true;
        group.membership = Some(Box::new(Membership::loaded(value.into())));
    }

    /// The group is gone; offsets that have no tombstones of their own stay.
    fn forget_group(&mut self, key: &GroupMetadataKey) {
        let Some(number) = self.groups.number(&key.group) else { return };
        let has_offsets = !self.offsets.has_none_of(number);
        let group = self.groups.get_mut(number);
        group.membership = None;
        group.is_ending = false;
        group.is_written = has_offsets;
        self.groups.set_timer(number);
        self.drop_if_gone(number);
    }
}

fn partition_of(key: OffsetCommitKey) -> GroupPartition {
    GroupPartition { topic: key.topic, partition: key.partition.into() }
}
