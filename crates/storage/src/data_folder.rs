//! The data folder of a broker (`log.dirs`): what is in it beside the logs themselves.
//!
//! One process holds it at a time. Its own files say whose it is, whether the last process ended in
//! good order and, for all logs together, from where on to recover and where records begin.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use runtime::{Disk, File, Space};
use types::{BrokerEpoch, TopicId, TopicPartition, Uuid};

use crate::{
    checkpoint::{PartitionOffsets, read_offsets, write_offsets},
    error::DiskError,
    log::Removal,
    meta_properties::{MetaProperties, MetaPropertiesError},
    names, partition_metadata,
};

const LOCK: &str = ".lock";
const META_PROPERTIES: &str = "meta.properties";
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
const START_OFFSETS: &str = "log-start-offset-checkpoint";
const CLEANED_OFFSETS: &str = "cleaner-offset-checkpoint";
/// None of our small files is larger.
const SMALL_FILE_MAX: u64 = 64 << 10;

/// A data folder that this process holds.
#[derive(Debug)]
pub struct DataFolder {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// Holds the folder until it is dropped.
    _lock: Arc<dyn File>,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process uses it.
    #[error("data folder {path} is in use by another process", path = .0.display())]
    InUse(PathBuf),
    /// Its `meta.properties` makes no sense.
    #[error("{path}: {error}", path = path.display())]
    MetaProperties {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: MetaPropertiesError,
    },
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// How the last process ended that did so in good order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanShutdown {
    /// The broker's epoch at that time, by which the controller knows that nothing was lost.
    pub broker_epoch: Option<BrokerEpoch>,
}

/// The folder of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionFolder {
    /// The partition by its name.
    pub partition: TopicPartition,
    /// The id in `partition.metadata`; none when a crash came before it was written.
    pub topic_id: Option<TopicId>,
    /// Where it is.
    pub path: PathBuf,
}

