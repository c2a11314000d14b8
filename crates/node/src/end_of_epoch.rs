//! OffsetForLeaderEpoch: up to where another log agrees with the leader's (KIP-320).

use types::{LeaderEpoch, Offset};

use crate::{Node, answer::PartitionError, request::EndOfEpoch, slots::State};

impl Node {
    /// The largest epoch that is not above the one asked for, and its end; none when the leader
    /// cannot tell.
    ///
    /// # Errors
    /// When this node does not lead the partition, or not in the epoch the client believes in.
    pub fn end_of_epoch(
        &self,
        asked: &EndOfEpoch,
    ) -> Result<Option<(LeaderEpoch, Offset)>, PartitionError> {
        let slot = self.find_slot(&asked.topic, asked.partition)?;
        let state = slot.state();
        let State::Leading(partition) = &*state else {
            return Err(self.not_leading(&slot, &state));
        };
        self.check_epoch(partition, asked.current_epoch)?;
        Ok(partition.end_of_epoch(asked.epoch))
    }
}
