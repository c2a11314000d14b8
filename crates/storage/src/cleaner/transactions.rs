//! The transactions that a cleaner comes across, from the start of the log on.
//!
//! Records of an aborted transaction are removed. A marker may go when nothing of its transaction is
//! left, and then only after the delete horizon: a reader who has seen the records has to see it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::records::{BatchHeader, BatchView};
use types::ProducerId;

use crate::{aborted::AbortedTransaction, marker::Marker};

/// Transactions that have begun and not ended, up to some offset.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    /// Those that were aborted and have not begun yet, by their first offsets.
    ahead: VecDeque<AbortedTransaction>,
    aborted: BTreeMap<ProducerId, Aborted>,
    committed: BTreeSet<ProducerId>,
}

#[derive(Debug)]
struct Aborted {
    transaction: AbortedTransaction,
    /// A batch of it was there.
    has_batches: bool,
}

/// What becomes of a control batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MarkerFate {
    /// Nothing of its transaction is left.
    pub(super) is_spent: bool,
    /// The transaction is still to be listed as aborted.
    pub(super) aborted: Option<AbortedTransaction>,
}

impl Transactions {
    /// `aborted` are those that reach into the part of the log that will be read.
    pub(super) fn new(mut aborted: Vec<AbortedTransaction>) -> Transactions {
        aborted.sort_by_key(|transaction| transaction.first_offset);
        Transactions { ahead: aborted.into(), ..Transactions::default() }
    }

    /// Takes note of an ordinary batch; true when it belongs to an aborted transaction.
    pub(super) fn is_aborted(&mut self, batch: &BatchHeader) -> bool {
        self.begin_up_to(batch);
        if !batch.is_transactional() {
            return false;
        }
        match self.aborted.get_mut(&batch.producer_id()) {
            Some(aborted) => {
                aborted.has_batches = true;
                true
            }
            None => {
                self.committed.insert(batch.producer_id());
                false
            }
        }
    }

    /// Takes note of a control batch.
    pub(super) fn end(&mut self, batch: &BatchView<'_>) -> MarkerFate {
        self.begin_up_to(batch);
        let producer = batch.producer_id();
        let Some(marker) = Marker::of(batch) else {
            // One without a record was emptied before; others are not about transactions.
            return MarkerFate { is_spent: batch.count() == 0, aborted: None };
        };
        if marker.is_abort {
            let ended = self.aborted.remove(&producer).filter(|ended| ended.has_batches);
            let aborted = ended.map(|ended| ended.transaction);
            return MarkerFate { is_spent: aborted.is_none(), aborted };
        }
        MarkerFate { is_spent: !self.committed.remove(&producer), aborted: None }
    }

    fn begin_up_to(&mut self, batch: &BatchHeader) {
        while let Some(next) = self.ahead.front()
            && next.first_offset <= batch.last_offset()
        {
            let transaction = self.ahead.pop_front().expect("the front was just looked at");
            let begun = Aborted { transaction, has_batches: false };
            self.aborted.entry(transaction.producer).or_insert(begun);
        }
    }
}
