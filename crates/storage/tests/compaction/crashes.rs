//! A crash at every step of a round, with every part of what was not synced lost.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use runtime::{Disk, File, simulated::SimDisk};
use storage::{Log, Opening, Progress};
use types::{Instant, Offset};

use crate::{
    support::{abort, at, transactional},
    table::*,
};

/// So many ways for the disk to lose what was not synced are tried at each step.
const SEEDS: u64 = 12;

#[test]
fn a_crash_at_any_step_leaves_each_segment_as_it_was_or_cleaned() {
    let mut steps = 0;
    loop {
        let finished = (0..SEEDS).filter(|seed| crash_after(steps, *seed)).count();
        if finished > 0 {
            break;
        }
        steps += 1;
    }
    assert!(steps > 40, "only {steps} steps were seen");
}

/// Lets a round make so many changes to the disk and cuts the power; true when it needed no more.
fn crash_after(steps: u64, seed: u64) -> bool {
    let disk = SimDisk::new(steps * SEEDS + seed);
    disk.create_folder(Path::new("table-0")).unwrap();
    let limited = Limited::new(&disk);
    let mut log = open_on(Arc::<Limited>::clone(&limited), Opening::default());
    let before = fill(&mut log);

    let end = log.end_offset();
    limited.0.left.store(steps, Ordering::Relaxed);
    let finished = run(&mut log);
    drop(log);
    let disk = disk.crash();
    let recovery_point = before.recovery_point;
    let opening = Opening { recovery_point, ..Opening::default() };
    let mut log = open_on(Arc::new(disk), opening);
    assert_eq!((log.start_offset(), log.end_offset()), (Offset(0), end));
    check(&mut log, &before);
    // What was half done does not stand in the way of doing it again.
    clean(&mut log, 3000);
    let after = records(&mut log);
    assert_eq!(after, expected(&before), "{steps} steps, seed {seed}");
    finished
}

/// What is in the log before the round that is cut off.
struct Before {
    records: Vec<Seen>,
    aborted: i64,
    recovery_point: Offset,
}

/// Small segments, which a round before has left and this one puts together, and larger ones of
/// several batches; of a transaction that was aborted there is a record.
fn fill(log: &mut Log) -> Before {
    for value in 0..4 {
        put(log, &format!("only {value}"), "stays");
        put(log, "a", &format!("{value:040}"));
        put(log, "b", &format!("{value:0140}"));
    }
    roll(log);
    clean(log, 3000);
    put(log, "a", "new");
    let aborted = log.end_offset().0;
    append(log, transactional(7, 0, 0, 1));
    append(log, abort(7, 0, 1));
    put(log, "key", "kept");
    roll(log);
    log.flush(Instant(0)).unwrap();
    Before { records: records(log), aborted, recovery_point: log.recovery_point() }
}

/// Cleans; true when the disk did all that was asked of it.
fn run(log: &mut Log) -> bool {
    let stable = log.last_stable_offset(log.end_offset());
    let range = log.cleanable(stable, at(3000).wall).unwrap();
    let mut cleaning = log.begin_cleaning(range, SETTINGS, at(3000).wall).unwrap();
    loop {
        match cleaning.work(1 << 20) {
            Ok(Progress::Working) => {}
            Ok(Progress::Swap(group)) => match log.swap(*group) {
                Ok(Some(removal)) if removal.run().is_ok() => {}
                Ok(_) | Err(_) => return false,
            },
            Ok(Progress::Done(first_dirty)) => {
                log.finish_cleaning(&cleaning, first_dirty);
                return true;
            }
            Err(_) => return false,
        }
    }
}

/// Every record that a full round keeps is there; every record that is there was there before; what
/// was aborted is there only together with the note that it was.
fn check(log: &mut Log, before: &Before) {
    let after = records(log);
    assert!(after.is_sorted_by(|one, next| one.offset < next.offset), "records appear twice");
    for record in &expected(before) {
        assert!(after.contains(record), "{record:?} was lost");
    }
    for record in &after {
        assert!(before.records.contains(record), "{record:?} appeared");
    }
    if after.iter().any(|record| record.offset == before.aborted) {
        let (from, to) = (Offset(before.aborted), Offset(before.aborted + 1));
        let noted = log.aborted_transactions(from, to).unwrap();
        assert_eq!(noted.len(), 1, "the aborted record would be read as committed");
    }
}

/// What a round leaves: the last record of each key before the active segment, and that.
fn expected(before: &Before) -> Vec<Seen> {
    let records = &before.records;
    let active = records.len() - 1;
    let is_last = |index: usize| {
        let later = &records[index + 1..active];
        later.iter().all(|other| other.key != records[index].key || other.offset == before.aborted)
    };
    let kept = |index: &usize| {
        *index == active || (records[*index].offset != before.aborted && is_last(*index))
    };
    (0..records.len()).filter(kept).map(|index| records[index].clone()).collect()
}

/// A disk that takes no more changes after some number of them.
#[derive(Debug, Clone)]
struct Limited(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    disk: SimDisk,
    left: AtomicU64,
}

#[derive(Debug)]
struct LimitedFile(Arc<dyn File>, Arc<Inner>);

impl Limited {
    fn new(disk: &SimDisk) -> Arc<Limited> {
        let disk = disk.clone();
        Arc::new(Limited(Arc::new(Inner { disk, left: AtomicU64::new(u64::MAX) })))
    }

    fn file(&self, file: Arc<dyn File>) -> Arc<dyn File> {
        Arc::new(LimitedFile(file, Arc::clone(&self.0)))
    }
}

impl Inner {
    fn change(&self) -> io::Result<()> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::Error::other("the power is gone"));
        }
        self.left.store(left - 1, Ordering::Relaxed);
        Ok(())
    }
}

impl Disk for Limited {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(self.file(self.0.disk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.0.change()?;
        Ok(self.file(self.0.disk.create(path)?))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.0.change()?;
        self.0.disk.create_folder(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.0.disk.list(folder)
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.disk.exists(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.change()?;
        self.0.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.change()?;
        self.0.disk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.0.change()?;
        self.0.disk.remove_folder(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.change()?;
        self.0.disk.sync_folder(folder)
    }
}

impl File for LimitedFile {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buffer, position)
    }

    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.1.change()?;
        self.0.write_all_at(bytes, position)
    }

    fn sync(&self) -> io::Result<()> {
        self.1.change()?;
        self.0.sync()
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.1.change()?;
        self.0.set_size(size)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}
