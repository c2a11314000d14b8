//! Flushing a partition's log: when it is due, and what follows from it.

use std::{io, time::Duration};

use storage::Flush;
use types::Instant;

use super::{Partition, PartitionEffect};

impl Partition {
    /// A flush came to its end: what it covered is durable, or the log is closed.
    pub(crate) fn finish_flush(
        &mut self,
        now: Instant,
        flush: &Flush,
        outcome: io::Result<()>,
        effects: &mut Vec<PartitionEffect>,
    ) {
        match self.log.finish_flush(flush, outcome, now) {
            Ok(_) => self.advance(now, effects),
            Err(_) => self.fail(effects),
        }
    }

    /// What was appended first since the last flush is now as old as `flush.ms` allows.
    pub(crate) fn flush_by_age(&mut self, now: Instant, effects: &mut Vec<PartitionEffect>) {
        if self.log.flush_due(now) {
            self.flush(effects);
        } else if self.log.flushed_end() < self.log.end_offset() {
            self.ask_for_flush_by_age(now, effects);
        }
    }

    pub(super) fn ask_for_flush_by_age(&self, now: Instant, effects: &mut Vec<PartitionEffect>) {
        let age_ms_max = self.log.config().flush_ms;
        if let Ok(age_ms_max) = u64::try_from(age_ms_max)
            && age_ms_max < u64::MAX >> 1
        {
            effects.push(PartitionEffect::FlushAt(now.after(Duration::from_millis(age_ms_max))));
        }
    }

    /// Begins a flush of all that is not durable, whatever the configuration says.
    pub(crate) fn flush(&mut self, effects: &mut Vec<PartitionEffect>) {
        match self.log.begin_flush() {
            Ok(Some(flush)) => effects.push(PartitionEffect::Flush(flush)),
            Ok(None) => {}
            Err(_) => self.fail(effects),
        }
    }
}
