//! The metadata log `__cluster_metadata-0`, its snapshots, and the image they add up to.
//!
//! Knows nothing of elections: it appends what it is given, flushes when it is told, and takes into
//! the image what is committed.

mod error;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use consensus::{Election, QUORUM_STATE_FILE, QUORUM_STATE_SIZE_MAX, Voters};
use metadata::{
    Image,
    batch::{BatchContent, read_batch},
    image::Delta,
    snapshot::read_snapshot,
};
use protocol::records::{ProducedBatch, batches};
use runtime::Disk;
use storage::{AppendError, Flush, FlushError, Log, LogConfig, OpenFiles, Opening, ReadLimits};
use types::{LeaderEpoch, Now, Offset, Timestamp};

pub use error::MetadataLogError;

use crate::{
    effect::{Completion, Finished, Job, Lane},
    metadata_batches,
};

/// The name of the metadata log's folder.
pub(crate) const FOLDER: &str = "__cluster_metadata-0";

/// A snapshot with more bytes than this is not ours.
const SNAPSHOT_BYTES_MAX: u64 = 4 << 30;

/// How much of the log is read at a time.
const READ_BYTES: usize = 8 << 20;

/// The log and what is committed of it.
#[derive(Debug)]
pub(crate) struct MetadataLog {
    log: Log,
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    image: Arc<Image>,
    /// What the snapshot holds, until the first commit takes it along.
    from_snapshot: Delta,
    voters: Option<Voters>,
    voters_are_logged: bool,
    /// The image holds everything before this offset.
    applied: Offset,
    applied_epoch: LeaderEpoch,
    applied_time: Timestamp,
    snapshots: Vec<(Offset, LeaderEpoch)>,
    bytes_since_snapshot: u64,
    is_writing_snapshot: bool,
}

/// A job on the metadata log that is done.
pub struct MetadataCompletion(pub(crate) Done);

/// What was done.
pub(crate) enum Done {
    /// The election was to be written.
    Persisted(io::Result<()>),
    /// The log was to be flushed.
    Flushed { flush: Flush, outcome: io::Result<()> },
    /// A snapshot was to be written.
    Snapshot { end: Offset, epoch: LeaderEpoch, outcome: io::Result<()> },
}

impl fmt::Debug for MetadataCompletion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Done::Persisted(outcome) => write!(formatter, "Persisted({outcome:?})"),
            Done::Flushed { flush, outcome } => {
                write!(formatter, "Flushed({flush:?}, {outcome:?})")
            }
            Done::Snapshot { end, outcome, .. } => {
                write!(formatter, "Snapshot({end}, {outcome:?})")
            }
        }
    }
}

impl MetadataLog {
    /// Opens the log, recovers it, and loads the newest snapshot that can be read.
    pub(crate) fn open(
        files: &Arc<OpenFiles>,
        data_folder: &Path,
        clean: bool,
        now: Now,
    ) -> Result<MetadataLog, MetadataLogError> {
        let folder = data_folder.join(FOLDER);
        let config = Arc::new(log_config());
        let opening = Opening { clean, now, ..Opening::default() };
        let (log, _) = Log::open(files, &folder, config, opening)?;
        let mut opened = MetadataLog {
            log,
            disk: Arc::clone(files.disk()),
            folder,
            image: Arc::default(),
            from_snapshot: Delta::default(),
            voters: None,
            voters_are_logged: false,
            applied: Offset::ZERO,
            applied_epoch: LeaderEpoch(0),
            applied_time: Timestamp(0),
            snapshots: Vec::new(),
            bytes_since_snapshot: 0,
            is_writing_snapshot: false,
        };
        opened.load_snapshot()?;
        opened.load_voters()?;
        Ok(opened)
    }

    /// Writes the first snapshot of a new cluster: it says who votes, and nothing else.
    pub(crate) fn format(
        disk: &dyn Disk,
        data_folder: &Path,
        voters: &Voters,
        now: Timestamp,
    ) -> Result<(), MetadataLogError> {
        let folder = data_folder.join(FOLDER);
        let failed = |error| MetadataLogError::Disk { path: folder.clone(), error };
        disk.create_folder(&folder).map_err(failed)?;
        let bytes = consensus::bootstrap_snapshot(voters, now);
        let name = metadata_batches::snapshot_name(Offset::ZERO, LeaderEpoch(0));
        disk.replace(&folder.join(name), &bytes).map_err(failed)?;
        disk.sync_folder(data_folder).map_err(failed)
    }

    /// The committed image.
    pub(crate) fn image(&self) -> &Arc<Image> {
        &self.image
    }

    /// The end of the log.
    pub(crate) fn end(&self) -> Offset {
        self.log.end_offset()
    }

