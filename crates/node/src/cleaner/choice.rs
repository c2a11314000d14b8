//! Which log is cleaned next.

use std::sync::Arc;

use storage::Cleanable;

use crate::slots::Slot;

/// A log that could be cleaned.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) slot: Arc<Slot>,
    pub(super) cleanable: Cleanable,
    /// `min.cleanable.dirty.ratio`.
    pub(super) dirty_ratio_min: f64,
}

/// Of the logs that are due, the one with the largest dirty part.
pub(super) fn dirtiest(candidates: &[Candidate]) -> Option<usize> {
    let due = candidates.iter().map(|one| (one.cleanable, one.dirty_ratio_min)).enumerate();
    let due = due.filter(|(_, (cleanable, least))| cleanable.is_due(*least));
    let ratios = due.map(|(index, (cleanable, _))| (index, cleanable.dirty_ratio()));
    ratios.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use protocol::records::ProduceRules;
    use types::{Offset, PartitionIndex, TopicId, TopicIdPartition, TopicName, TopicPartition};

    use super::*;
    use crate::TopicConfig;

    /// Clean and dirty bytes, whether something has waited too long, and the least ratio.
    fn candidate(clean: u64, dirty: u64, overdue_ms: i64, dirty_ratio_min: f64) -> Candidate {
        let (topic, partition) = (TopicId::default(), PartitionIndex(0));
        let name = TopicPartition { topic: TopicName::parse("table").unwrap(), partition };
        let rules: ProduceRules = TopicConfig::default().produce_rules();
        let slot = Slot::new(TopicIdPartition { topic, partition }, name, rules);
        let (first_dirty, end) = (Offset(0), Offset(9));
        let (clean_bytes, dirty_bytes) = (clean, dirty);
        let cleanable = Cleanable { first_dirty, end, clean_bytes, dirty_bytes, overdue_ms };
        Candidate { slot: Arc::new(slot), cleanable, dirty_ratio_min }
    }

    #[test]
    fn the_dirtiest_of_the_logs_that_are_due_comes_first() {
        let logs =
            [candidate(100, 150, 0, 0.5), candidate(100, 900, 0, 0.5), candidate(0, 1, 0, 1.0)];
        assert_eq!(dirtiest(&logs), Some(1));
    }

    #[test]
    fn a_log_below_its_ratio_waits_unless_a_record_has_waited_too_long() {
        assert_eq!(dirtiest(&[candidate(100, 100, 0, 0.5)]), None);
        assert_eq!(dirtiest(&[candidate(100, 100, 1, 0.5)]), Some(0));
        assert_eq!(dirtiest(&[candidate(100, 0, 1, 0.5)]), None);
    }
}
