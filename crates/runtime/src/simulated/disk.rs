//! A disk in memory that loses what was not synced, and fails when it is told to.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use crate::{
    Disk, File,
    simulated::{
        SimRandom,
        tree::{NodeId, Tree},
    },
};

/// What an operating system calls an input/output error.
const EIO: i32 = 5;

/// One process's view of a disk in memory.
///
/// Clones are the same view. [`crash`](SimDisk::crash) and [`kill`](SimDisk::kill) end it: they
/// return the view of the next process, and whatever still holds the old one gets errors and
/// changes nothing.
#[derive(Clone)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
    process: u64,
}

struct State {
    tree: Tree,
    random: SimRandom,
    faults: Faults,
    /// The process whose view is alive.
    process: u64,
}

/// The faults that are planned, each counted down by the calls it concerns.
#[derive(Default)]
struct Faults {
    syncs_until_failure: Option<u64>,
    reads_until_failure: Option<u64>,
    writes_until_failure: Option<u64>,
    capacity: Option<usize>,
    garbles: bool,
}

impl SimDisk {
    /// An empty disk; what it loses in crashes follows from the seed.
    #[must_use]
    pub fn new(seed: u64) -> SimDisk {
        let state = State {
            tree: Tree::new(),
            random: SimRandom::stream(seed, "disk"),
            faults: Faults::default(),
            process: 0,
        };
        SimDisk { state: Arc::new(Mutex::new(state)), process: 0 }
    }

    /// Cuts the power. Of what was not synced any part survives: of each file's writes and cuts
    /// none, all, the first ones, or any 512-byte sectors; of the created, renamed and removed
    /// names any that do not build upon a lost one.
    #[must_use = "the old view is dead"]
    pub fn crash(&self) -> SimDisk {
        self.next_process(|state| {
            let State { tree, random, faults, .. } = state;
            tree.crash(random, faults.garbles);
        })
    }

    /// How many changes of files and names a power cut could take.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        self.locked().tree.unsynced()
    }

    /// Cuts the power, and keeps of the changes that were not synced those whose bits are set: for
    /// small cases, of which every outcome can be looked at.
    #[must_use = "the old view is dead"]
    pub fn crash_keeping(&self, kept: u64) -> SimDisk {
        self.next_process(|state| {
            let mut next = 0;
            state.tree.crash_keeping(|| {
                next += 1;
                kept.checked_shr(next - 1).is_some_and(|bits| bits & 1 == 1)
            });
        })
    }

    /// Kills the process: everything it wrote is still there for the next one.
    #[must_use = "the old view is dead"]
    pub fn kill(&self) -> SimDisk {
        self.next_process(|state| state.tree.forget_handles())
    }

    fn next_process(&self, end: impl FnOnce(&mut State)) -> SimDisk {
        let mut state = self.locked();
        assert!(state.process == self.process, "a process dies once");
        state.process += 1;
        end(&mut state);
        SimDisk { state: Arc::clone(&self.state), process: state.process }
    }

    /// Lets one sync fail, of a file or a folder: the next for 0, the one after it for 1.
    ///
    /// Of what a failed sync should have written any part is durable, and no later sync makes up
    /// for the rest.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.locked().faults.syncs_until_failure = Some(syncs);
    }

    /// Lets one read fail with an input/output error: the next for 0, the one after it for 1.
    pub fn fail_read_after(&self, reads: u64) {
        self.locked().faults.reads_until_failure = Some(reads);
    }

    /// Lets one write fail half done with an input/output error: the next for 0, the one after it
    /// for 1.
    pub fn fail_write_after(&self, writes: u64) {
        self.locked().faults.writes_until_failure = Some(writes);
    }

    /// Leaves room for so many bytes; then writes fail half done with "no space left", and nothing
    /// can be created. What is cut or removed makes room.
    pub fn fill_after(&self, bytes: u64) {
        let mut state = self.locked();
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        state.faults.capacity = Some(state.tree.used().saturating_add(bytes));
    }

    /// From the next crash on, some of the unsynced sectors that survive hold anything at all.
    pub fn garble_unsynced_sectors(&self) {
        self.locked().faults.garbles = true;
    }

    /// Ends all faults that are planned or going on.
    pub fn heal(&self) {
        self.locked().faults = Faults::default();
    }

    /// What a process would read of a file, planned faults aside: for those who look at a run from
    /// outside.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn peek(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut state = self.locked();
        let file = state.tree.find(path)?;
        let contents = state.tree.contents(file)?;
        let mut bytes = vec![0; contents.size()];
        contents.read_at(&mut bytes, 0);
        Ok(bytes)
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a simulation that panicked goes no further")
    }

    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.locked();
        if state.process == self.process { Ok(state) } else { Err(dead()) }
    }

    fn handle(&self, file: NodeId) -> Arc<dyn File> {
        Arc::new(SimFile { disk: self.clone(), file })
    }
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimDisk").field("process", &self.process).finish_non_exhaustive()
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = self.alive()?.tree.open(path)?;
        Ok(self.handle(file))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.alive()?;
        state.check_room_for(path)?;
        let file = state.tree.create(path)?;
        Ok(self.handle(file))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        state.check_room_for(path)?;
        state.tree.create_folder(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.alive()?.tree.list(folder)
    }

    fn exists(&self, path: &Path) -> bool {
        self.alive().is_ok_and(|state| state.tree.find(path).is_ok())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.alive()?.tree.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.alive()?.tree.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.alive()?.tree.remove_folder(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        if state.faults.strikes_sync() {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        state.tree.sync_folder(folder)
    }
}

/// A file that was opened through one view.
struct SimFile {
    disk: SimDisk,
    file: NodeId,
}

impl fmt::Debug for SimFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimFile").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        if let Ok(mut state) = self.disk.state.lock()
            && state.process == self.disk.process
        {
            state.tree.close(self.file);
        }
    }
}