    /// The offset of the last record in the image.
    pub(crate) fn last_applied(&self) -> Offset {
        self.applied.plus(-1)
    }

    /// What the quorum has to know to begin.
    pub(crate) fn found(
        &self,
        local: consensus::Voter,
    ) -> Result<consensus::Found, MetadataLogError> {
        Ok(consensus::Found {
            local,
            election: self.read_election()?,
            log_end: self.log.end_offset(),
            flushed_end: self.log.flushed_end(),
            log_epoch: self.log.latest_epoch().unwrap_or(LeaderEpoch::NONE),
            voters: self.voters.clone().ok_or(MetadataLogError::NoVoters)?,
            voters_are_logged: self.voters_are_logged,
        })
    }

    /// Appends a batch that was made here.
    pub(crate) fn append(
        &mut self,
        batch: &Bytes,
        epoch: LeaderEpoch,
        now: Now,
    ) -> Result<(), AppendError> {
        let batch = ProducedBatch::trusted(batch)?;
        self.log.append_as_leader(batch, epoch, now)?;
        Ok(())
    }

    /// A job that makes all of the log durable; none when it is, or one is under way.
    pub(crate) fn flush(&mut self) -> Result<Option<Job>, FlushError> {
        Ok(self.log.begin_flush()?.map(|flush| {
            job("flush the metadata log", move || {
                let outcome = flush.run();
                Done::Flushed { flush, outcome }
            })
        }))
    }

    /// Takes the outcome of a flush; the end of what is durable.
    pub(crate) fn finish_flush(
        &mut self,
        flush: &Flush,
        outcome: io::Result<()>,
        now: Now,
    ) -> Result<Offset, FlushError> {
        self.log.finish_flush(flush, outcome, now.instant)
    }

    /// A job that replaces `quorum-state`.
    pub(crate) fn persist(&self, election: &Election) -> Job {
        let (disk, content) = (Arc::clone(&self.disk), election.encode());
        let path = self.folder.join(QUORUM_STATE_FILE);
        job("write quorum-state", move || Done::Persisted(disk.replace(&path, &content)))
    }

    /// Takes everything before `end` into the image; what it changed.
    pub(crate) fn commit(&mut self, end: Offset) -> Result<Delta, MetadataLogError> {
        let mut changed = std::mem::take(&mut self.from_snapshot);
        let mut image = Arc::unwrap_or_clone(Arc::clone(&self.image));
        while self.applied < end {
            let bytes = self.read_from(self.applied, end)?;
            for batch in batches(&bytes) {
                let batch = batch?;
                if let BatchContent::Metadata(records) = read_batch(&batch)? {
                    let (next, delta) = image.apply(&records)?;
                    image = next;
                    changed.merge(delta);
                }
                let header = batch.header();
                self.applied = header.last_offset().next();
                self.applied_epoch = header.partition_leader_epoch();
                self.applied_time = header.max_timestamp();
                self.bytes_since_snapshot += header.size() as u64;
            }
        }
        self.image = Arc::new(image);
        Ok(changed)
    }

    /// A job that writes a snapshot of the image, when that is due.
    pub(crate) fn snapshot_if_due(&mut self, bytes: u64, now: Now) -> Option<Job> {
        if self.bytes_since_snapshot < bytes || self.is_writing_snapshot {
            return None;
        }
        self.is_writing_snapshot = true;
        self.bytes_since_snapshot = 0;
        let (end, epoch, last_append) = (self.applied, self.applied_epoch, self.applied_time);
        let path = self.folder.join(metadata_batches::snapshot_name(end, epoch));
        let (disk, image) = (Arc::clone(&self.disk), Arc::clone(&self.image));
        let voters = self.voters.clone()?;
        Some(job("write a metadata snapshot", move || {
            let content = metadata_batches::snapshot(&image, &voters, epoch, last_append, now.wall);
            Done::Snapshot { end, epoch, outcome: disk.replace(&path, &content) }
        }))
    }

