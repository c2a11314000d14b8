//! A file of entries of one size, in ascending order: what an index is made of.
//!
//! New entries are kept in memory and written a page at a time; searches look there first and then
//! read pages of the file. Nothing is mapped and nothing is allocated ahead.

use std::{io, ops::ControlFlow, sync::Arc};

use runtime::File;

use crate::{open_files::FileHandle, place::FileName};

/// An entry of an index file.
pub(crate) trait Entry: Copy {
    /// Its size in the file, in bytes.
    const SIZE: usize;

    fn write(&self, bytes: &mut Vec<u8>);

    fn read(bytes: &[u8]) -> Self;

    /// Whether `self` may stand right in front of `next`.
    fn precedes(&self, next: &Self) -> bool;
}

/// How many bytes of entries are read or kept unwritten at a time.
const PAGE: usize = 4096;

/// No entry is larger.
const ENTRY_SIZE_MAX: usize = 34;

/// The entries of one file, of which the last may still be in memory only.
#[derive(Debug)]
pub(crate) struct Entries<E> {
    handle: FileHandle,
    stored: usize,
    pending: Vec<E>,
    last: Option<E>,
}

impl<E: Entry> Entries<E> {
    /// No entries; the file need not exist.
    pub(crate) fn new() -> Entries<E> {
        Entries { handle: FileHandle::default(), stored: 0, pending: Vec::new(), last: None }
    }

    /// The entries of an existing file, all of them taken to be good; a torn last one is left out.
    pub(crate) fn open(name: FileName<'_>) -> io::Result<Entries<E>> {
        let mut entries = Entries::new();
        let file = entries.handle.open(name)?;
        let size = usize::try_from(file.size()?).map_err(io::Error::other)?;
        entries.stored = size / E::SIZE;
        entries.last = match entries.stored {
            0 => None,
            count => Some(read_one(&file, count - 1)?),
        };
        Ok(entries)
    }

    /// Reads all of a file and keeps, there and in here, those entries in front that are in order
    /// and that `keep` accepts; none when there is no file.
    pub(crate) fn recover(name: FileName<'_>, keep: impl Fn(&E) -> bool) -> io::Result<Entries<E>> {
        let mut entries = match Entries::<E>::open(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entries::new()),
            opened => opened?,
        };
        let file = entries.handle.open(name)?;
        let (mut kept, mut last) = (0, None);
        'pages: while kept < entries.stored {
            let page = read_page::<E>(&file, kept, entries.stored)?;
            for entry in page {
                let in_order = last.is_none_or(|last: E| last.precedes(&entry));
                if !in_order || !keep(&entry) {
                    break 'pages;
                }
                (kept, last) = (kept + 1, Some(entry));
            }
        }
        file.set_size((kept * E::SIZE) as u64)?;
        (entries.stored, entries.last) = (kept, last);
        Ok(entries)
    }

    pub(crate) fn len(&self) -> usize {
        self.stored + self.pending.len()
    }

    pub(crate) fn last(&self) -> Option<E> {
        self.last
    }

    /// Adds an entry in memory; true when it is time to [`store`](Entries::store).
    pub(crate) fn push(&mut self, entry: E) -> bool {
        self.pending.push(entry);
        self.last = Some(entry);
        self.pending.len() >= PAGE / E::SIZE
    }

    /// Writes what is in memory only; the file exists afterwards.
    pub(crate) fn store(&mut self, name: FileName<'_>) -> io::Result<Arc<dyn File>> {
        // A crash can leave the file of a segment that is gone: what is in it does not count.
        let file = match self.stored {
            0 => self.handle.create(name)?,
            _ => self.handle.open(name)?,
        };
        if self.pending.is_empty() {
            return Ok(file);
        }
        let mut bytes = Vec::with_capacity(self.pending.len() * E::SIZE);
        for entry in &self.pending {
            entry.write(&mut bytes);
        }
        file.write_all_at(&bytes, (self.stored * E::SIZE) as u64)?;
        self.stored += self.pending.len();
        self.pending = Vec::new();
        Ok(file)
    }

    /// Removes all entries from the first on that does not meet `keep`; true when some of them were
    /// in the file.
    pub(crate) fn truncate(
        &mut self,
        name: FileName<'_>,
        keep: impl Fn(&E) -> bool,
    ) -> io::Result<bool> {
        let kept_pending = self.pending.partition_point(&keep);
        self.pending.truncate(kept_pending);
        if let Some(last) = self.pending.last() {
            self.last = Some(*last);
            return Ok(false);
        }
        if self.stored == 0 {
            self.last = None;
            return Ok(false);
        }
        let file = self.handle.open(name)?;
        let kept = stored_partition_point(&file, self.stored, &keep)?;
        let is_cut = kept < self.stored;
        if is_cut {
            file.set_size((kept * E::SIZE) as u64)?;
            self.stored = kept;
        }
        self.last = if kept == 0 { None } else { Some(read_one(&file, kept - 1)?) };
        Ok(is_cut)
    }

    /// Makes the file durable as it is.
    pub(crate) fn sync(&mut self, name: FileName<'_>) -> io::Result<()> {
        self.handle.open(name)?.sync()
    }

    /// How large the file is, or will be.
    pub(crate) fn size_bytes(&self) -> u64 {
        (self.len() * E::SIZE) as u64
    }

    /// Visits the entries from the first on that does not meet `before`, which must hold for a
    /// front part of the entries only, until the visitor breaks.
    pub(crate) fn visit_from(
        &mut self,
        name: FileName<'_>,
        before: impl Fn(&E) -> bool,
        mut visit: impl FnMut(&E) -> ControlFlow<()>,
    ) -> io::Result<ControlFlow<()>> {
        if self.stored > 0 {
            let file = self.handle.open(name)?;
            let mut next = stored_partition_point(&file, self.stored, &before)?;
            while next < self.stored {
                let page = read_page::<E>(&file, next, self.stored)?;
                if page.iter().try_for_each(&mut visit).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                next += page.len();
            }
        }
        let first = self.pending.partition_point(before);
        Ok(self.pending[first..].iter().try_for_each(visit))
    }

    /// The last entry that meets `holds`, which must hold for a front part of the entries only.
    pub(crate) fn last_where(
        &mut self,
        name: FileName<'_>,
        holds: impl Fn(&E) -> bool,
    ) -> io::Result<Option<E>> {
        match self.pending.partition_point(&holds) {
            0 => {}
            found => return Ok(Some(self.pending[found - 1])),
        }
        if self.stored == 0 {
            return Ok(None);
        }
        let file = self.handle.open(name)?;
        match stored_partition_point(&file, self.stored, &holds)? {
            0 => Ok(None),
            found => Ok(Some(read_one(&file, found - 1)?)),
        }
    }
}

