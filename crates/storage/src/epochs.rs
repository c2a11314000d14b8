//! Where each leader epoch begins in a log.
//!
//! Replicas that part ways agree by it on the last offset they share, so it is kept beside the log
//! in `leader-epoch-checkpoint`. What the log holds behind the recovery point can be read from the
//! batches again; what lies before it must be in the file.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use runtime::Disk;
use types::{LeaderEpoch, Offset};

use crate::checkpoint::{CheckpointError, Lines};

/// The epochs of one log, ascending, each with its first offset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Epochs {
    starts: Vec<EpochStart>,
    /// Grows with every change.
    version: u64,
}

/// The file that the epochs are kept in; a flush may write it while the log goes on.
#[derive(Debug)]
pub(crate) struct EpochFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// The version of the epochs that is in the file.
    saved: AtomicU64,
    writing: Mutex<()>,
}

/// The content of the file at one time.
#[derive(Debug)]
pub(crate) struct EpochsToSave {
    version: u64,
    content: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EpochStart {
    epoch: LeaderEpoch,
    start: Offset,
}

/// Where an epoch ends: the answer to "up to where do we agree?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochEnd {
    /// The largest epoch that is known and not greater than the one asked for; the one asked for
    /// when it is older than all.
    pub epoch: LeaderEpoch,
    /// The first offset behind it.
    pub end_offset: Offset,
}

impl Epochs {
    pub(crate) fn latest(&self) -> Option<LeaderEpoch> {
        self.starts.last().map(|last| last.epoch)
    }

    /// What the file does not say yet.
    pub(crate) fn unsaved(&self, file: &EpochFile) -> Option<EpochsToSave> {
        self.differs_from(file)
            .then(|| EpochsToSave { version: self.version, content: self.encode() })
    }

    pub(crate) fn differs_from(&self, file: &EpochFile) -> bool {
        self.version > file.saved.load(Ordering::Acquire)
    }

    /// Notes that `epoch` begins at `start`, unless it or a later one has begun.
    pub(crate) fn begin(&mut self, epoch: LeaderEpoch, start: Offset) {
        if epoch < LeaderEpoch(0) || self.latest().is_some_and(|latest| latest >= epoch) {
            return;
        }
        // An epoch that appended nothing gives its place to the next.
        self.starts.retain(|known| known.start < start);
        self.starts.push(EpochStart { epoch, start });
        self.version += 1;
    }

    /// Forgets what begins at `end` or behind it.
    pub(crate) fn truncate_end(&mut self, end: Offset) {
        let kept = self.starts.partition_point(|known| known.start < end);
        if kept < self.starts.len() {
            self.starts.truncate(kept);
            self.version += 1;
        }
    }

    /// Forgets what ends at `start` or before it; the epoch that holds `start` begins there.
    pub(crate) fn truncate_start(&mut self, start: Offset) {
        let Some(holding) = self.starts.iter().rposition(|known| known.start <= start) else {
            return;
        };
        if holding > 0 || self.starts[0].start < start {
            self.starts.drain(..holding);
            self.starts[0].start = start;
            self.version += 1;
        }
    }

    /// The epoch that `offset` was written in.
    pub(crate) fn of(&self, offset: Offset) -> Option<LeaderEpoch> {
        let index = self.starts.partition_point(|known| known.start <= offset);
        index.checked_sub(1).map(|index| self.starts[index].epoch)
    }

    /// Where `epoch` ends in a log that ends at `log_end`; none when it is not known here yet.
    pub(crate) fn end_of(&self, epoch: LeaderEpoch, log_end: Offset) -> Option<EpochEnd> {
        if epoch < LeaderEpoch(0) {
            return None;
        }
        let behind = self.starts.partition_point(|known| known.epoch <= epoch);
        let floor = behind.checked_sub(1).map(|index| self.starts[index].epoch);
        match self.starts.get(behind) {
            Some(next) => Some(EpochEnd { epoch: floor.unwrap_or(epoch), end_offset: next.start }),
            None if floor == Some(epoch) => Some(EpochEnd { epoch, end_offset: log_end }),
            None => None,
        }
    }

