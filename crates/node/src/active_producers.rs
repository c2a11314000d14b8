//! DescribeProducers: the producers that a partition remembers.

use storage::ActiveProducer;
use types::PartitionIndex;

use crate::{Node, answer::PartitionError, request::TopicRef, slots::State};

impl Node {
    /// The producers of a partition that this broker holds, whether it leads it or not.
    ///
    /// # Errors
    /// When this broker does not hold the partition.
    pub fn active_producers(
        &self,
        topic: &TopicRef,
        partition: PartitionIndex,
    ) -> Result<Vec<ActiveProducer>, PartitionError> {
        let slot = self.find_slot(topic, partition)?;
        let state = slot.state();
        match &*state {
            State::Leading(partition) => Ok(partition.log().active_producers()),
            State::Idle(log) => Ok(log.active_producers()),
            State::Away | State::Failed => Err(self.not_leading(&slot, &state)),
        }
    }
}
