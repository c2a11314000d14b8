//! Where the last batches of a segment begin, so that reads at the tail search nothing.

use std::collections::VecDeque;

use types::Offset;

use crate::walk::Placed;

/// How many batches are remembered.
const BATCHES: usize = 32;

/// The last batches of one segment.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    batches: VecDeque<Remembered>,
    /// The first offset that the remembered batches answer for.
    start: Offset,
}

#[derive(Debug, Clone, Copy)]
struct Remembered {
    base: Offset,
    last: Offset,
    position: u32,
}

/// A batch that the tail knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its first offset.
    pub(crate) base: Offset,
    /// Where it begins.
    pub(crate) position: u32,
}

impl Tail {
    pub(crate) fn push(&mut self, batch: &Placed) {
        if self.batches.is_empty() {
            self.start = batch.header.base_offset();
        } else if self.batches.len() == BATCHES {
            let forgotten = self.batches.pop_front().expect("the tail is full");
            self.start = forgotten.last.next();
        }
        self.batches.push_back(Remembered {
            base: batch.header.base_offset(),
            last: batch.header.last_offset(),
            position: batch.position,
        });
    }

    /// The first batch that ends at `offset` or behind it, when the tail knows for sure.
    pub(crate) fn find(&self, offset: Offset) -> Option<Found> {
        if self.batches.is_empty() || offset < self.start {
            return None;
        }
        let index = self.batches.partition_point(|batch| batch.last < offset);
        let batch = self.batches.get(index)?;
        Some(Found { base: batch.base, position: batch.position })
    }

    /// The offset after the last batch.
    pub(crate) fn end(&self) -> Option<Offset> {
        self.batches.back().map(|batch| batch.last.next())
    }

    pub(crate) fn clear(&mut self) {
        self.batches = VecDeque::new();
    }
}
