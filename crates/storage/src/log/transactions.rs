//! What readers of committed records have to know: how far they may read, and what to leave out.

use types::Offset;

use super::Log;
use crate::{
    aborted::{AbortedTransaction, Collector},
    error::DiskError,
};

impl Log {
    /// The end of what no transaction can take back: the first offset of the oldest transaction
    /// that is open, or whose end may not be on all replicas, and at most the high watermark.
    pub fn last_stable_offset(&mut self, high_watermark: Offset) -> Offset {
        self.producers.settle(high_watermark);
        match self.producers.first_unsettled_offset() {
            // What lay before the start is gone with its transaction.
            Some(first) => first.max(self.start).min(high_watermark),
            None => high_watermark,
        }
    }

    /// The aborted transactions that reach into the offsets from `start` up to `end`, in the order
    /// of their markers; for each producer that is also the order in which they began.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn aborted_transactions(
        &mut self,
        start: Offset,
        end: Offset,
    ) -> Result<Vec<AbortedTransaction>, DiskError> {
        let mut collector = Collector { start, end, found: Vec::new() };
        let first = self.segment_index(start).unwrap_or(0);
        for segment in self.segments.range_mut(first..) {
            if segment.collect_aborted(&self.place, &mut collector)?.is_break() {
                break;
            }
        }
        Ok(collector.found)
    }
}
