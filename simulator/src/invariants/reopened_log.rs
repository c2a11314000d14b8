//! A log that is opened again is the one that was there: whole after the death of its process, and
//! at least up to its last flush after a power cut.

use std::collections::BTreeMap;

use types::{Offset, TopicPartition};

use super::View;
use crate::violation::{Checked, must};

#[derive(Debug, Default)]
pub(super) struct ReopenedLog {
    /// What each log was when it was last seen open.
    before: BTreeMap<TopicPartition, Before>,
}

#[derive(Debug)]
struct Before {
    flushed_end: Offset,
    log_end: Offset,
    /// The disk failed: what was written last is unknown.
    is_closed: bool,
    power_was_cut: bool,
}

impl ReopenedLog {
    pub(super) fn check(&mut self, view: &View) -> Checked {
        if self.before.is_empty() {
            return Ok(());
        }
        for (name, seen) in &view.partitions {
            let Some(before) = self.before.remove(name) else { continue };
            let (least, most) = before.bounds();
            let end = seen.log_end;
            must("a reopened log is what was there", least <= end && end <= most, || {
                format!("{name} ends at {end}, not from {least} to {most}")
            })?;
        }
        Ok(())
    }

    pub(super) fn died(&mut self, view: &View) {
        for (name, seen) in &view.partitions {
            let before = Before {
                flushed_end: seen.flushed_end,
                log_end: seen.log_end,
                is_closed: seen.is_closed,
                power_was_cut: false,
            };
            self.before.insert(name.clone(), before);
        }
    }

    pub(super) fn power_was_cut(&mut self) {
        for before in self.before.values_mut() {
            before.power_was_cut = true;
        }
    }
}

impl Before {
    /// Where the log must end at least and may end at most when it is opened again.
    fn bounds(&self) -> (Offset, Offset) {
        match (self.is_closed, self.power_was_cut) {
            (true, _) => (self.flushed_end, Offset(i64::MAX)),
            (false, true) => (self.flushed_end, self.log_end),
            (false, false) => (self.log_end, self.log_end),
        }
    }
}
