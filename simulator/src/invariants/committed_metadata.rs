//! Committed metadata never change: every batch below the high watermark is there, byte for byte,
//! after any crash, unless a snapshot stands for it.

use std::collections::BTreeMap;

use protocol::records::batches;
use types::Offset;

use super::View;
use crate::violation::{Checked, Violation, must};

#[derive(Debug, Default)]
pub(super) struct CommittedMetadata {
    /// The batches that were committed, by their first offset.
    committed: BTreeMap<Offset, Vec<u8>>,
}

impl CommittedMetadata {
    pub(super) fn died(&mut self, view: &View, log: &[u8]) -> Checked {
        let committed = view.quorum.as_ref().and_then(|quorum| quorum.high_watermark);
        let Some(high_watermark) = committed else { return Ok(()) };
        for (base, (last, bytes)) in read(log) {
            if last < high_watermark {
                let before = self.committed.entry(base).or_insert_with(|| bytes.clone());
                must("committed metadata never change", *before == bytes, || {
                    format!("the batch at {base}")
                })?;
            }
        }
        Ok(())
    }

    pub(super) fn recovered(&mut self, log: &[u8]) -> Checked {
        let found = read(log);
        let Some(start) = found.keys().next().copied() else {
            return must("committed metadata survive", self.committed.is_empty(), || "no log");
        };
        for (base, bytes) in self.committed.range(start..) {
            match found.get(base) {
                Some((_, same)) if same == bytes => {}
                other => {
                    let what = if other.is_some() { "differs" } else { "is missing" };
                    let detail = format!("the batch at {base} {what}");
                    return Err(Violation::new("committed metadata survive", detail));
                }
            }
        }
        Ok(())
    }
}

/// The batches of a log by their first offset, each with its last offset.
fn read(log: &[u8]) -> BTreeMap<Offset, (Offset, Vec<u8>)> {
    batches(log)
        .map_while(Result::ok)
        .map(|batch| (batch.base_offset(), (batch.last_offset(), batch.bytes().to_vec())))
        .collect()
}