impl File for SimFile {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut state = self.disk.alive()?;
        if state.faults.strikes_read() {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        Ok(state.tree.contents(self.file)?.read_at(buffer, index(position)?))
    }

    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        let (room, fails) = (state.room(), state.faults.strikes_write());
        let contents = state.tree.contents(self.file)?;
        let position = index(position)?;
        let end = position.checked_add(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        let growth = end.saturating_sub(contents.size());
        if fails {
            contents.write_at(&bytes[..bytes.len() / 2], position);
            return Err(io::Error::from_raw_os_error(EIO));
        }
        let missing = growth.saturating_sub(room);
        contents.write_at(&bytes[..bytes.len().saturating_sub(missing)], position);
        if missing > 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        let State { tree, random, faults, .. } = &mut *state;
        let contents = tree.contents(self.file)?;
        if faults.strikes_sync() {
            contents.fail_sync(random);
            return Err(io::Error::from_raw_os_error(EIO));
        }
        contents.sync();
        Ok(())
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.disk.alive()?.tree.contents(self.file)?.set_size(index(size)?);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.alive()?.tree.contents(self.file)?.size() as u64)
    }
}

impl Faults {
    fn strikes_sync(&mut self) -> bool {
        strikes(&mut self.syncs_until_failure)
    }

    fn strikes_write(&mut self) -> bool {
        strikes(&mut self.writes_until_failure)
    }

    fn strikes_read(&mut self) -> bool {
        strikes(&mut self.reads_until_failure)
    }
}

impl State {
    /// How many bytes files can grow by.
    fn room(&self) -> usize {
        let left = |capacity: usize| capacity.saturating_sub(self.tree.used());
        self.faults.capacity.map_or(usize::MAX, left)
    }

