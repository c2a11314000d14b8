//! A cluster's folder on a laptop, and who may use it.
//!
//! ```text
//! lock  socket                    held and served by the one `klamm up`
//! objects/clusters/chat.json      what was applied, and its status
//! brokers/0/server.properties     written at every start
//! brokers/0/volume.json           which cluster the data belongs to
//! brokers/0/broker.log            what the broker says
//! brokers/0/data/                 the broker's own
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use types::BrokerId;

/// A cluster's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

/// Held while this process is the one that runs the cluster.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no home.
    #[error("the user's data directory is not known: give a folder with --data")]
    NoHome,
    /// A file says no.
    #[error("failed to use {path}: {1}", path = .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl Folder {
    /// The folder at this path, whether it is there or not.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where a cluster lies unless it is told otherwise.
    pub fn of_cluster(cluster: &str) -> Result<Self, FolderError> {
        Ok(Self::at(home()?.join(cluster)))
    }

    /// The clusters that lie in the user's data directory.
    pub fn clusters() -> Result<Vec<String>, FolderError> {
        let home = home()?;
        let Ok(entries) = fs::read_dir(&home) else { return Ok(Vec::new()) };
        let folders = entries
            .filter_map(Result::ok)
            .filter(|entry| Self::at(entry.path()).objects().is_dir());
        let mut names: Vec<String> =
            folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }

    /// Makes the folder, for its owner's eyes only.
    pub fn create(&self) -> Result<(), FolderError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.root).map_err(|error| FolderError::Io(self.root.clone(), error))
    }

    /// Takes the lock; none when another process holds it.
    pub fn lock(&self) -> Result<Option<Lock>, FolderError> {
        let path = self.root.join("lock");
        let failed = |error| FolderError::Io(path.clone(), error);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Whether a process runs the cluster.
    pub fn is_in_use(&self) -> Result<bool, FolderError> {
        if !self.root.join("lock").exists() {
            return Ok(false);
        }
        Ok(self.lock()?.is_none())
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The socket other commands use.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }

    /// The objects.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    /// All brokers.
    #[must_use]
    pub fn brokers(&self) -> PathBuf {
        self.root.join("brokers")
    }

    /// One broker.
    #[must_use]
    pub fn broker(&self, broker: BrokerId) -> PathBuf {
        self.brokers().join(broker.0.to_string())
    }
}

fn home() -> Result<PathBuf, FolderError> {
    let home =
        directories::ProjectDirs::from("dev", "klamm", "klamm").ok_or(FolderError::NoHome)?;
    Ok(home.data_dir().to_owned())
}

/// Replaces a file as a whole: after a power cut there is the old one or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().expect("every file of ours lies in a folder");
    fs::create_dir_all(folder)?;
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder(folder)
}

/// Removes a file, durably; one that is not there is no error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path.parent().expect("every file of ours lies in a folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_process_holds_the_lock() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::at(home.path().join("chat"));
        assert!(!folder.is_in_use().unwrap());
        folder.create().unwrap();
        let lock = folder.lock().unwrap();
        assert!(lock.is_some());
        assert!(folder.lock().unwrap().is_none());
        assert!(folder.is_in_use().unwrap());
        drop(lock);
        assert!(!folder.is_in_use().unwrap());
    }

    #[test]
    fn a_replaced_file_leaves_nothing_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b.json");
        replace(&path, b"1").unwrap();
        replace(&path, b"2").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert_eq!(fs::read_dir(home.path().join("a")).unwrap().count(), 1);
        remove(&path).unwrap();
        remove(&path).unwrap();
    }
}
