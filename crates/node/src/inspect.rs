//! What can be seen of a node from outside: for metrics, and for those who check that it does right.
//! Nothing in here changes anything.

use consensus::Voter;
use types::{BrokerId, LeaderEpoch, Now, Offset, TopicPartition};

use crate::{
    Node,
    controller::pace::PaceFigures,
    slots::{Slot, State},
};

/// A partition that this broker leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionView {
    /// Its name.
    pub name: TopicPartition,
    /// The epoch of this leader.
    pub epoch: LeaderEpoch,
    /// The first offset of the log.
    pub log_start: Offset,
    /// The end of what consumers may read.
    pub high_watermark: Offset,
    /// The end of what is on disk for certain.
    pub flushed_end: Offset,
    /// The end of the log.
    pub log_end: Offset,
    /// The disk failed: the log takes nothing more.
    pub is_closed: bool,
}

/// This node's part in the metadata quorum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuorumView {
    /// The latest epoch it knows.
    pub epoch: LeaderEpoch,
    /// What it is in this epoch, in Kafka's word, such as `leader`.
    pub state: &'static str,
    /// Whom it has voted for in this epoch, if it has.
    pub voted: Option<BrokerId>,
    /// The epoch that it leads, if it does.
    pub leading: Option<LeaderEpoch>,
    /// The end of what is committed, when it is known.
    pub high_watermark: Option<Offset>,
    /// The end of the metadata log.
    pub log_end: Offset,
}

/// The metadata quorum, as its leader sees it.
#[derive(Debug, Clone)]
pub struct QuorumDescription {
    /// The leader.
    pub leader: BrokerId,
    /// Its epoch.
    pub epoch: LeaderEpoch,
    /// The end of what is committed, when it is known.
    pub high_watermark: Option<Offset>,
    /// Those who vote, each with the end of its log. Only the leader does so far, and nobody else
    /// follows the log.
    pub voters: Vec<(Voter, Offset)>,
}

impl Node {
    /// The partitions that this broker leads, by topic id.
    #[must_use]
    pub fn partitions(&self) -> Vec<PartitionView> {
        self.slots.all().iter().filter_map(|slot| view(slot)).collect()
    }

    /// What this node appended to the metadata log and how that was committed, lately.
    #[must_use]
    pub fn quorum_pace(&self, now: Now) -> PaceFigures {
        self.controller().pace(now.instant)
    }

    /// This node's part in the metadata quorum; none before it has begun to take part.
    #[must_use]
    pub fn quorum(&self) -> Option<QuorumView> {
        self.controller().view()
    }
}

fn view(slot: &Slot) -> Option<PartitionView> {
    let state = slot.state();
    let State::Leading(partition) = &*state else { return None };
    let log = partition.log();
    Some(PartitionView {
        name: slot.name.clone(),
        epoch: partition.epoch(),
        log_start: log.start_offset(),
        high_watermark: partition.high_watermark(),
        flushed_end: log.flushed_end(),
        log_end: log.end_offset(),
        is_closed: log.closed().is_some(),
    })
}