impl DataFolder {
    /// Takes hold of a folder, which is made when there is none.
    ///
    /// # Errors
    /// When another process holds it or the disk fails.
    pub fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<DataFolder, FolderError> {
        if !disk.exists(path) {
            create_durably(&*disk, path)?;
        }
        let file = path.join(LOCK);
        let lock = match disk.lock(&file) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(FolderError::InUse(path.to_owned()));
            }
            lock => lock.map_err(DiskError::at("lock", &file))?,
        };
        Ok(DataFolder { disk, path: path.to_owned(), _lock: lock })
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How much room there is on its volume.
    ///
    /// # Errors
    /// When the volume cannot be asked.
    pub fn space(&self) -> Result<Space, DiskError> {
        self.disk.space(&self.path).map_err(DiskError::at("ask for the room on", &self.path))
    }

    /// Whose folder it is; none when it was never formatted.
    ///
    /// # Errors
    /// When the disk fails or the file makes no sense.
    pub fn meta_properties(&self) -> Result<Option<MetaProperties>, FolderError> {
        let path = self.path.join(META_PROPERTIES);
        let Some(bytes) = self.read_small(&path)? else { return Ok(None) };
        let decoded = MetaProperties::decode(&bytes);
        decoded.map(Some).map_err(|error| FolderError::MetaProperties { path, error })
    }

    /// Formats the folder, durably.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_meta_properties(&self, properties: &MetaProperties) -> Result<(), DiskError> {
        self.replace(META_PROPERTIES, &properties.encode())
    }

    /// Notes that all logs were closed in good order.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_clean_shutdown(&self, broker_epoch: BrokerEpoch) -> Result<(), DiskError> {
        let content = format!("{{\"version\":0,\"brokerEpoch\":\"{broker_epoch}\"}}");
        self.replace(CLEAN_SHUTDOWN, &content)
    }

    /// Whether the last process closed all logs in good order. The note is taken away, durably: it
    /// does not speak for this process.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn take_clean_shutdown(&self) -> Result<Option<CleanShutdown>, DiskError> {
        let path = self.path.join(CLEAN_SHUTDOWN);
        let Some(bytes) = self.read_small(&path)? else { return Ok(None) };
        self.disk.remove_file(&path).map_err(DiskError::at("remove", &path))?;
        self.disk.sync_folder(&self.path).map_err(DiskError::at("sync", &self.path))?;
        Ok(Some(CleanShutdown { broker_epoch: broker_epoch_in(&bytes) }))
    }

    /// From where on each log is to be recovered.
    ///
    /// # Errors
    /// When the disk fails. A file that makes no sense counts as empty: everything is recovered.
    pub fn recovery_points(&self) -> Result<PartitionOffsets, DiskError> {
        self.read_checkpoint(RECOVERY_POINTS)
    }

    /// Replaces the recovery points of all logs.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_recovery_points(&self, offsets: &PartitionOffsets) -> Result<(), DiskError> {
        self.write_checkpoint(RECOVERY_POINTS, offsets)
    }

    /// Up to where each log was known to be replicated.
    ///
    /// # Errors
    /// When the disk fails. A file that makes no sense counts as empty.
    pub fn high_watermarks(&self) -> Result<PartitionOffsets, DiskError> {
        self.read_checkpoint(HIGH_WATERMARKS)
    }

    /// Replaces the high watermarks of all logs.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_high_watermarks(&self, offsets: &PartitionOffsets) -> Result<(), DiskError> {
        self.write_checkpoint(HIGH_WATERMARKS, offsets)
    }

    /// Where each log starts that does not start with its first segment.
    ///
    /// # Errors
    /// When the disk fails. A file that makes no sense counts as empty.
    pub fn start_offsets(&self) -> Result<PartitionOffsets, DiskError> {
        self.read_checkpoint(START_OFFSETS)
    }

    /// Replaces the start offsets of all logs.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_start_offsets(&self, offsets: &PartitionOffsets) -> Result<(), DiskError> {
        self.write_checkpoint(START_OFFSETS, offsets)
    }

    /// Up to where each compacted log was cleaned.
    ///
    /// # Errors
    /// When the disk fails. A file that makes no sense counts as empty: everything is cleaned anew.
    pub fn cleaned_offsets(&self) -> Result<PartitionOffsets, DiskError> {
        self.read_checkpoint(CLEANED_OFFSETS)
    }

    /// Replaces the offsets up to where logs were cleaned.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_cleaned_offsets(&self, offsets: &PartitionOffsets) -> Result<(), DiskError> {
        self.write_checkpoint(CLEANED_OFFSETS, offsets)
    }

    /// The folders of partitions, by name.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn partitions(&self) -> Result<Vec<PartitionFolder>, DiskError> {
        let mut found = Vec::new();
        for name in self.list()? {
            let Some(partition) = names::parse_partition(&name) else { continue };
            let path = self.path.join(name);
            let topic_id = self.topic_id(&path)?;
            found.push(PartitionFolder { partition, topic_id, path });
        }
        Ok(found)
    }

    /// The folders of deleted partitions that the last process did not come round to remove.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn leftovers(&self) -> Result<Vec<Removal>, DiskError> {
        let deleted = self.list()?.into_iter().filter(|name| names::is_deleted_partition(name));
        let removal =
            |name| Removal::of_folder(Arc::clone(&self.disk), self.path.join(name), Duration::ZERO);
        Ok(deleted.map(removal).collect())
    }

    /// Where the log of a partition is, or would be.
    #[must_use]
    pub fn partition_path(&self, partition: &TopicPartition) -> PathBuf {
        self.path.join(partition.to_string())
    }

    /// Makes the folder of a partition, or gives an existing one this id.
    ///
    /// It becomes durable with the first flush of the log: a folder without records that a crash
    /// takes is made again.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn create_partition(
        &self,
        partition: &TopicPartition,
        topic_id: TopicId,
    ) -> Result<PathBuf, DiskError> {
        let folder = self.partition_path(partition);
        self.disk.create_folder(&folder).map_err(DiskError::at("create", &folder))?;
        let path = folder.join(names::PARTITION_METADATA);
        let content = partition_metadata::encode(topic_id);
        let file = self.disk.create(&path).map_err(DiskError::at("create", &path))?;
        file.write_all_at(content.as_bytes(), 0).map_err(DiskError::at("write", &path))?;
        Ok(folder)
    }

    /// Sets the folder of a partition aside that the cluster does not know, as Kafka does: its
    /// records may still be wanted, its name is free. The id makes the new name unique.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn set_aside(&self, folder: &PartitionFolder, id: Uuid) -> Result<PathBuf, DiskError> {
        let name = names::of_stray_partition(&folder.partition.to_string(), id);
        let aside = self.path.join(name);
        let path = &folder.path;
        self.disk.rename(path, &aside).map_err(DiskError::at("rename", path))?;
        self.disk.sync_folder(&self.path).map_err(DiskError::at("sync", &self.path))?;
        Ok(aside)
    }

    fn topic_id(&self, folder: &Path) -> Result<Option<TopicId>, DiskError> {
        let path = folder.join(names::PARTITION_METADATA);
        let Some(bytes) = self.read_small(&path)? else { return Ok(None) };
        Ok(partition_metadata::decode(&bytes))
    }

    fn list(&self) -> Result<Vec<String>, DiskError> {
        self.disk.list(&self.path).map_err(DiskError::at("list", &self.path))
    }

    fn read_small(&self, path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
        match self.disk.read(path, SMALL_FILE_MAX) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(DiskError::at("read", path)),
        }
    }

    fn replace(&self, name: &str, content: &str) -> Result<(), DiskError> {
        let path = self.path.join(name);
        self.disk.replace(&path, content.as_bytes()).map_err(DiskError::at("write", &path))
    }

    fn read_checkpoint(&self, name: &str) -> Result<PartitionOffsets, DiskError> {
        let path = self.path.join(name);
        match read_offsets(&*self.disk, &path) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(path = %path.display(), %error, "ignoring a checkpoint");
                Ok(PartitionOffsets::new())
            }
            read => read.map_err(DiskError::at("read", &path)),
        }
    }

    fn write_checkpoint(&self, name: &str, offsets: &PartitionOffsets) -> Result<(), DiskError> {
        let path = self.path.join(name);
        write_offsets(&*self.disk, &path, offsets).map_err(DiskError::at("write", &path))
    }
}

