//! ListOffsets: offsets by what is there, or by time.

use types::{Offset, Timestamp};

use crate::{
    Node,
    answer::{ListedOffset, PartitionError},
    partition::{Partition, lookup_error},
    request::{Isolation, ListOffsetsPartition, Position},
    slots::State,
};

impl Node {
    /// Looks up one offset.
    ///
    /// # Errors
    /// When this node does not lead the partition, or its log cannot be read.
    pub fn list_offset(&self, one: &ListOffsetsPartition) -> Result<ListedOffset, PartitionError> {
        let slot = self.find_slot(&one.topic, one.partition)?;
        let mut state = slot.state();
        let State::Leading(partition) = &mut *state else {
            return Err(self.not_leading(&slot, &state));
        };
        self.check_epoch(partition, one.current_epoch)?;
        look_up(partition, one.isolation, one.position)
    }
}

pub(crate) fn look_up(
    partition: &mut Partition,
    isolation: Isolation,
    position: Position,
) -> Result<ListedOffset, PartitionError> {
    let readable_end = partition.readable_end(isolation);
    match position {
        Position::Earliest => Ok(at(partition, partition.log().start_offset())),
        Position::Latest => Ok(at(partition, readable_end)),
        Position::LatestTiered | Position::EarliestPendingUpload => Ok(NOTHING),
        Position::MaxTimestamp => {
            let found = partition
                .log_mut()
                .offset_of_max_timestamp()
                .map_err(|error| lookup_error(&error))?;
            Ok(listed(found.filter(|found| found.offset < readable_end)))
        }
        Position::At(time) => {
            let found = partition
                .log_mut()
                .offset_for_timestamp(time)
                .map_err(|error| lookup_error(&error))?;
            Ok(listed(found.filter(|found| found.offset < readable_end)))
        }
    }
}

const NOTHING: ListedOffset = ListedOffset {
    offset: Offset::NONE,
    timestamp: Timestamp::NONE,
    epoch: types::LeaderEpoch::NONE,
};

fn at(partition: &Partition, offset: Offset) -> ListedOffset {
    let epoch = partition.log().epoch_of(offset).unwrap_or_else(|| partition.epoch());
    ListedOffset { offset, timestamp: Timestamp::NONE, epoch }
}

fn listed(found: Option<storage::TimestampOffset>) -> ListedOffset {
    found.map_or(NOTHING, |found| ListedOffset {
        offset: found.offset,
        timestamp: found.timestamp,
        epoch: found.leader_epoch,
    })
}
