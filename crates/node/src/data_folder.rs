//! The data folder of a node: whose it is, how it was left, and the logs in it.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use consensus::Voters;
use metadata::Image;
use runtime::{Disk, Space};
use storage::{
    DiskError, FolderError, Log, LogConfig, MetaProperties, OpenFiles, Opening, PartitionFolder,
    PartitionOffsets, Recovery, Removal,
};
use types::{BrokerEpoch, BrokerId, DirectoryId, Now, TopicId, TopicIdPartition, TopicPartition};

use crate::{
    checkpoint::{Checkpoint, Kind},
    config::{Config, Formatting},
    metadata_log::{self, MetadataLog, MetadataLogError},
    setup::local_voter,
};

/// Why a node cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The folder is empty, and this node may not begin with an empty one.
    #[error(
        "{} holds no meta.properties: a node of a running cluster needs the folder it had before",
        .0.display()
    )]
    NotFormatted(PathBuf),
    /// The folder holds partitions, but nothing says whose they are.
    #[error("{} holds partitions but no meta.properties: it will not be formatted", .0.display())]
    ForeignPartitions(PathBuf),
    /// The folder is another node's.
    #[error("{} belongs to node {found}, this is node {expected}", path.display())]
    OtherNode {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        found: BrokerId,
        /// Who this is.
        expected: BrokerId,
    },
    /// The folder is another cluster's.
    #[error("{} belongs to cluster {found}, this is cluster {expected}", path.display())]
    OtherCluster {
        /// The folder.
        path: PathBuf,
        /// Which cluster it belongs to.
        found: String,
        /// Which cluster this is.
        expected: String,
    },
    /// The folder was formatted by a Kafka that gave folders no ids.
    #[error("the meta.properties in {} names no directory.id", .0.display())]
    NoDirectoryId(PathBuf),
    /// The metadata cannot be read.
    #[error(transparent)]
    Metadata(#[from] MetadataLogError),
}

/// The folder, held by this process.
#[derive(Debug)]
pub(crate) struct DataFolder {
    folder: storage::DataFolder,
    files: Arc<OpenFiles>,
    properties: MetaProperties,
    directory: DirectoryId,
    /// Whether the last process closed all logs in good order.
    clean: bool,
    recovery_points: Checkpoint,
    log_starts: Checkpoint,
    high_watermarks: Checkpoint,
    cleaned: Checkpoint,
    /// The folders of partitions that were there at the start and have not been opened yet.
    found: Mutex<BTreeMap<TopicPartition, PartitionFolder>>,
}

impl DataFolder {
    /// Takes hold of the folder, formats it if that is allowed, and opens the metadata log in it.
    pub(crate) fn open(
        config: &Config,
        disk: &Arc<dyn Disk>,
        now: Now,
    ) -> Result<(DataFolder, MetadataLog), OpenError> {
        let folder = storage::DataFolder::open(Arc::clone(disk), &config.folder)?;
        let properties = match folder.meta_properties()? {
            Some(properties) => properties,
            None => format(config, &folder, &**disk, now)?,
        };
        let directory = check(config, &properties)?;
        let clean = folder.take_clean_shutdown()?.is_some();
        let files = OpenFiles::new(Arc::clone(disk), config.open_files_max);
        let log = MetadataLog::open(&files, folder.path(), clean, now)?;
        let found = partitions(&folder)?.into_iter();
        let opened = DataFolder {
            recovery_points: Checkpoint::read(&folder, Kind::RecoveryPoints)?,
            log_starts: Checkpoint::read(&folder, Kind::LogStarts)?,
            high_watermarks: Checkpoint::read(&folder, Kind::HighWatermarks)?,
            cleaned: Checkpoint::read(&folder, Kind::Cleaned)?,
            found: Mutex::new(found.map(|one| (one.partition.clone(), one)).collect()),
            folder,
            files,
            properties,
            directory,
            clean,
        };
        Ok((opened, log))
    }

    pub(crate) fn directory(&self) -> DirectoryId {
        self.directory
    }

    pub(crate) fn cluster_id(&self) -> &str {
        &self.properties.cluster_id
    }

    /// How much room there is on the folder's volume.
    pub(crate) fn space(&self) -> Result<Space, DiskError> {
        self.folder.space()
    }

    /// What the last process was about to remove.
    pub(crate) fn leftovers(&self) -> Result<Vec<Removal>, DiskError> {
        self.folder.leftovers()
    }

    /// Sets folders aside that the cluster's metadata do not give to this broker: their topics were
    /// deleted, or created anew, while it was away.
    pub(crate) fn set_strays_aside(&self, image: &Image, broker: BrokerId) {
        let mut found = self.found();
        let strays: Vec<_> =
            found.extract_if(.., |_, one| !is_wanted(one, image, broker)).collect();
        for (partition, stray) in strays {
            let id = stray.topic_id.unwrap_or_default();
            match self.folder.set_aside(&stray, id.0) {
                Ok(aside) => {
                    tracing::warn!(%partition, aside = %aside.display(), "set a stray log aside");
                }
                Err(error) => tracing::error!(%partition, %error, "failed to set a log aside"),
            }
        }
    }

