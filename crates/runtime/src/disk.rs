//! A disk: folders and files that are read and written at positions and made durable on demand.
//!
//! Paths are absolute or relative to wherever the disk starts; [`SystemDisk`](crate::SystemDisk)
//! takes them as they are. Everything here is synchronous: who must not wait hands the call to a
//! pool. Errors are `std::io::Error`s, so that "no space left" and "input/output error" stay
//! distinguishable.

use std::{
    fmt, io,
    os::fd::BorrowedFd,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file system.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Opens an existing file for reading and writing.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Creates a file, or empties an existing one.
    ///
    /// The name is durable only after [`sync_folder`](Disk::sync_folder) of its folder.
    ///
    /// # Errors
    /// When the folder is missing or the disk refuses.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Creates a folder and those above it; succeeds when it exists.
    ///
    /// # Errors
    /// When the disk refuses.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Whether a file or folder of this name is there.
    fn exists(&self, path: &Path) -> bool;

    /// Renames a file or folder, replacing a file of the new name. Durable after
    /// [`sync_folder`](Disk::sync_folder).
    ///
    /// # Errors
    /// When the old name is missing or the disk refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Slices and handles that are held stay readable.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and all in it.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable: what was created, renamed or removed there.
    ///
    /// # Errors
    /// When the disk refuses; what then is durable is unknown.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// How much room there is on the volume that a folder lies on.
    ///
    /// # Errors
    /// `Unsupported` when this disk has no limits; or when the volume cannot be asked.
    fn space(&self, folder: &Path) -> io::Result<Space> {
        let _ = folder;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes the exclusive lock that a file stands for, creating the file as needed; it is held
    /// until the handle is dropped, also by the end of the process.
    ///
    /// A disk that only one process can see needs no lock and just opens the file.
    ///
    /// # Errors
    /// `WouldBlock` when another process holds it.
    fn lock(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        if self.exists(path) { self.open(path) } else { self.create(path) }
    }

    /// Reads a whole file of at most `size_max` bytes.
    ///
    /// # Errors
    /// `NotFound`, or `InvalidData` when the file is larger.
    fn read(&self, path: &Path, size_max: u64) -> io::Result<Vec<u8>> {
        let file = self.open(path)?;
        let size = file.size()?;
        if size > size_max {
            let text = format!("{} has {size} bytes, more than {size_max}", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let size = usize::try_from(size).map_err(io::Error::other)?;
        let mut bytes = vec![0; size];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// Replaces a file's content so that after a crash either the old or the new one is there:
    /// written beside it as `<name>.tmp`, synced, renamed, folder synced.
    ///
    /// # Errors
    /// When any of these steps fails; the old content is then still there.
    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".tmp");
        let beside = PathBuf::from(beside);
        let written = write_beside(self, &beside, content);
        let renamed = written.and_then(|()| self.rename(&beside, path));
        if renamed.is_err() {
            // On a full disk even half a file is missed. What fails now was said before.
            let _ = self.remove_file(&beside);
        }
        renamed?;
        match path.parent() {
            Some(folder) => self.sync_folder(folder),
            None => Ok(()),
        }
    }
}

fn write_beside<D: Disk + ?Sized>(disk: &D, path: &Path, content: &[u8]) -> io::Result<()> {
    let file = disk.create(path)?;
    file.write_all_at(content, 0)?;
    file.sync()
}

/// The room on a volume, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// All of it.
    pub total: u64,
    /// What this process may still fill.
    pub usable: u64,
}

/// An open file.
pub trait File: fmt::Debug + Send + Sync {
    /// Fills `buffer` from `position` on; returns fewer bytes only at the end of the file.
    ///
    /// # Errors
    /// When the disk fails.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Fills `buffer` from `position` on, only from what is in memory.
    ///
    /// # Errors
    /// `WouldBlock` when the disk would have to be asked: read again on a pool.
    fn read_cached_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.read_at(buffer, position)
    }

    /// Writes all of `bytes` at `position`, growing the file as needed.
    ///
    /// # Errors
    /// When the disk fails or is full; how much was written is then unknown.
    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;

    /// Writes `head` and, right behind it, `rest`: one batch whose rewritten head lies apart from
    /// the bytes that came from the network.
    ///
    /// # Errors
    /// When the disk fails or is full; how much was written is then unknown.
    fn write_both_at(&self, head: &[u8], rest: &[u8], position: u64) -> io::Result<()> {
        self.write_all_at(&[head, rest].concat(), position)
    }

    /// Makes everything written so far durable (`fdatasync`).
    ///
    /// # Errors
    /// When the disk fails. What was written may be lost, and a later success proves nothing about
    /// it: the caller must close what this file stands for.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file, or grows it with zeros.
    ///
    /// # Errors
    /// When the disk fails.
    fn set_size(&self, size: u64) -> io::Result<()>;

    /// The file's size in bytes.
    ///
    /// # Errors
    /// When the disk fails.
    fn size(&self) -> io::Result<u64>;

    /// The descriptor, for `sendfile`; none when this file is not the operating system's.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Fills all of `buffer` from `position` on.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file ends before.
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        if self.read_at(buffer, position)? < buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// A stretch of a file, to be read or sent without copying it first.
///
/// It stays valid when the file is renamed or removed meanwhile.
#[derive(Debug, Clone)]
pub struct FileSlice {
    /// The file.
    pub file: Arc<dyn File>,
    /// Where the stretch begins, in bytes.
    pub position: u64,
    /// How long it is, in bytes.
    pub size: usize,
}

impl FileSlice {
    /// Reads the whole stretch.
    ///
    /// # Errors
    /// When the disk fails, or the file was cut meanwhile.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.size];
        self.file.read_exact_at(&mut bytes, self.position)?;
        Ok(bytes)
    }
}
