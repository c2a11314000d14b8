//! Records that are to be written together.

use protocol::EncodeError;

use crate::{
    Record,
    records::{GroupMetadataKey, GroupRecord, OffsetCommitKey},
    request::GroupPartition,
};

/// How many tombstones one batch holds.
pub(super) const TOMBSTONES_MAX: usize = 1_000;
/// How many bytes of tombstones one batch holds: below every sensible limit of the topic.
const TOMBSTONE_BYTES_MAX: usize = 128 << 10;

/// Records, read and written.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) records: Vec<GroupRecord>,
    pub(super) encoded: Vec<Record>,
    size: usize,
}

impl Batch {
    /// One record more.
    ///
    /// # Errors
    /// When a text is too long for the wire.
    pub(super) fn push(&mut self, record: GroupRecord) -> Result<(), EncodeError> {
        let encoded = record.encode()?;
        self.size += encoded.key.len() + encoded.value.as_ref().map_or(0, |value| value.len());
        self.records.push(record);
        self.encoded.push(encoded);
        Ok(())
    }

    /// An offset is to be forgotten. What cannot be named in the log was never in it.
    pub(super) fn forget_offset(&mut self, group: &str, partition: GroupPartition) {
        let GroupPartition { topic, partition } = partition;
        let key = OffsetCommitKey { group: group.into(), topic, partition: partition.0 };
        let _ = self.push(GroupRecord::Offset(key, None));
    }

    /// A group is to be forgotten. What cannot be named in the log was never in it.
    pub(super) fn forget_group(&mut self, group: &str) {
        let _ = self.push(GroupRecord::Group(GroupMetadataKey { group: group.into() }, None));
    }

    /// Whether no further tombstone belongs into the batch.
    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= TOMBSTONES_MAX || self.size >= TOMBSTONE_BYTES_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}
