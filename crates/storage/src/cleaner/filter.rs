//! What is left of one batch.

use std::collections::BTreeMap;

use bytes::Bytes;
use protocol::records::{BatchHeader, BatchView, Horizon, Record, RecordError, Retained, emptied};
use types::{Offset, PlantedBug, ProducerEpoch, ProducerId, Timestamp};

use super::{
    offset_map::OffsetMap,
    transactions::{MarkerFate, Transactions},
};
use crate::aborted::AbortedTransaction;

/// Records are decompressed up to this size.
pub(super) const UNCOMPRESSED_SIZE_MAX: usize = 256 << 20;

/// The last thing a live producer wrote: its batch is kept, if need be without records, so that its
/// sequence or its epoch outlives a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastOfProducer {
    /// A batch that ends at this offset.
    Data(Offset),
    /// Nothing but markers of this epoch.
    Marker(ProducerEpoch),
}

/// What the cleaning of a whole log goes by.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) map: OffsetMap,
    pub(super) transactions: Transactions,
    pub(super) producers: BTreeMap<ProducerId, Vec<LastOfProducer>>,
    pub(super) now: Timestamp,
    /// `delete.retention.ms`.
    pub(super) delete_retention_ms: i64,
}

/// What is left of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) batch: LeftBatch,
    /// The transaction that the batch ends, when it is still to be listed as aborted.
    pub(super) aborted: Option<AbortedTransaction>,
    /// How many records had no key, which nobody may produce here.
    pub(super) without_key: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum LeftBatch {
    Whole { records: usize },
    Rewritten { records: usize, batch: Bytes },
    Nothing,
}

impl Filter {
    /// Decides about one batch; they come in their order. One that is `needed` is kept even when no
    /// record of it is.
    pub(super) fn apply(
        &mut self,
        batch: &BatchView<'_>,
        needed: bool,
    ) -> Result<Left, RecordError> {
        let fate = match batch.is_control() {
            true => self.transactions.end(batch),
            false => MarkerFate { is_spent: self.transactions.is_aborted(batch), aborted: None },
        };
        let mut without_key = 0;
        let retained = if self.goes(batch, fate) {
            Retained::Nothing
        } else {
            let horizon = Horizon {
                time: Timestamp(self.now.0.saturating_add(self.delete_retention_ms)),
                always: fate.is_spent && batch.is_control(),
            };
            batch.retain(UNCOMPRESSED_SIZE_MAX, horizon, |record| {
                let keyless = record.key.is_none() && record.offset <= self.map.latest();
                without_key += u64::from(keyless && !batch.is_control());
                batch.is_control() || self.stays(batch, record)
            })?
        };
        let left = match retained {
            Retained::Whole { records } => LeftBatch::Whole { records },
            Retained::Rewritten { records, batch } => LeftBatch::Rewritten { records, batch },
            Retained::Nothing if !(needed || self.is_last_of_producer(batch)) => LeftBatch::Nothing,
            Retained::Nothing => LeftBatch::Rewritten { records: 0, batch: emptied(batch) },
        };
        Ok(Left { batch: left, aborted: fate.aborted, without_key })
    }

    /// Whether no record of the batch is worth a look. A marker waits for its horizon.
    fn goes(&self, batch: &BatchHeader, fate: MarkerFate) -> bool {
        let is_over = || batch.delete_horizon().is_some_and(|horizon| horizon <= self.now);
        fate.is_spent && (!batch.is_control() || is_over())
    }

    fn stays(&self, batch: &BatchHeader, record: &Record<'_>) -> bool {
        if record.offset > self.map.latest() {
            return true;
        }
        let Some(key) = record.key else { return false };
        let is_last = match self.map.last_offset(key) {
            Some(last) if PlantedBug::CompactLastValue.is_planted() => record.offset > last,
            Some(last) => record.offset >= last,
            None => true,
        };
        let is_wanted = record.value.is_some()
            || batch.delete_horizon().is_none_or(|horizon| self.now < horizon);
        is_last && is_wanted
    }

    fn is_last_of_producer(&self, batch: &BatchHeader) -> bool {
        let lasts = self.producers.get(&batch.producer_id());
        let is_it = |last: &LastOfProducer| match last {
            LastOfProducer::Data(last) => batch.last_offset() == *last,
            LastOfProducer::Marker(epoch) => batch.is_control() && batch.producer_epoch() == *epoch,
        };
        batch.has_producer() && lasts.is_some_and(|lasts| lasts.iter().any(is_it))
    }
}
