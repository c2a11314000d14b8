//! The high watermark lies in the log and only rises while a process lives.

use std::collections::BTreeMap;

use types::{Offset, TopicPartition};

use super::View;
use crate::violation::{Checked, must};

#[derive(Debug, Default)]
pub(super) struct HighWatermark {
    process: u64,
    highest: BTreeMap<TopicPartition, Offset>,
    highest_of_metadata: Option<Offset>,
}

impl HighWatermark {
    pub(super) fn check(&mut self, view: &View) -> Checked {
        if self.process != view.process {
            *self = HighWatermark { process: view.process, ..HighWatermark::default() };
        }
        for (name, seen) in &view.partitions {
            let high = seen.high_watermark;
            let lies_within = seen.log_start <= high && high <= seen.log_end;
            must("the high watermark lies in the log", lies_within, || {
                format!("{name}: {seen:?}")
            })?;
            let before = self.highest.insert(name.clone(), high);
            let rises = before.is_none_or(|before| before <= high);
            must("the high watermark only rises", rises, || {
                format!("{name}: {high} after {before:?}")
            })?;
        }
        self.check_metadata(view)
    }

    fn check_metadata(&mut self, view: &View) -> Checked {
        let Some(quorum) = &view.quorum else { return Ok(()) };
        let Some(high) = quorum.high_watermark else { return Ok(()) };
        must("the high watermark lies in the log", high <= quorum.log_end, || {
            format!("metadata: {quorum:?}")
        })?;
        let before = self.highest_of_metadata.replace(high);
        let rises = before.is_none_or(|before| before <= high);
        must("the high watermark only rises", rises, || {
            format!("metadata: {high} after {before:?}")
        })
    }
}