    /// A snapshot is written: snapshots older than the one before it go, and the part of the log
    /// that they cover.
    pub(crate) fn finish_snapshot(
        &mut self,
        end: Offset,
        epoch: LeaderEpoch,
        now: Now,
    ) -> Result<(), AppendError> {
        self.is_writing_snapshot = false;
        let Some(&(kept, _)) = self.snapshots.last() else {
            self.snapshots.push((end, epoch));
            return Ok(());
        };
        self.snapshots.push((end, epoch));
        while self.snapshots.len() > 2 {
            let (end, epoch) = self.snapshots.remove(0);
            let path = self.folder.join(metadata_batches::snapshot_name(end, epoch));
            if let Err(error) = self.disk.remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "left an old snapshot behind");
            }
        }
        self.log.advance_start_offset(kept);
        if let Some(removal) = self.log.apply_retention(kept, now)?
            && let Err(error) = removal.run()
        {
            tracing::warn!(%error, "left old segments of the metadata log behind");
        }
        Ok(())
    }

    /// A snapshot could not be written; the next one is tried when it is due again.
    pub(crate) fn abandon_snapshot(&mut self) {
        self.is_writing_snapshot = false;
    }

    /// Closes the log in good order.
    pub(crate) fn close(&mut self) -> Result<(), storage::CloseError> {
        self.log.close_cleanly().map(|_| ())
    }

    fn read_election(&self) -> Result<Option<Election>, MetadataLogError> {
        let path = self.folder.join(QUORUM_STATE_FILE);
        match self.disk.read(&path, QUORUM_STATE_SIZE_MAX) {
            Ok(content) => Ok(Some(Election::decode(&content)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(MetadataLogError::Disk { path, error }),
        }
    }

    fn load_snapshot(&mut self) -> Result<(), MetadataLogError> {
        let names = self
            .disk
            .list(&self.folder)
            .map_err(|error| MetadataLogError::Disk { path: self.folder.clone(), error })?;
        self.snapshots =
            names.iter().filter_map(|name| metadata_batches::parse_snapshot_name(name)).collect();
        self.snapshots.sort_unstable();
        while let Some(&(end, epoch)) = self.snapshots.last() {
            match self.read_snapshot(end, epoch) {
                Ok((image, voters)) => {
                    self.from_snapshot = everything(&image);
                    self.image = Arc::new(image);
                    self.voters = voters;
                    (self.applied, self.applied_epoch) = (end, epoch);
                    break;
                }
                Err(error) => {
                    tracing::warn!(%end, %error, "passing over a snapshot that cannot be read");
                    self.snapshots.pop();
                }
            }
        }
        let start = self.log.start_offset();
        if self.applied < start { Err(MetadataLogError::Gap { start }) } else { Ok(()) }
    }

    fn read_snapshot(
        &self,
        end: Offset,
        epoch: LeaderEpoch,
    ) -> Result<(Image, Option<Voters>), MetadataLogError> {
        let path = self.folder.join(metadata_batches::snapshot_name(end, epoch));
        let bytes = self
            .disk
            .read(&path, SNAPSHOT_BYTES_MAX)
            .map_err(|error| MetadataLogError::Disk { path, error })?;
        let snapshot = read_snapshot(&bytes)?;
        Ok((snapshot.image, metadata_batches::voters_in(snapshot.header.quorum)?))
    }

    /// Looks for voters after the snapshot: they count from the moment they are in the log.
    fn load_voters(&mut self) -> Result<(), MetadataLogError> {
        let mut offset = self.applied;
        while offset < self.log.end_offset() {
            let bytes = self.read_from(offset, self.log.end_offset())?;
            for batch in batches(&bytes) {
                let batch = batch?;
                if batch.header().is_control()
                    && let BatchContent::Control(records) = read_batch(&batch)?
                    && let Some(voters) = metadata_batches::voters_in(records)?
                {
                    self.voters = Some(voters);
                    self.voters_are_logged = true;
                }
                offset = batch.header().last_offset().next();
            }
        }
        self.voters_are_logged |= self.applied > Offset::ZERO;
        Ok(())
    }

    /// Some whole batches from `offset` on, at least one.
    fn read_from(&mut self, offset: Offset, upper: Offset) -> Result<Vec<u8>, MetadataLogError> {
        let limits = ReadLimits { bytes_max: READ_BYTES, at_least_one_batch: true, upper };
        let slice = self.log.read(offset, limits)?.slice;
        let slice = slice.expect("there are batches between an offset and the end of the log");
        let path = self.folder.clone();
        slice.read().map_err(|error| MetadataLogError::Disk { path, error })
    }
}

fn job(name: &'static str, work: impl FnOnce() -> Done + Send + 'static) -> Job {
    Job::new(Lane::Metadata, name, move || {
        Completion(Finished::Metadata(MetadataCompletion(work())))
    })
}

/// All of an image as news, for one who knows nothing yet.
fn everything(image: &Image) -> Delta {
    Delta {
        topics_created: image.topics.iter().map(|topic| topic.id).collect(),
        partitions: image.topics.partitions().map(|(id, _, _)| id).collect(),
        brokers: image.brokers.iter().map(|broker| broker.id).collect(),
        features: true,
        ..Delta::default()
    }
}

/// Metadata is never removed for its age or size, only when a snapshot holds it.
fn log_config() -> LogConfig {
    LogConfig {
        retention_ms: -1,
        retention_bytes: -1,
        max_message_bytes: u32::MAX >> 1,
        file_delete_delay_ms: 0,
        ..LogConfig::default()
    }
}
