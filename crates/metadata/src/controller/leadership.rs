//! Who leads and who is in sync when brokers come and go.

use types::{BrokerId, TopicIdPartition};

use super::Settings;
use crate::{
    image::{Image, LeaderRecovery, Partition, Topic},
    records::{MetadataRecord, PartitionChangeRecord},
};

/// Takes a broker out of every ISR it is not the last of, and out of the lead.
///
/// Who was the last in sync stays so: nobody else holds all that was acknowledged.
pub(super) fn without(
    image: &Image,
    settings: &dyn Settings,
    broker: BrokerId,
) -> Vec<MetadataRecord> {
    let is_usable = |candidate| candidate != broker && image.brokers.is_active(candidate);
    image
        .topics
        .partitions()
        .filter(|(_, _, partition)| partition.isr.contains(&broker))
        .filter_map(|(id, topic, partition)| {
            let remaining = partition.isr.iter().copied().filter(|&member| member != broker);
            let election = Election { image, settings, topic, partition, is_usable: &is_usable };
            election.hold(id, remaining.collect())
        })
        .map(MetadataRecord::from)
        .collect()
}

/// Gives the partitions that nobody leads to a broker that may serve from here on, if it can lead
/// them.
pub(super) fn with(
    image: &Image,
    settings: &dyn Settings,
    broker: BrokerId,
) -> Vec<MetadataRecord> {
    let is_usable = |candidate| candidate == broker || image.brokers.is_active(candidate);
    image
        .topics
        .partitions()
        .filter(|(_, _, partition)| partition.leader.is_none())
        .filter_map(|(id, topic, partition)| {
            let election = Election { image, settings, topic, partition, is_usable: &is_usable };
            election.hold(id, partition.isr.clone())
        })
        .map(MetadataRecord::from)
        .collect()
}

/// Whether the broker leads any partition.
pub(super) fn leads_any(image: &Image, broker: BrokerId) -> bool {
    image.topics.partitions().any(|(_, _, partition)| partition.leader == Some(broker))
}

/// What the election of one partition is decided on.
struct Election<'a> {
    image: &'a Image,
    settings: &'a dyn Settings,
    topic: &'a Topic,
    partition: &'a Partition,
    is_usable: &'a dyn Fn(BrokerId) -> bool,
}

/// Who leads after an election.
enum Elected {
    Cleanly(BrokerId),
    Uncleanly(BrokerId),
    Nobody,
}

impl Election<'_> {
    /// The change that this ISR brings, if any.
    fn hold(&self, id: TopicIdPartition, isr: Vec<BrokerId>) -> Option<PartitionChangeRecord> {
        let mut change = PartitionChangeRecord {
            partition_id: id.partition.0,
            topic_id: id.topic.0,
            ..PartitionChangeRecord::default()
        };
        let unchanged = change.clone();
        let (leader, isr) = match self.elect(&isr) {
            Elected::Cleanly(leader) => (Some(leader), isr),
            Elected::Nobody => (None, isr),
            Elected::Uncleanly(leader) => {
                if self.partition.recovery == LeaderRecovery::Recovered {
                    change.leader_recovery_state = LeaderRecovery::Recovering.number();
                }
                (Some(leader), vec![leader])
            }
        };
        if leader != self.partition.leader {
            change.leader = leader.unwrap_or(BrokerId::NONE).0;
        }
        if !isr.is_empty() && isr != self.partition.isr {
            change.isr = Some(isr.into_iter().map(|member| member.0).collect());
        }
        (change != unchanged).then_some(change)
    }

    /// The leader stays when it can; else the first replica that is in sync; else, where the topic
    /// allows it, the first that lives.
    fn elect(&self, isr: &[BrokerId]) -> Elected {
        let in_sync = |candidate: &BrokerId| isr.contains(candidate) && self.can_lead(*candidate);
        let mut candidates = self.partition.leader.iter().chain(&self.partition.replicas);
        if let Some(&leader) = candidates.find(|candidate| in_sync(candidate)) {
            return Elected::Cleanly(leader);
        }
        if !self.settings.elects_uncleanly(self.image, self.topic.name.as_str()) {
            return Elected::Nobody;
        }
        let living = self.partition.replicas.iter().find(|candidate| self.can_lead(**candidate));
        living.map_or(Elected::Nobody, |&leader| Elected::Uncleanly(leader))
    }

    /// Whether the broker may serve and the log folder of its replica works.
    fn can_lead(&self, candidate: BrokerId) -> bool {
        let directory = self.partition.directory(candidate);
        let broker = self.image.brokers.get(candidate);
        (self.is_usable)(candidate)
            && broker.zip(directory).is_some_and(|(broker, directory)| broker.has_online(directory))
    }
}
