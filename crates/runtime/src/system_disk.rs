//! The operating system's file system.

use std::{
    fs, io,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::FileExt,
    },
    path::Path,
    sync::Arc,
};

use crate::disk::{Disk, File, Space};

/// The file systems of this machine, paths taken as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = fs::File::options().read(true).write(true).open(path)?;
        Ok(Arc::new(SystemFile(file)))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file =
            fs::File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Arc::new(SystemFile(file)))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn space(&self, folder: &Path) -> io::Result<Space> {
        let volume = rustix::fs::statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(volume.f_frsize);
        Ok(Space { total: bytes(volume.f_blocks), usable: bytes(volume.f_bavail) })
    }

    fn lock(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file =
            fs::File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Arc::new(SystemFile(file)))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs::File::open(folder)?.sync_all()
    }
}

#[derive(Debug)]
struct SystemFile(fs::File);

impl File for SystemFile {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read_at(&mut buffer[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    #[cfg(target_os = "linux")]
    fn read_cached_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        use rustix::io::{Errno, ReadWriteFlags};
        let mut filled = 0;
        while filled < buffer.len() {
            let rest = io::IoSliceMut::new(&mut buffer[filled..]);
            let flags = ReadWriteFlags::NOWAIT;
            match rustix::io::preadv2(&self.0, &mut [rest], position + filled as u64, flags) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                // This file system does not know the flag: the ordinary read is all there is.
                Err(Errno::OPNOTSUPP) => return self.read_at(buffer, position),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(filled)
    }

    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, position)
    }

    #[cfg(target_os = "linux")]
    fn write_both_at(&self, head: &[u8], rest: &[u8], position: u64) -> io::Result<()> {
        let both = [io::IoSlice::new(head), io::IoSlice::new(rest)];
        let written = match rustix::io::pwritev(&self.0, &both, position) {
            Ok(written) => written,
            Err(rustix::io::Errno::INTR) => 0,
            Err(error) => return Err(error.into()),
        };
        if written < head.len() {
            self.0.write_all_at(&head[written..], position + written as u64)?;
        }
        let written_of_rest = written.saturating_sub(head.len());
        let position = position + (head.len() + written_of_rest) as u64;
        self.0.write_all_at(&rest[written_of_rest..], position)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.0.set_len(size)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_holds_the_new_content_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        SystemDisk.replace(&path, b"old").unwrap();
        SystemDisk.replace(&path, b"new!").unwrap();
        assert_eq!(SystemDisk.read(&path, 10).unwrap(), b"new!");
        assert_eq!(SystemDisk.list(folder.path()).unwrap(), ["checkpoint"]);
        assert!(SystemDisk.read(&path, 3).is_err());
    }

    #[test]
    fn a_volume_has_room_and_what_is_usable_is_part_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let space = SystemDisk.space(folder.path()).unwrap();
        assert!(0 < space.total && space.usable <= space.total, "{space:?}");
        assert!(SystemDisk.space(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn a_lock_is_held_until_its_handle_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        let held = SystemDisk.lock(&path).unwrap();
        assert_eq!(SystemDisk.lock(&path).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(held);
        SystemDisk.lock(&path).unwrap();
    }

    #[test]
    fn a_head_and_its_rest_are_written_behind_one_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        let file = SystemDisk.create(&path).unwrap();
        file.write_both_at(b"he", b"ader", 1).unwrap();
        assert_eq!(SystemDisk.read(&path, 10).unwrap(), b"\0header");
    }

    #[test]
    fn a_removed_file_stays_readable_through_its_handle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        let file = SystemDisk.create(&path).unwrap();
        file.write_all_at(b"0123456789", 0).unwrap();
        SystemDisk.remove_file(&path).unwrap();
        let mut read = [0; 4];
        assert_eq!(file.read_cached_at(&mut read, 8).unwrap(), 2);
        assert_eq!(&read[..2], b"89");
    }
}
