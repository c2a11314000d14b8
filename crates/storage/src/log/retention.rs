//! Removing what is old: whole segments, from the front.

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use runtime::Disk;
use types::{Now, Offset, Uuid};

use super::{AppendError, Closed, Log};
use crate::{
    error::DiskError,
    names, room,
    segment::{Segment, segment_files},
};

/// Files that are out of use and are to be removed after a while.
#[must_use = "the files stay on disk until this is run"]
pub struct Removal {
    disk: Arc<dyn Disk>,
    paths: Vec<PathBuf>,
    is_folder: bool,
    /// How long readers may go on using them.
    pub delay: Duration,
}

impl Removal {
    pub(crate) fn of_folder(disk: Arc<dyn Disk>, folder: PathBuf, delay: Duration) -> Removal {
        Removal { disk, paths: vec![folder], is_folder: true, delay }
    }

    pub(crate) fn of_files(disk: Arc<dyn Disk>, paths: Vec<PathBuf>, delay: Duration) -> Removal {
        Removal { disk, paths, is_folder: false, delay }
    }

    /// Removes the files.
    ///
    /// # Errors
    /// When the disk fails; those that are left go when the log is next opened.
    pub fn run(&self) -> io::Result<()> {
        for path in &self.paths {
            let removed = match self.is_folder {
                true => self.disk.remove_folder(path),
                false => self.disk.remove_file(path),
            };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Removal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Removal").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Log {
    /// Takes those segments out of the log that the start offset or, where the policy is to delete,
    /// `retention.ms` or `retention.bytes` no longer want and that lie before `upper`, the high
    /// watermark; none when there are no such segments.
    ///
    /// # Errors
    /// When the log is closed, or the disk fails, which closes the log.
    pub fn apply_retention(
        &mut self,
        upper: Offset,
        now: Now,
    ) -> Result<Option<Removal>, AppendError> {
        self.check_open()?;
        let removal = self.try_retention(upper, now);
        self.judge(&removal, now);
        Ok(removal?)
    }

    fn try_retention(&mut self, upper: Offset, now: Now) -> Result<Option<Removal>, DiskError> {
        let mut old = self.count_old(upper, now)?;
        // The log goes on in an empty segment, which keeps its end.
        if old == self.segments.len()
            && old > 0
            && let Err(error) = self.roll(now)
        {
            if !error.is_full() {
                return Err(error);
            }
            // There will be room for it once the others are gone.
            old -= 1;
        }
        if old == 0 {
            return Ok(None);
        }
        self.sync_snapshot(old)?;
        let removed: Vec<Segment> = self.segments.drain(..old).collect();
        let paths = self.rename_removed(&removed)?;
        let first = self.segments.front().map_or(self.end, Segment::base);
        self.advance_start_offset(first);
        let delay = u64::try_from(self.config.file_delete_delay_ms).unwrap_or(0);
        let disk = Arc::clone(self.place.files.disk());
        Ok(Some(Removal::of_files(disk, paths, Duration::from_millis(delay))))
    }

    /// How many segments in front are to go.
    fn count_old(&mut self, upper: Offset, now: Now) -> Result<usize, DiskError> {
        let deletes = self.config.cleanup_policy.delete;
        let mut surplus = match self.config.retention_bytes {
            ..0 => 0,
            kept => i64::try_from(self.size_bytes()).unwrap_or(i64::MAX) - kept,
        };
        for index in 0..self.segments.len() {
            let end = self.segment_end(index);
            let is_last = index + 1 == self.segments.len();
            let segment = &mut self.segments[index];
            if end > upper || (is_last && segment.is_empty()) {
                return Ok(index);
            }
            let newest = match segment.largest(&self.place)? {
                Some(largest) if largest.timestamp.0 >= 0 => largest.timestamp,
                Some(_) | None => segment.since,
            };
            let retention = self.config.retention_ms;
            let is_expired = retention >= 0 && now.wall.0.saturating_sub(newest.0) > retention;
            surplus -= i64::from(segment.size());
            let is_unwanted = deletes && (is_expired || surplus >= 0);
            if !is_unwanted && end > self.start {
                return Ok(index);
            }
        }
        Ok(self.segments.len())
    }

    /// Makes the producers' state as of a segment durable: what was before it is about to go.
    fn sync_snapshot(&self, index: usize) -> Result<(), DiskError> {
        let name = self.place.of(self.segments[index].base(), names::SNAPSHOT);
        match self.place.disk().open(&name.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => {
                let file = opened.map_err(name.error("open"))?;
                file.sync().map_err(name.error("sync"))?;
            }
        }
        let folder = &self.place.folder;
        self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))
    }

    fn rename_removed(&self, removed: &[Segment]) -> Result<Vec<PathBuf>, DiskError> {
        let disk = self.place.disk();
        let mut paths = Vec::new();
        for segment in removed {
            for name in segment_files(&self.place, segment.base()) {
                let path = name.path();
                if !disk.exists(&path) {
                    continue;
                }
                let mut renamed = path.as_os_str().to_owned();
                renamed.push(names::DELETED);
                let renamed = PathBuf::from(renamed);
                match disk.rename(&path, &renamed) {
                    // Even a longer name can be too much. Readers keep what they have open.
                    Err(error) if room::is_full(&error) => {
                        disk.remove_file(&path).map_err(name.error("remove"))?;
                    }
                    outcome => {
                        outcome.map_err(name.error("rename"))?;
                        paths.push(renamed);
                    }
                }
            }
        }
        let folder = &self.place.folder;
        disk.sync_folder(folder).map_err(DiskError::at("sync", folder))?;
        Ok(paths)
    }

    /// Deletes the log: its folder gets another name at once and is removed later. The id makes the
    /// name unique.
    ///
    /// # Errors
    /// When the disk fails; the log is closed in any case.
    pub fn delete(&mut self, id: Uuid) -> Result<Removal, DiskError> {
        self.closed = Some(Closed::Deleted);
        let folder = &self.place.folder;
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let renamed = self.place.parent().join(names::of_deleted_partition(name, id));
        let disk = self.place.disk();
        disk.rename(folder, &renamed).map_err(DiskError::at("rename", folder))?;
        let parent = self.place.parent();
        disk.sync_folder(parent).map_err(DiskError::at("sync", parent))?;
        let delay = u64::try_from(self.config.file_delete_delay_ms).unwrap_or(0);
        let disk = Arc::clone(self.place.files.disk());
        self.place.folder = renamed.clone();
        Ok(Removal::of_folder(disk, renamed, Duration::from_millis(delay)))
    }
}
