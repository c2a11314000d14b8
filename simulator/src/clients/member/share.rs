//! The partitions of one member, and how far it has come in each.

use std::collections::BTreeMap;

use types::Offset;

use crate::{
    groups::Groups,
    oracle::Oracle,
    reading::read_batches,
    violation::Checked,
    words::{Place, places_in},
};

/// A member's partitions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Share {
    places: BTreeMap<Place, Progress>,
    /// Whose turn it was last.
    last: Option<Place>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Progress {
    /// What is read next; none before the group's committed offset is known.
    next: Option<Offset>,
    /// Whether something was read since the last commit.
    is_ahead: bool,
    /// Whether there was nothing to read the last time.
    is_at_end: bool,
}

impl Share {
    /// What was assigned; nothing is known yet of how far the group has come.
    pub(super) fn of(assignment: &[u8]) -> Share {
        let places = places_in(assignment).into_iter();
        Share { places: places.map(|place| (place, Progress::default())).collect(), last: None }
    }

    /// The partitions of which the committed offset has to be asked for.
    pub(super) fn unknown(&self) -> Vec<Place> {
        let unknown = self.places.iter().filter(|(_, progress)| progress.next.is_none());
        unknown.map(|(place, _)| *place).collect()
    }

    /// The group has come so far in a partition.
    pub(super) fn resume(&mut self, place: Place, committed: Option<Offset>) {
        self.set(place, committed.unwrap_or(Offset::ZERO));
    }

    /// This is read next of a partition.
    pub(super) fn set(&mut self, place: Place, next: Offset) {
        if let Some(progress) = self.places.get_mut(&place) {
            progress.next = Some(next);
        }
    }

    /// The partition whose turn it is, what is read next of it, and whether there was nothing more
    /// to read in any. Those in which there was something come first.
    pub(super) fn turn(&mut self) -> Option<(Place, Offset, bool)> {
        let is_idle = self.places.values().all(|progress| progress.is_at_end);
        let mut places = self.places.iter().filter(|(_, one)| is_idle || !one.is_at_end);
        let mut after = places.clone().filter(|(place, _)| Some(**place) > self.last);
        let (place, progress) = after.next().or_else(|| places.next())?;
        self.last = Some(*place);
        Some((*place, progress.next?, is_idle))
    }

    /// Records were read.
    pub(super) fn read(
        &mut self,
        place: Place,
        records: &[u8],
        oracle: &mut Oracle,
        groups: &mut Groups,
    ) -> Checked {
        let progress = self.places.get_mut(&place);
        let Some(Progress { next: Some(next), is_ahead, is_at_end }) = progress else {
            return Ok(());
        };
        *is_at_end = records.is_empty();
        for batch in read_batches(records)? {
            for (offset, value) in batch.records {
                if offset >= *next {
                    oracle.read(place, offset, value)?;
                    groups.read(place, offset);
                }
            }
            let end = batch.header.last_offset().next();
            *is_ahead |= end > *next;
            *next = end.max(*next);
        }
        Ok(())
    }

    /// What was read and not committed.
    pub(super) fn uncommitted(&self) -> Vec<(Place, Offset)> {
        let ahead = self.places.iter().filter(|(_, progress)| progress.is_ahead);
        ahead.filter_map(|(place, progress)| Some((*place, progress.next?))).collect()
    }

    /// These offsets were committed.
    pub(super) fn committed(&mut self, offsets: &[(Place, Offset)]) {
        for (place, offset) in offsets {
            if let Some(progress) = self.places.get_mut(place) {
                progress.is_ahead &= progress.next != Some(*offset);
            }
        }
    }

    /// How far the member has come.
    pub(super) fn progress(&self) -> super::Progress {
        let all = self.places.iter();
        all.map(|(place, one)| (*place, one.next.filter(|_| !one.is_ahead))).collect()
    }
}
