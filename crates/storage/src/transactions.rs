//! The transactions of one log that are not settled: what readers of committed records wait for.
//!
//! A transaction is open from its first batch to its marker. With the marker it is decided, but as
//! long as the marker lies behind the high watermark another leader may not have it, and may decide
//! otherwise: until then nobody shall see it, either.

use std::collections::BTreeMap;

use types::{Offset, ProducerId};

/// The unsettled transactions of one log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Transactions {
    /// By their first offsets.
    open: BTreeMap<Offset, ProducerId>,
    /// The last offset, that of the marker, by the first.
    decided: BTreeMap<Offset, Offset>,
}

impl Transactions {
    pub(crate) fn begin(&mut self, first: Offset, producer: ProducerId) {
        self.open.insert(first, producer);
    }

    /// A marker at `last` ends the transaction that began at `first`. Returns the last stable offset
    /// from then on, the high watermark aside.
    pub(crate) fn decide(&mut self, first: Offset, last: Offset) -> Offset {
        self.open.remove(&first);
        self.decided.insert(first, last);
        self.open.keys().next().copied().unwrap_or_else(|| last.next())
    }

    /// Forgets decided transactions whose markers lie before the high watermark.
    pub(crate) fn settle(&mut self, high_watermark: Offset) {
        // Most logs have none, and every read and write comes by.
        if !self.decided.is_empty() {
            self.decided.retain(|_, last| *last >= high_watermark);
        }
    }

    /// Where the first unsettled transaction begins.
    pub(crate) fn first_offset(&self) -> Option<Offset> {
        match (self.open.first_key_value(), self.decided.first_key_value()) {
            (Some((open, _)), Some((decided, _))) => Some(*open.min(decided)),
            (Some((first, _)), None) | (None, Some((first, _))) => Some(*first),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decided_transaction_holds_readers_back_until_its_marker_is_committed() {
        let mut transactions = Transactions::default();
        transactions.begin(Offset(3), ProducerId(7));
        transactions.begin(Offset(5), ProducerId(8));
        assert_eq!(transactions.decide(Offset(3), Offset(9)), Offset(5));
        assert_eq!(transactions.first_offset(), Some(Offset(3)));
        transactions.settle(Offset(9));
        assert_eq!(transactions.first_offset(), Some(Offset(3)));
        transactions.settle(Offset(10));
        assert_eq!(transactions.first_offset(), Some(Offset(5)));
        assert_eq!(transactions.decide(Offset(5), Offset(10)), Offset(11));
    }
}