    /// The content of `leader-epoch-checkpoint`.
    fn encode(&self) -> String {
        let mut text = format!("0\n{}\n", self.starts.len());
        for EpochStart { epoch, start } in &self.starts {
            text.push_str(&format!("{epoch} {start}\n"));
        }
        text
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Epochs, CheckpointError> {
        let lines = Lines::parse(bytes)?;
        let mut starts: Vec<EpochStart> = Vec::new();
        for line in lines.iter() {
            let [epoch, start] = line.fields()?;
            let entry = EpochStart {
                epoch: LeaderEpoch(line.number(epoch)?),
                start: Offset(line.number(start)?),
            };
            if entry.epoch < LeaderEpoch(0) || entry.start < Offset(0) {
                return Err(line.error("holds a number below 0"));
            }
            let ascends = starts
                .last()
                .is_none_or(|last| last.epoch < entry.epoch && last.start <= entry.start);
            if !ascends {
                return Err(line.error("is not greater than the one before"));
            }
            starts.push(entry);
        }
        Ok(Epochs { starts, version: 0 })
    }
}

impl EpochFile {
    pub(crate) fn new(disk: Arc<dyn Disk>, path: PathBuf) -> Arc<EpochFile> {
        Arc::new(EpochFile { disk, path, saved: AtomicU64::new(0), writing: Mutex::new(()) })
    }

    /// Replaces the content, durably, unless what is there is newer.
    pub(crate) fn save(&self, epochs: &EpochsToSave) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if epochs.version > self.saved.load(Ordering::Acquire) {
            self.disk.replace(&self.path, epochs.content.as_bytes())?;
            self.saved.store(epochs.version, Ordering::Release);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(starts: &[(i32, i64)]) -> Epochs {
        let mut epochs = Epochs::default();
        for (epoch, start) in starts {
            epochs.begin(LeaderEpoch(*epoch), Offset(*start));
        }
        epochs
    }

    fn end_of(epochs: &Epochs, epoch: i32) -> Option<(i32, i64)> {
        let end = epochs.end_of(LeaderEpoch(epoch), Offset(100))?;
        Some((end.epoch.0, end.end_offset.0))
    }

    #[test]
    fn an_epoch_ends_where_the_next_begins() {
        let epochs = epochs(&[(2, 10), (4, 20), (7, 50)]);
        assert_eq!(end_of(&epochs, 1), Some((1, 10)));
        assert_eq!(end_of(&epochs, 2), Some((2, 20)));
        assert_eq!(end_of(&epochs, 3), Some((2, 20)));
        assert_eq!(end_of(&epochs, 5), Some((4, 50)));
        assert_eq!(end_of(&epochs, 7), Some((7, 100)));
        assert_eq!(end_of(&epochs, 8), None);
        assert_eq!(end_of(&epochs, -1), None);
        assert_eq!(end_of(&Epochs::default(), 0), None);
    }

    #[test]
    fn an_epoch_that_appended_nothing_gives_its_place_to_the_next() {
        let text = "0\n2\n1 10\n3 30\n";
        assert_eq!(epochs(&[(1, 10), (2, 30), (3, 30)]).encode(), text);
    }

    #[test]
    fn truncation_forgets_epochs_at_both_ends() {
        let mut epochs = epochs(&[(1, 10), (2, 30), (3, 60)]);
        epochs.truncate_end(Offset(60));
        epochs.truncate_start(Offset(40));
        assert_eq!(epochs.encode(), "0\n1\n2 40\n");
        assert_eq!(epochs.of(Offset(39)), None);
        assert_eq!(epochs.of(Offset(40)), Some(LeaderEpoch(2)));
    }

    #[test]
    fn the_file_is_kafkas_and_is_read_back() {
        let text = "0\n2\n0 0\n5 1000\n";
        assert_eq!(epochs(&[(0, 0), (5, 1000)]).encode(), text);
        assert_eq!(Epochs::decode(text.as_bytes()).unwrap().encode(), text);
        assert!(Epochs::decode(b"0\n2\n5 0\n4 10\n").is_err());
        assert!(Epochs::decode(b"0\n2\n5 0\n").is_err());
        assert!(Epochs::decode(b"1\n0\n").is_err());
    }
}
