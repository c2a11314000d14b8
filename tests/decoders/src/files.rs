//! A folder full of files out of one input, on a disk in memory.
//!
//! The input is a list of files: which of the known names, a size in two bytes, the content.

use std::{path::Path, sync::Arc};

use runtime::{Disk, simulated::SimDisk};

/// The files that an input holds, by the number of their names.
pub(crate) fn parse(mut data: &[u8]) -> Vec<(u8, &[u8])> {
    let mut files = Vec::new();
    while let [name, high, low, rest @ ..] = data {
        let size = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (content, behind) = rest.split_at(size);
        files.push((*name, content));
        data = behind;
    }
    files
}

/// The input that holds these files; the reverse of [`parse`].
pub(crate) fn encode(files: &[(u8, &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    for (name, content) in files {
        let size = u16::try_from(content.len()).expect("seeds are small");
        data.push(*name);
        data.extend(size.to_be_bytes());
        data.extend_from_slice(content);
    }
    data
}

/// An empty disk with this folder.
pub(crate) fn disk(folder: &Path) -> SimDisk {
    let disk = SimDisk::new(0);
    disk.create_folder(folder).expect("an empty disk has room");
    disk
}

/// Writes a file.
pub(crate) fn write(disk: &SimDisk, path: &Path, content: &[u8]) {
    let file = disk.create(path).expect("the disk has room");
    file.write_all_at(content, 0).expect("the disk has room");
}

/// The disk as programs take it.
pub(crate) fn shared(disk: &SimDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}
