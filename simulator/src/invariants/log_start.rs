//! The first offset of a log only rises while a process lives: nothing that was removed comes back.

use std::collections::BTreeMap;

use types::{Offset, TopicPartition};

use super::View;
use crate::violation::{Checked, must};

#[derive(Debug, Default)]
pub(super) struct LogStart {
    process: u64,
    starts: BTreeMap<TopicPartition, Offset>,
}

impl LogStart {
    pub(super) fn check(&mut self, view: &View) -> Checked {
        if self.process != view.process {
            *self = LogStart { process: view.process, ..LogStart::default() };
        }
        for (name, seen) in &view.partitions {
            let before = self.starts.insert(name.clone(), seen.log_start);
            let rises = before.is_none_or(|before| before <= seen.log_start);
            must("the log start only rises", rises, || {
                format!("{name}: {} after {before:?}", seen.log_start)
            })?;
        }
        Ok(())
    }
}
