//! The batches of an idempotent producer follow each other without a hole or an overlap.

use std::collections::BTreeMap;

use types::{ProducerEpoch, ProducerId, Sequence};

use crate::{
    reading::ReadBatch,
    violation::{Checked, must},
};

/// Checks the batches of one partition, first to last.
pub(super) fn check(batches: &[ReadBatch]) -> Checked {
    let mut next: BTreeMap<(ProducerId, ProducerEpoch), Sequence> = BTreeMap::new();
    for ReadBatch { header, .. } in batches.iter().filter(|batch| batch.header.has_producer()) {
        let producer = (header.producer_id(), header.producer_epoch());
        let expected = next.insert(producer, header.last_sequence().plus(1));
        let follows = expected.is_none_or(|expected| expected == header.base_sequence());
        must("a producer's sequence has no holes", follows, || {
            let (id, offset) = (header.producer_id(), header.base_offset());
            format!(
                "{} of producer {id} at {offset}, expected {expected:?}",
                header.base_sequence()
            )
        })?;
    }
    Ok(())
}
