//! The entries of `.txnindex`: which transactions of a segment were aborted.
//!
//! An entry stands in the index of the segment that holds its marker. Entries are ordered by their
//! last offsets; so those of one producer are ordered by their first ones, too.

use std::ops::ControlFlow;

use bytes::{Buf, BufMut};
use types::{Offset, ProducerId};

use crate::entries::Entry;

/// The only version there is.
const VERSION: i16 = 0;

/// A transaction that was aborted: the batches of its producer that lie in it do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// Who wrote it.
    pub producer: ProducerId,
    /// Where its first batch begins.
    pub first_offset: Offset,
    /// Where its marker is.
    pub last_offset: Offset,
    /// Up to where no transaction was open when it ended.
    pub last_stable_offset: Offset,
}

/// An entry as it lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AbortedEntry {
    version: i16,
    pub(crate) transaction: AbortedTransaction,
}

impl AbortedEntry {
    pub(crate) fn new(transaction: AbortedTransaction) -> AbortedEntry {
        AbortedEntry { version: VERSION, transaction }
    }

    /// Whether a segment from `base` up to `end` can have this entry in its index.
    pub(crate) fn fits(&self, base: Offset, end: Offset) -> bool {
        let AbortedTransaction { producer, first_offset, last_offset, last_stable_offset } =
            self.transaction;
        self.version == VERSION
            && producer >= ProducerId(0)
            && (Offset::ZERO..=last_offset).contains(&first_offset)
            && (base..end).contains(&last_offset)
            && (Offset::ZERO..=last_offset.next()).contains(&last_stable_offset)
    }
}

impl Entry for AbortedEntry {
    const SIZE: usize = 34;

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put_i16(self.version);
        bytes.put_i64(self.transaction.producer.0);
        bytes.put_i64(self.transaction.first_offset.0);
        bytes.put_i64(self.transaction.last_offset.0);
        bytes.put_i64(self.transaction.last_stable_offset.0);
    }

    fn read(mut bytes: &[u8]) -> AbortedEntry {
        AbortedEntry {
            version: bytes.get_i16(),
            transaction: AbortedTransaction {
                producer: ProducerId(bytes.get_i64()),
                first_offset: Offset(bytes.get_i64()),
                last_offset: Offset(bytes.get_i64()),
                last_stable_offset: Offset(bytes.get_i64()),
            },
        }
    }

    fn precedes(&self, next: &AbortedEntry) -> bool {
        self.transaction.last_offset < next.transaction.last_offset
    }
}

/// Collects the transactions that reach into a range of offsets.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    pub(crate) found: Vec<AbortedTransaction>,
}

impl Collector {
    /// Takes the entries in their order; breaks when none that follows can reach into the range.
    pub(crate) fn visit(&mut self, entry: &AbortedEntry) -> ControlFlow<()> {
        let transaction = entry.transaction;
        if transaction.last_offset >= self.start && transaction.first_offset < self.end {
            self.found.push(transaction);
        }
        // What follows was open at that offset, or began even later.
        match transaction.last_stable_offset >= self.end {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_version_and_four_numbers() {
        let entry = AbortedEntry::new(aborted(7, 10, 20, 21));
        let mut bytes = Vec::new();
        entry.write(&mut bytes);
        let numbers = [7u64, 10, 20, 21].map(u64::to_be_bytes).concat();
        assert_eq!(bytes, [&[0, 0][..], &numbers].concat());
        assert_eq!(AbortedEntry::read(&bytes), entry);
    }

    #[test]
    fn an_entry_fits_only_the_segment_that_holds_its_marker() {
        let fits = |transaction, version| {
            AbortedEntry { version, transaction }.fits(Offset(15), Offset(30))
        };
        assert!(fits(aborted(7, 10, 20, 21), 0));
        assert!(!fits(aborted(7, 10, 20, 21), 1));
        assert!(!fits(aborted(-1, 10, 20, 21), 0));
        assert!(!fits(aborted(7, 21, 20, 21), 0));
        assert!(!fits(aborted(7, 10, 14, 15), 0));
        assert!(!fits(aborted(7, 10, 30, 15), 0));
        assert!(!fits(aborted(7, 10, 20, 22), 0));
    }

    fn aborted(producer: i64, first: i64, last: i64, stable: i64) -> AbortedTransaction {
        AbortedTransaction {
            producer: ProducerId(producer),
            first_offset: Offset(first),
            last_offset: Offset(last),
            last_stable_offset: Offset(stable),
        }
    }
}