/// Makes a folder and those above it; a power cut must not take what is durable in it with its name.
fn create_durably(disk: &dyn Disk, path: &Path) -> Result<(), DiskError> {
    let missing: Vec<_> = path.ancestors().take_while(|one| !disk.exists(one)).collect();
    disk.create_folder(path).map_err(DiskError::at("create", path))?;
    for parent in missing.iter().filter_map(|one| one.parent()) {
        disk.sync_folder(parent).map_err(DiskError::at("sync", parent))?;
    }
    Ok(())
}

/// The epoch in the JSON of a clean shutdown; older files are empty.
fn broker_epoch_in(bytes: &[u8]) -> Option<BrokerEpoch> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, behind) = text.split_once("\"brokerEpoch\"")?;
    let number = behind.trim_start_matches([':', ' ', '"']);
    let end = number.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok().map(BrokerEpoch)
}

#[cfg(test)]
mod tests {
    use runtime::SystemDisk;
    use types::{BrokerId, DirectoryId, Offset, PartitionIndex, TopicName};

    use super::*;

    #[test]
    fn one_process_holds_the_folder() {
        let (temporary, folder) = opened();
        let again = DataFolder::open(Arc::new(SystemDisk), temporary.path());
        assert!(matches!(again, Err(FolderError::InUse(_))));
        drop(folder);
        DataFolder::open(Arc::new(SystemDisk), temporary.path()).unwrap();
    }

    #[test]
    fn a_fresh_folder_says_nothing_and_a_formatted_one_whose_it_is() {
        let (_temporary, folder) = opened();
        assert_eq!(folder.meta_properties().unwrap(), None);
        let properties = MetaProperties {
            cluster_id: "AAAAAAAAAAAAAAAAAAAAAg".to_owned(),
            node_id: BrokerId(1),
            directory_id: Some(DirectoryId(Uuid::from_u128(3))),
        };
        folder.write_meta_properties(&properties).unwrap();
        assert_eq!(folder.meta_properties().unwrap(), Some(properties));
    }

    #[test]
    fn the_note_of_a_clean_shutdown_is_good_for_one_start() {
        let (_temporary, folder) = opened();
        folder.write_clean_shutdown(BrokerEpoch(42)).unwrap();
        let taken = folder.take_clean_shutdown().unwrap();
        assert_eq!(taken, Some(CleanShutdown { broker_epoch: Some(BrokerEpoch(42)) }));
        assert_eq!(folder.take_clean_shutdown().unwrap(), None);
        assert_eq!(broker_epoch_in(b"{\"version\":0,\"brokerEpoch\":7}"), Some(BrokerEpoch(7)));
        assert_eq!(broker_epoch_in(b""), None);
    }

    #[test]
    fn partitions_are_found_with_their_topic_ids_and_deleted_ones_apart() {
        let (temporary, folder) = opened();
        let topic_id = TopicId(Uuid::from_u128(77));
        let path = folder.create_partition(&partition(3), topic_id).unwrap();
        std::fs::create_dir(temporary.path().join("chat-4")).unwrap();
        std::fs::create_dir(temporary.path().join("chat-5.0f-delete")).unwrap();

        let found = folder.partitions().unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0],
            PartitionFolder { partition: partition(3), topic_id: Some(topic_id), path }
        );
        assert_eq!(found[1].topic_id, None);
        for removal in folder.leftovers().unwrap() {
            removal.run().unwrap();
        }
        assert!(!temporary.path().join("chat-5.0f-delete").exists());

        let aside = folder.set_aside(&found[1], Uuid::from_u128(1)).unwrap();
        assert!(aside.exists());
        assert_eq!(folder.partitions().unwrap().len(), 1);
    }

    #[test]
    fn checkpoints_are_read_back_and_damaged_ones_count_as_empty() {
        let (temporary, folder) = opened();
        let offsets = PartitionOffsets::from([(partition(0), Offset(5))]);
        assert!(folder.recovery_points().unwrap().is_empty());
        folder.write_recovery_points(&offsets).unwrap();
        folder.write_high_watermarks(&offsets).unwrap();
        folder.write_start_offsets(&offsets).unwrap();
        folder.write_cleaned_offsets(&offsets).unwrap();
        assert_eq!(folder.cleaned_offsets().unwrap(), offsets);
        assert_eq!(folder.recovery_points().unwrap(), offsets);
        assert_eq!(folder.high_watermarks().unwrap(), offsets);
        assert_eq!(folder.start_offsets().unwrap(), offsets);
        std::fs::write(temporary.path().join(RECOVERY_POINTS), "0\n9\n").unwrap();
        assert!(folder.recovery_points().unwrap().is_empty());
    }

    fn opened() -> (tempfile::TempDir, DataFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(Arc::new(SystemDisk), temporary.path()).unwrap();
        (temporary, folder)
    }

    fn partition(number: i32) -> TopicPartition {
        let topic = TopicName::parse("chat").unwrap();
        TopicPartition { topic, partition: PartitionIndex(number) }
    }
}