/// How many of the first `stored` entries meet `holds`: a binary search over pages, then one
/// within a page.
fn stored_partition_point<E: Entry>(
    file: &Arc<dyn File>,
    stored: usize,
    holds: impl Fn(&E) -> bool,
) -> io::Result<usize> {
    let per_page = PAGE / E::SIZE;
    let (mut low, mut high) = (0, stored.div_ceil(per_page));
    while high - low > 1 {
        let middle = low.midpoint(high);
        if holds(&read_one(file, middle * per_page)?) { low = middle } else { high = middle }
    }
    let page = read_page::<E>(file, low * per_page, stored)?;
    Ok(low * per_page + page.partition_point(holds))
}

fn read_one<E: Entry>(file: &Arc<dyn File>, number: usize) -> io::Result<E> {
    let mut bytes = [0; ENTRY_SIZE_MAX];
    let bytes = &mut bytes[..E::SIZE];
    file.read_exact_at(bytes, (number * E::SIZE) as u64)?;
    Ok(E::read(bytes))
}

fn read_page<E: Entry>(file: &Arc<dyn File>, from: usize, stored: usize) -> io::Result<Vec<E>> {
    let count = (PAGE / E::SIZE).min(stored - from);
    let mut bytes = [0; PAGE];
    let bytes = &mut bytes[..count * E::SIZE];
    file.read_exact_at(bytes, (from * E::SIZE) as u64)?;
    Ok(bytes.chunks_exact(E::SIZE).map(E::read).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use runtime::{Disk, SystemDisk};
    use types::Offset;

    use super::*;
    use crate::{index::IndexEntry, names, open_files::OpenFiles, place::Place};

    #[test]
    fn the_last_entry_that_holds_is_found_in_every_page_and_in_memory() {
        let (_folder, place) = place();
        let name = place.of(Offset(0), names::INDEX);
        let mut entries = Entries::new();
        for number in 1..=1500 {
            if entries.push(entry(number)) {
                entries.store(name).unwrap();
            }
        }
        assert_eq!(name.disk().open(&name.path()).unwrap().size().unwrap(), 1024 * 8);
        let mut find = |offset| {
            let holds = |entry: &IndexEntry| entry.relative_offset <= offset;
            entries.last_where(name, holds).unwrap().map(|entry| entry.relative_offset)
        };
        assert_eq!(find(9), None);
        for number in 1..=1500 {
            assert_eq!(find(number * 10), Some(number * 10));
            assert_eq!(find(number * 10 + 9), Some(number * 10));
        }
    }

    #[test]
    fn entries_are_cut_in_memory_and_in_the_file() {
        let (_folder, place) = place();
        let name = place.of(Offset(0), names::INDEX);
        let mut entries = Entries::new();
        for number in 1..=10 {
            entries.push(entry(number));
        }
        entries.store(name).unwrap();
        entries.push(entry(11));
        for kept in [11, 10, 4, 0] {
            entries.truncate(name, |entry| entry.relative_offset <= kept * 10).unwrap();
            assert_eq!(entries.len(), kept as usize);
            assert_eq!(entries.last(), (kept > 0).then(|| entry(kept)));
        }
    }

    #[test]
    fn recovery_keeps_what_is_in_order() {
        let (_folder, place) = place();
        let name = place.of(Offset(0), names::INDEX);
        let mut entries = Entries::new();
        for number in [1, 2, 3, 3, 4] {
            entries.push(entry(number));
        }
        entries.store(name).unwrap();
        let recovered = Entries::<IndexEntry>::recover(name, |_| true).unwrap();
        assert_eq!((recovered.len(), recovered.last()), (3, Some(entry(3))));
        assert_eq!(SystemDisk.read(&name.path(), 100).unwrap().len(), 24);
    }

    fn entry(number: u32) -> IndexEntry {
        IndexEntry { relative_offset: number * 10, position: number * 100 }
    }

    fn place() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().unwrap();
        let files = OpenFiles::new(Arc::new(SystemDisk), 4);
        let place = Place { files, folder: folder.path().to_owned(), ending: "" };
        (folder, place)
    }
}
