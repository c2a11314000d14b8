//! The aborted transactions of a segment. Most segments have none, and then no file.

use std::{io, ops::ControlFlow, sync::Arc};

use runtime::File;
use types::Offset;

use super::Segment;
use crate::{
    aborted::{AbortedEntry, AbortedTransaction, Collector},
    entries::Entries,
    error::DiskError,
    names,
    place::Place,
    room,
};

impl Segment {
    /// Adds an aborted transaction, unless the index already has it.
    pub(crate) fn note_aborted(
        &mut self,
        place: &Place,
        aborted: AbortedTransaction,
    ) -> Result<(), DiskError> {
        let name = place.of(self.base, names::TRANSACTION_INDEX);
        let entries = self.aborted(place)?;
        let entry = AbortedEntry::new(aborted);
        let is_new =
            entries.last().is_none_or(|last| last.transaction.last_offset < aborted.last_offset);
        if is_new && entries.push(entry) {
            room::or_later(entries.store(name)).map_err(name.error("write"))?;
        }
        Ok(())
    }

    /// Collects those that reach into a range; breaks when no later segment can have more.
    pub(crate) fn collect_aborted(
        &mut self,
        place: &Place,
        collector: &mut Collector,
    ) -> Result<ControlFlow<()>, DiskError> {
        let name = place.of(self.base, names::TRANSACTION_INDEX);
        let start = collector.start;
        self.aborted(place)?
            .visit_from(
                name,
                |entry| entry.transaction.last_offset < start,
                |entry| collector.visit(entry),
            )
            .map_err(name.error("read"))
    }

    /// Writes the file, also when there is nothing to be in it.
    pub(crate) fn create_aborted(&mut self, place: &Place) -> Result<Arc<dyn File>, DiskError> {
        let name = place.of(self.base, names::TRANSACTION_INDEX);
        self.aborted(place)?.store(name).map_err(name.error("write"))
    }

    /// Writes what is in memory only and returns the file, if there is anything to be in one.
    pub(crate) fn store_aborted(
        &mut self,
        place: &Place,
    ) -> Result<Option<Arc<dyn File>>, DiskError> {
        let name = place.of(self.base, names::TRANSACTION_INDEX);
        match &mut self.aborted {
            Some(entries) if entries.len() > 0 => {
                entries.store(name).map(Some).map_err(name.error("write"))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Removes the transactions whose markers lie at `end` or behind it, durably.
    pub(crate) fn cut_aborted(&mut self, place: &Place, end: Offset) -> Result<(), DiskError> {
        let name = place.of(self.base, names::TRANSACTION_INDEX);
        let entries = self.aborted(place)?;
        let is_cut = entries
            .truncate(name, |entry| entry.transaction.last_offset < end)
            .map_err(name.error("cut"))?;
        if is_cut {
            entries.sync(name).map_err(name.error("sync"))?;
        }
        Ok(())
    }

    /// Reads the whole index of a segment that ends at `end`; false when it makes no sense, and
    /// then it is empty afterwards, durably.
    pub(crate) fn check_aborted(&mut self, place: &Place, end: Offset) -> Result<bool, DiskError> {
        let (name, base) = (place.of(self.base, names::TRANSACTION_INDEX), self.base);
        let file = name.disk().open(&name.path()).map_err(name.error("open"))?;
        let size = file.size().map_err(name.error("read"))?;
        let entries = Entries::<AbortedEntry>::recover(name, |entry| entry.fits(base, end))
            .map_err(name.error("read"))?;
        let is_sane = entries.size_bytes() == size;
        self.aborted = Some(entries);
        if !is_sane {
            self.reset_aborted(place)?;
        }
        Ok(is_sane)
    }

    /// Empties the index, durably: what is in it cannot be believed.
    pub(crate) fn reset_aborted(&mut self, place: &Place) -> Result<(), DiskError> {
        let name = place.of(self.base, names::TRANSACTION_INDEX);
        let mut entries = Entries::new();
        if name.disk().exists(&name.path()) {
            let file = entries.store(name).map_err(name.error("cut"))?;
            file.sync().map_err(name.error("sync"))?;
        }
        self.aborted = Some(entries);
        Ok(())
    }

    fn aborted(&mut self, place: &Place) -> Result<&mut Entries<AbortedEntry>, DiskError> {
        if self.aborted.is_none() {
            let name = place.of(self.base, names::TRANSACTION_INDEX);
            let entries = match Entries::open(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Entries::new(),
                opened => opened.map_err(name.error("open"))?,
            };
            self.aborted = Some(entries);
        }
        Ok(self.aborted.as_mut().expect("the index was just opened"))
    }
}
