//! What is read back after a sync has failed.
//!
//! Linux keeps pages that it could not write in its cache and counts them as clean: they are read
//! as if all were well, but no later sync writes them, and a power cut takes them. A log whose sync
//! failed is closed; but the next process would open it, read what is only in the cache, and
//! acknowledge batches behind it that the next power cut tears away with it. So a note is left in
//! the folder, and who opens the log next writes everything anew that it cannot know to be on disk.
//! It does so beside the old files, which may hold what was acknowledged and is on disk, and puts
//! them in their place. The note need not be durable: a power cut empties the cache, too.

use std::{
    io,
    path::{Path, PathBuf},
};

use runtime::Disk;

use crate::names;

/// The note's name. Kafka passes over files whose names it does not know.
const NOTE: &str = "sync-failed";

const CHUNK: usize = 1 << 20;

/// Leaves the note. There is nobody to tell when not even that succeeds. Where the folder is gone
/// there is nothing to distrust: its topic was deleted while the sync was on its way.
pub(crate) fn leave_note(disk: &dyn Disk, folder: &Path) {
    match disk.create(&folder.join(NOTE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let folder = folder.display();
            tracing::error!(%folder, %error, "failed to note that a sync failed");
        }
        Ok(_) | Err(_) => {}
    }
}

/// Whether there is a note among the files of a folder.
pub(crate) fn is_noted(listed: &[String]) -> bool {
    listed.iter().any(|name| name == NOTE)
}

/// Takes the note away.
pub(crate) fn remove_note(disk: &dyn Disk, folder: &Path) -> io::Result<()> {
    disk.remove_file(&folder.join(NOTE))
}

/// Puts a durable copy of what is read from a file in its place.
pub(crate) fn write_anew(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(names::TEMPORARY);
    let beside = PathBuf::from(beside);
    copy(disk, path, &beside)?;
    disk.rename(&beside, path)?;
    path.parent().map_or(Ok(()), |folder| disk.sync_folder(folder))
}

fn copy(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (disk.open(from)?, disk.create(to)?);
    let mut chunk = vec![0; CHUNK];
    let mut position = 0;
    loop {
        let count = from.read_at(&mut chunk, position)?;
        if count == 0 {
            return to.sync();
        }
        to.write_all_at(&chunk[..count], position)?;
        position += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use runtime::simulated::SimDisk;

    use super::*;

    #[test]
    fn what_is_written_anew_is_durable_although_a_sync_had_failed() {
        let bytes: Vec<u8> = (0..=255).cycle().take(CHUNK + 5).collect();
        for seed in 0..50 {
            let disk = SimDisk::new(seed);
            let path = Path::new("segment");
            let file = disk.create(path).unwrap();
            disk.sync_folder(Path::new("/")).unwrap();
            file.write_all_at(&bytes, 0).unwrap();
            disk.fail_sync_after(0);
            assert!(file.sync().is_err());
            write_anew(&disk, path).unwrap();
            let after = disk.crash().read(path, 1 << 30).unwrap();
            assert!(after == bytes, "seed {seed}");
        }
    }
}
