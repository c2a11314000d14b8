//! A checkpoint file of the data folder: one offset for each partition.
//!
//! The file is replaced as a whole, by one writer at a time and only when it changes. Who writes
//! collects the offsets when it is his turn, so that nothing older ever replaces what is newer.

use std::sync::{Mutex, MutexGuard};

use storage::{DataFolder, DiskError, PartitionOffsets};
use types::{Offset, TopicPartition};

/// What the offsets of a file mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// From where on logs have to be recovered after a crash.
    RecoveryPoints,
    /// Where logs begin.
    LogStarts,
    /// Up to where logs were known to be replicated.
    HighWatermarks,
    /// Up to where logs were compacted.
    Cleaned,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Kind; 4] =
        [Kind::RecoveryPoints, Kind::LogStarts, Kind::HighWatermarks, Kind::Cleaned];
}

/// One of the files.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    kind: Kind,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    offsets: PartitionOffsets,
    /// The file says so; after a failed write that is unknown.
    is_certain: bool,
}

impl Checkpoint {
    /// Reads a file.
    pub(crate) fn read(folder: &DataFolder, kind: Kind) -> Result<Checkpoint, DiskError> {
        let offsets = match kind {
            Kind::RecoveryPoints => folder.recovery_points(),
            Kind::LogStarts => folder.start_offsets(),
            Kind::HighWatermarks => folder.high_watermarks(),
            Kind::Cleaned => folder.cleaned_offsets(),
        };
        let written = Written { offsets: offsets?, is_certain: true };
        Ok(Checkpoint { kind, written: Mutex::new(written) })
    }

    /// What is written down for a partition; 0 when there is nothing.
    pub(crate) fn of(&self, partition: &TopicPartition) -> Offset {
        self.find(partition).unwrap_or_default()
    }

    /// What is written down for a partition.
    pub(crate) fn find(&self, partition: &TopicPartition) -> Option<Offset> {
        self.written().offsets.get(partition).copied()
    }

    /// Replaces what is written down, durably, by what `collect` makes of it.
    pub(crate) fn update(
        &self,
        folder: &DataFolder,
        collect: impl FnOnce(&PartitionOffsets) -> PartitionOffsets,
    ) -> Result<(), DiskError> {
        let mut written = self.written();
        let offsets = collect(&written.offsets);
        if written.is_certain && offsets == written.offsets {
            return Ok(());
        }
        written.offsets = offsets;
        self.write(folder, &mut written)
    }

    /// Writes down, durably, that nothing is known of a partition. A log that begins anew must not
    /// be taken for one of the same name that was deleted.
    pub(crate) fn forget(
        &self,
        folder: &DataFolder,
        partition: &TopicPartition,
    ) -> Result<(), DiskError> {
        let mut written = self.written();
        let was_known = written.offsets.remove(partition).is_some();
        if written.is_certain && !was_known {
            return Ok(());
        }
        self.write(folder, &mut written)
    }

    /// Writes down, durably, that a partition's offset is less than it was.
    pub(crate) fn lower(
        &self,
        folder: &DataFolder,
        partition: &TopicPartition,
        most: Offset,
    ) -> Result<(), DiskError> {
        let mut written = self.written();
        match written.offsets.get_mut(partition) {
            Some(offset) if *offset > most => *offset = most,
            Some(_) | None => return Ok(()),
        }
        self.write(folder, &mut written)
    }

    fn write(&self, folder: &DataFolder, written: &mut Written) -> Result<(), DiskError> {
        written.is_certain = false;
        match self.kind {
            Kind::RecoveryPoints => folder.write_recovery_points(&written.offsets),
            Kind::LogStarts => folder.write_start_offsets(&written.offsets),
            Kind::HighWatermarks => folder.write_high_watermarks(&written.offsets),
            Kind::Cleaned => folder.write_cleaned_offsets(&written.offsets),
        }?;
        written.is_certain = true;
        Ok(())
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().expect("no thread panics while it writes a checkpoint")
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use runtime::{Disk, simulated::SimDisk};
    use types::{PartitionIndex, TopicName};

    use super::*;

    const FILE: &str = "data/log-start-offset-checkpoint";

    #[test]
    fn a_checkpoint_that_did_not_change_is_not_written_again() {
        let (disk, folder, checkpoint) = opened();
        let offsets = PartitionOffsets::from([(partition(0), Offset(5))]);
        checkpoint.update(&folder, |_| offsets.clone()).unwrap();
        assert!(disk.exists(Path::new(FILE)));
        disk.remove_file(Path::new(FILE)).unwrap();
        checkpoint.update(&folder, PartitionOffsets::clone).unwrap();
        assert!(!disk.exists(Path::new(FILE)));
        checkpoint.forget(&folder, &partition(0)).unwrap();
        assert!(disk.exists(Path::new(FILE)));
    }

    #[test]
    fn after_a_failed_write_the_same_offsets_are_written_again() {
        let (disk, folder, checkpoint) = opened();
        let offsets = PartitionOffsets::from([(partition(0), Offset(5))]);
        disk.fail_sync_after(0);
        checkpoint.update(&folder, |_| offsets.clone()).unwrap_err();
        checkpoint.update(&folder, PartitionOffsets::clone).unwrap();
        let after = DataFolder::open(Arc::new(disk.crash()), Path::new("data")).unwrap();
        assert_eq!(after.start_offsets().unwrap(), offsets);
    }

    #[test]
    fn an_offset_is_lowered_but_never_raised() {
        let (_disk, folder, checkpoint) = opened();
        let offsets = PartitionOffsets::from([(partition(0), Offset(5))]);
        checkpoint.update(&folder, |_| offsets).unwrap();
        checkpoint.lower(&folder, &partition(0), Offset(7)).unwrap();
        assert_eq!(checkpoint.of(&partition(0)), Offset(5));
        checkpoint.lower(&folder, &partition(0), Offset(3)).unwrap();
        checkpoint.lower(&folder, &partition(1), Offset(3)).unwrap();
        let written = folder.start_offsets().unwrap();
        assert_eq!(written, PartitionOffsets::from([(partition(0), Offset(3))]));
    }

    fn opened() -> (SimDisk, DataFolder, Checkpoint) {
        let disk = SimDisk::new(1);
        disk.create_folder(Path::new("data")).unwrap();
        disk.sync_folder(Path::new("/")).unwrap();
        let folder = DataFolder::open(Arc::new(disk.clone()), Path::new("data")).unwrap();
        let checkpoint = Checkpoint::read(&folder, Kind::LogStarts).unwrap();
        (disk, folder, checkpoint)
    }

    fn partition(number: i32) -> TopicPartition {
        let topic = TopicName::parse("chat").unwrap();
        TopicPartition { topic, partition: PartitionIndex(number) }
    }
}