    /// A new name needs room, too.
    fn check_room_for(&self, path: &Path) -> io::Result<()> {
        match self.room() {
            0 if self.tree.find(path).is_err() => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }
}

fn strikes(countdown: &mut Option<u64>) -> bool {
    match countdown.take() {
        Some(0) => true,
        Some(left) => {
            *countdown = Some(left - 1);
            false
        }
        None => false,
    }
}

fn index(position: u64) -> io::Result<usize> {
    usize::try_from(position).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

fn dead() -> io::Error {
    io::Error::other("the process that opened this has died")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_killed_process_leaves_all_it_wrote_and_can_do_nothing_any_more() {
        let disk = SimDisk::new(1);
        disk.create_folder(Path::new("/data/a")).unwrap();
        let file = disk.create(Path::new("/data/a/log")).unwrap();
        file.write_all_at(b"written", 0).unwrap();
        let next = disk.kill();
        assert_eq!(next.read(Path::new("/data/a/log"), 100).unwrap(), b"written");
        assert!(file.write_all_at(b"too late", 0).is_err());
        assert!(file.sync().is_err());
        assert!(disk.create(Path::new("/data/b")).is_err());
        assert!(!disk.exists(Path::new("/data/a")));
        assert_eq!(next.read(Path::new("/data/a/log"), 100).unwrap(), b"written");
    }

    #[test]
    fn a_synced_file_in_a_synced_folder_survives_a_power_cut() {
        for seed in 0..100 {
            let disk = SimDisk::new(seed);
            disk.create_folder(Path::new("/data")).unwrap();
            disk.sync_folder(Path::new("/")).unwrap();
            let file = disk.create(Path::new("/data/log")).unwrap();
            file.write_all_at(b"written", 0).unwrap();
            file.sync().unwrap();
            disk.sync_folder(Path::new("/data")).unwrap();
            let disk = disk.crash();
            assert_eq!(disk.read(Path::new("/data/log"), 100).unwrap(), b"written");
        }
    }

    #[test]
    fn a_name_that_was_not_synced_may_be_lost_although_the_file_was() {
        let outcomes = outcomes(|disk| {
            let file = disk.create(Path::new("log")).unwrap();
            file.write_all_at(b"written", 0).unwrap();
            file.sync().unwrap();
        });
        assert_eq!(Vec::from_iter(outcomes), ["", "log=written"]);
    }

    #[test]
    fn a_rename_that_was_not_synced_leaves_the_old_or_the_new_never_both_or_none() {
        let outcomes = outcomes(|disk| {
            disk.replace(Path::new("vote"), b"old").unwrap();
            let file = disk.create(Path::new("vote.tmp")).unwrap();
            disk.sync_folder(Path::new("/")).unwrap();
            file.write_all_at(b"new", 0).unwrap();
            file.sync().unwrap();
            disk.rename(Path::new("vote.tmp"), Path::new("vote")).unwrap();
        });
        assert_eq!(Vec::from_iter(outcomes), ["vote=new", "vote=old vote.tmp=new"]);
    }

    #[test]
    fn a_replaced_file_is_the_new_one_after_any_crash() {
        let outcomes = outcomes(|disk| {
            disk.replace(Path::new("vote"), b"old").unwrap();
            disk.replace(Path::new("vote"), b"new").unwrap();
        });
        assert_eq!(Vec::from_iter(outcomes), ["vote=new"]);
    }

    #[test]
    fn a_removed_file_may_come_back_but_stays_readable_through_its_handle() {
        let outcomes = outcomes(|disk| {
            disk.replace(Path::new("segment"), b"records").unwrap();
            let file = disk.open(Path::new("segment")).unwrap();
            disk.remove_file(Path::new("segment")).unwrap();
            let mut buffer = [0; 7];
            file.read_exact_at(&mut buffer, 0).unwrap();
            assert_eq!(&buffer, b"records");
        });
        assert_eq!(Vec::from_iter(outcomes), ["", "segment=records"]);
    }

    #[test]
    fn syncing_a_folder_makes_a_folder_renamed_into_it_durable_with_all_it_holds() {
        for seed in 0..50 {
            let disk = SimDisk::new(seed);
            disk.create_folder(Path::new("topic-0")).unwrap();
            disk.replace(Path::new("topic-0/log"), b"records").unwrap();
            disk.rename(Path::new("topic-0"), Path::new("topic-0-delete")).unwrap();
            disk.sync_folder(Path::new("/")).unwrap();
            let disk = disk.crash();
            assert_eq!(disk.read(Path::new("topic-0-delete/log"), 10).unwrap(), b"records");
            assert!(!disk.exists(Path::new("topic-0")));
        }
    }

    #[test]
    fn removing_a_folder_removes_what_is_in_it() {
        let disk = SimDisk::new(1);
        disk.create_folder(Path::new("a/b")).unwrap();
        disk.replace(Path::new("a/b/c"), b"c").unwrap();
        assert!(disk.remove_file(Path::new("a/b")).is_err());
        disk.remove_folder(Path::new("a")).unwrap();
        assert!(disk.list(Path::new("/")).unwrap().is_empty());
        assert!(disk.open(Path::new("a/b/c")).is_err());
    }

    #[test]
    fn the_planned_sync_fails_once() {
        let disk = SimDisk::new(1);
        let file = disk.create(Path::new("log")).unwrap();
        disk.fail_sync_after(1);
        file.sync().unwrap();
        assert_eq!(file.sync().unwrap_err().raw_os_error(), Some(EIO));
        file.sync().unwrap();
        disk.fail_sync_after(0);
        assert!(disk.sync_folder(Path::new("/")).is_err());
    }

    #[test]
    fn the_planned_read_fails_once() {
        let disk = SimDisk::new(1);
        let file = disk.create(Path::new("log")).unwrap();
        disk.fail_read_after(0);
        assert_eq!(file.read_at(&mut [0], 0).unwrap_err().raw_os_error(), Some(EIO));
        assert_eq!(file.read_at(&mut [0], 0).unwrap(), 0);
    }

    #[test]
    fn the_planned_write_fails_half_done() {
        let disk = SimDisk::new(1);
        let file = disk.create(Path::new("log")).unwrap();
        disk.fail_write_after(1);
        file.write_all_at(b"12", 0).unwrap();
        assert_eq!(file.write_all_at(b"3456", 2).unwrap_err().raw_os_error(), Some(EIO));
        assert_eq!(disk.read(Path::new("log"), 100).unwrap(), b"1234");
        file.write_all_at(b"56", 4).unwrap();
    }

    #[test]
    fn a_full_disk_takes_what_fits_and_overwrites_but_does_not_grow() {
        let disk = SimDisk::new(1);
        let file = disk.create(Path::new("log")).unwrap();
        disk.fill_after(6);
        file.write_all_at(b"1234", 0).unwrap();
        let error = file.write_all_at(b"5678", 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(disk.read(Path::new("log"), 100).unwrap(), b"123456");
        file.write_all_at(b"abcdef", 0).unwrap();
        assert_eq!(disk.create(Path::new("new")).unwrap_err().kind(), io::ErrorKind::StorageFull);
        disk.heal();
        file.write_all_at(b"78", 6).unwrap();
        assert_eq!(disk.read(Path::new("log"), 100).unwrap(), b"abcdef78");
    }

    #[test]
    fn what_is_removed_makes_room_on_a_full_disk() {
        let disk = SimDisk::new(1);
        let file = disk.create(Path::new("log")).unwrap();
        disk.create(Path::new("ballast")).unwrap().write_all_at(b"1234", 0).unwrap();
        disk.fill_after(0);
        assert!(file.write_all_at(b"1", 0).is_err());
        disk.remove_file(Path::new("ballast")).unwrap();
        file.write_all_at(b"1234", 0).unwrap();
        assert!(file.write_all_at(b"5", 4).is_err());
    }

    #[test]
    fn a_power_cut_keeps_exactly_the_changes_that_are_asked_for() {
        let outcomes: BTreeSet<String> = (0..8)
            .map(|kept| {
                let disk = SimDisk::new(1);
                let file = disk.create(Path::new("log")).unwrap();
                file.write_all_at(b"1", 0).unwrap();
                file.write_all_at(b"2", 1).unwrap();
                assert_eq!(disk.unsynced(), 3);
                holdings(&disk.crash_keeping(kept))
            })
            .collect();
        assert_eq!(Vec::from_iter(outcomes), ["", "log=", "log=\u{0}2", "log=1", "log=12"]);
    }

    #[test]
    fn the_same_seed_loses_the_same() {
        let survivors = |seed| {
            let disk = SimDisk::new(seed);
            for number in 0..10_u8 {
                let name = format!("file-{number}");
                let file = disk.create(Path::new(&name)).unwrap();
                file.write_all_at(&[number; 3_000], 0).unwrap();
            }
            disk.sync_folder(Path::new("/")).unwrap();
            holdings(&disk.crash())
        };
        assert_eq!(survivors(7), survivors(7));
        assert_ne!(survivors(7), survivors(8));
    }

    /// All that crashes of a hundred seeds make of what `act` does.
    fn outcomes(act: impl Fn(&SimDisk)) -> BTreeSet<String> {
        (0..100)
            .map(|seed| {
                let disk = SimDisk::new(seed);
                act(&disk);
                holdings(&disk.crash())
            })
            .collect()
    }

    fn holdings(disk: &SimDisk) -> String {
        let mut files = Vec::new();
        for name in disk.list(Path::new("/")).unwrap() {
            let bytes = disk.read(Path::new(&name), 10_000).unwrap();
            files.push(format!("{name}={}", String::from_utf8_lossy(&bytes)));
        }
        files.join(" ")
    }
}
