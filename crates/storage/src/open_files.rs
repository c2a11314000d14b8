//! The files that are open, with a limit that all logs share.
//!
//! A log asks for its file before each use. Files that were not used for long are closed, and are
//! opened again when they are next asked for, so that thousands of quiet partitions hold no
//! descriptors. What is in use through a slice stays open beside the limit.

use std::{
    collections::VecDeque,
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use runtime::{Disk, File};

use crate::{place::FileName, room::Room};

/// The open files of all logs on one disk.
pub struct OpenFiles {
    disk: Arc<dyn Disk>,
    limit: usize,
    /// In the order in which they get their turn to be closed.
    slots: Mutex<VecDeque<Weak<Slot>>>,
    room: Room,
}

/// A file's place among the open ones; dropping it closes the file.
#[derive(Debug, Default)]
pub(crate) struct FileHandle {
    slot: Option<Arc<Slot>>,
}

#[derive(Debug)]
struct Slot {
    file: Mutex<Option<Arc<dyn File>>>,
    /// Used since its last turn: it gets another one.
    used: AtomicBool,
}

impl OpenFiles {
    /// Keeps at most `limit` files open on `disk`.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, limit: usize) -> Arc<OpenFiles> {
        assert!(limit > 0, "a log needs at least one open file");
        Arc::new(OpenFiles { disk, limit, slots: Mutex::default(), room: Room::default() })
    }

    /// The disk the files are on.
    #[must_use]
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// What is known of the room on the disk.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// How many files are open at the moment.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.slots)
            .iter()
            .filter(|slot| slot.upgrade().is_some_and(|slot| lock(&slot.file).is_some()))
            .count()
    }

    fn admit(&self, file: Arc<dyn File>) -> Arc<Slot> {
        let slot = Arc::new(Slot { file: Mutex::new(Some(file)), used: AtomicBool::new(false) });
        let mut slots = lock(&self.slots);
        while slots.len() >= self.limit {
            let Some(oldest) = slots.pop_front() else { break };
            let Some(kept) = oldest.upgrade() else { continue };
            if kept.used.swap(false, Ordering::Relaxed) {
                slots.push_back(oldest);
            } else {
                lock(&kept.file).take();
            }
        }
        slots.push_back(Arc::downgrade(&slot));
        slot
    }
}

impl fmt::Debug for OpenFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OpenFiles").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl FileHandle {
    /// The file, opened when it is not.
    pub(crate) fn open(&mut self, name: FileName<'_>) -> io::Result<Arc<dyn File>> {
        match self.opened() {
            Some(file) => Ok(file),
            None => Ok(self.hold(name.files(), name.disk().open(&name.path())?)),
        }
    }

    /// The file, created or emptied.
    pub(crate) fn create(&mut self, name: FileName<'_>) -> io::Result<Arc<dyn File>> {
        Ok(self.hold(name.files(), name.disk().create(&name.path())?))
    }

    /// The file when it is open.
    pub(crate) fn opened(&self) -> Option<Arc<dyn File>> {
        let slot = self.slot.as_ref()?;
        let file = lock(&slot.file).clone()?;
        slot.used.store(true, Ordering::Relaxed);
        Some(file)
    }

    fn hold(&mut self, files: &OpenFiles, file: Arc<dyn File>) -> Arc<dyn File> {
        self.slot = Some(files.admit(Arc::clone(&file)));
        file
    }
}

/// A panic elsewhere leaves these queues as whole as they were.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use runtime::SystemDisk;
    use types::Offset;

    use super::*;
    use crate::{names, place::Place};

    #[test]
    fn files_that_were_not_used_for_longest_are_closed_and_open_again_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let name = |number| place.of(Offset(number), names::LOG);
        let mut handles: Vec<FileHandle> = (0..3).map(|_| FileHandle::default()).collect();

        handles[0].create(name(0)).unwrap().write_all_at(b"zero", 0).unwrap();
        handles[1].create(name(1)).unwrap();
        assert!(handles[0].opened().is_some());
        handles[2].create(name(2)).unwrap();

        assert_eq!(place.files.count(), 2);
        assert!(handles[0].opened().is_some());
        assert!(handles[1].opened().is_none());
        handles[1].open(name(1)).unwrap();
        assert_eq!(place.files.count(), 2);
        assert_eq!(handles[0].open(name(0)).unwrap().size().unwrap(), 4);
    }

    #[test]
    fn a_dropped_handle_closes_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let mut handle = FileHandle::default();
        handle.create(place.of(Offset(0), names::LOG)).unwrap();
        assert_eq!(place.files.count(), 1);
        drop(handle);
        assert_eq!(place.files.count(), 0);
    }

    fn place(folder: &Path) -> Place {
        let files = OpenFiles::new(Arc::new(SystemDisk), 2);
        Place { files, folder: folder.to_owned(), ending: "" }
    }
}