    /// Opens the log of a partition, or creates it.
    pub(crate) fn open_log(
        &self,
        name: &TopicPartition,
        topic: TopicId,
        config: Arc<LogConfig>,
        now: Now,
    ) -> Result<(Log, Recovery), storage::OpenError> {
        let found = self.found().get(name).cloned();
        let path = match found {
            Some(found) if found.topic_id == Some(topic) => found.path,
            // A crash took the id, but what the checkpoints say is of this log: they were made to
            // forget an older one before the folder was there.
            Some(found) if found.topic_id.is_none() => self.folder.create_partition(name, topic)?,
            Some(_) | None => self.create_log(name, topic)?,
        };
        let opening = Opening {
            clean: self.clean,
            recovery_point: self.recovery_points.of(name),
            start_offset: self.log_starts.of(name),
            first_dirty: self.cleaned.find(name),
            now,
        };
        let (log, recovery) = Log::open(&self.files, &path, config, opening)?;
        if recovery.bytes_removed > 0 {
            let removed = recovery.bytes_removed;
            tracing::warn!(partition = %name, removed, "cut off bytes that make no sense");
        }
        // What is appended behind a log that is shorter than it should be has not been recovered.
        self.recovery_points.lower(&self.folder, name, log.recovery_point())?;
        // Not before: who tries again shall find what is known of it.
        self.found().remove(name);
        Ok((log, recovery))
    }

    /// Whether the log of a partition was there at the start and has not been opened yet.
    pub(crate) fn is_found(&self, partition: &TopicPartition) -> bool {
        self.found().contains_key(partition)
    }

    fn create_log(&self, name: &TopicPartition, topic: TopicId) -> Result<PathBuf, DiskError> {
        for kind in Kind::ALL {
            self.checkpoint(kind).forget(&self.folder, name)?;
        }
        self.folder.create_partition(name, topic)
    }

    /// Replaces a checkpoint file by what `collect` makes of what it says, given the logs that are
    /// not open: of these, what is known stays known.
    pub(crate) fn update_checkpoint(
        &self,
        kind: Kind,
        collect: impl FnOnce(&PartitionOffsets, &[TopicPartition]) -> PartitionOffsets,
    ) -> Result<(), DiskError> {
        let checkpoint = self.checkpoint(kind);
        checkpoint.update(&self.folder, |written| collect(written, &self.unopened()))
    }

    /// One of the checkpoint files.
    pub(crate) fn checkpoint(&self, kind: Kind) -> &Checkpoint {
        match kind {
            Kind::RecoveryPoints => &self.recovery_points,
            Kind::LogStarts => &self.log_starts,
            Kind::HighWatermarks => &self.high_watermarks,
            Kind::Cleaned => &self.cleaned,
        }
    }

    /// The partitions whose folders were there at the start and that nobody has opened yet.
    pub(crate) fn unopened(&self) -> Vec<TopicPartition> {
        self.found().keys().cloned().collect()
    }

    /// Notes that everything was closed in good order.
    pub(crate) fn write_clean_shutdown(&self, epoch: BrokerEpoch) -> Result<(), DiskError> {
        self.folder.write_clean_shutdown(epoch)
    }

    fn found(&self) -> MutexGuard<'_, BTreeMap<TopicPartition, PartitionFolder>> {
        self.found.lock().expect("no thread panics while it holds the found folders")
    }
}

/// The folders of partitions, but for the metadata log's own.
fn partitions(folder: &storage::DataFolder) -> Result<Vec<PartitionFolder>, DiskError> {
    let mut found = folder.partitions()?;
    found.retain(|one| !one.path.ends_with(metadata_log::FOLDER));
    Ok(found)
}

/// A folder without an id is one that a crash took the id from: its name decides.
fn is_wanted(found: &PartitionFolder, image: &Image, broker: BrokerId) -> bool {
    let named = image.topics.named(found.partition.topic.as_str());
    let Some(topic) = named.filter(|topic| found.topic_id.is_none_or(|id| id == topic.id)) else {
        return false;
    };
    let id = TopicIdPartition { topic: topic.id, partition: found.partition.partition };
    image.topics.partition(id).is_some_and(|partition| partition.replicas.contains(&broker))
}

/// Makes an empty folder that of a new cluster's first voter. `meta.properties` comes last: until
/// it is there, the folder counts as empty.
fn format(
    config: &Config,
    folder: &storage::DataFolder,
    disk: &dyn Disk,
    now: Now,
) -> Result<MetaProperties, OpenError> {
    let Formatting::FirstVoter { cluster_id, directory } = &config.formatting else {
        return Err(OpenError::NotFormatted(config.folder.clone()));
    };
    if !partitions(folder)?.is_empty() {
        return Err(OpenError::ForeignPartitions(config.folder.clone()));
    }
    let voters = Voters::new([local_voter(config, *directory)]).expect("one voter is a set");
    MetadataLog::format(disk, folder.path(), &voters, now.wall)?;
    let properties = MetaProperties {
        cluster_id: cluster_id.clone(),
        node_id: config.broker,
        directory_id: Some(*directory),
    };
    folder.write_meta_properties(&properties)?;
    Ok(properties)
}

fn check(config: &Config, properties: &MetaProperties) -> Result<DirectoryId, OpenError> {
    let path = config.folder.clone();
    if properties.node_id != config.broker {
        let (found, expected) = (properties.node_id, config.broker);
        return Err(OpenError::OtherNode { path, found, expected });
    }
    if let Formatting::FirstVoter { cluster_id: expected, .. } = &config.formatting
        && *expected != properties.cluster_id
    {
        let (found, expected) = (properties.cluster_id.clone(), expected.clone());
        return Err(OpenError::OtherCluster { path, found, expected });
    }
    properties.directory_id.ok_or(OpenError::NoDirectoryId(path))
}
