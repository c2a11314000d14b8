//! Every message is consumed at least once.

use std::collections::{BTreeMap, BTreeSet};

use types::Offset;

use crate::{
    violation::{Checked, must},
    words::Place,
};

#[derive(Debug, Default)]
pub(super) struct Consumption {
    read: BTreeMap<Place, BTreeSet<Offset>>,
}

impl Consumption {
    /// A member of the group has read a record.
    pub(super) fn read(&mut self, place: Place, offset: Offset) {
        self.read.entry(place).or_default().insert(offset);
    }

    /// These are all records that there are, after the group has come to the end.
    pub(super) fn scanned(&self, place: Place, offsets: &BTreeSet<Offset>) -> Checked {
        let none = BTreeSet::new();
        let read = self.read.get(&place).unwrap_or(&none);
        let missed = offsets.difference(read).next();
        must("a group consumes every record", missed.is_none(), || {
            format!("nobody has read {missed:?} of {place}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_nobody_has_read_is_missed() {
        let place = Place { topic: 0, partition: 0 };
        let mut consumption = Consumption::default();
        consumption.read(place, Offset(0));
        consumption.read(place, Offset(2));
        let read = BTreeSet::from([Offset(0), Offset(2)]);
        assert_eq!(consumption.scanned(place, &read), Ok(()));
        let more = BTreeSet::from([Offset(0), Offset(1)]);
        assert!(consumption.scanned(place, &more).is_err());
    }
}
