//! What the records about topics and partitions do to the image.

use types::{
    BrokerId, DirectoryId, LeaderEpoch, PartitionEpoch, PartitionIndex, TopicId, TopicIdPartition,
    TopicName, Uuid,
};

use super::{ApplyError, directories, unknown};
use crate::{
    image::{ConfigResource, Delta, Image, LeaderRecovery, Partition},
    records::{
        ClearElrRecord, PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
    },
};

impl Image {
    pub(super) fn create_topic(
        &mut self,
        record: &TopicRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let (id, name) = (TopicId(record.topic_id), TopicName::parse(&record.name)?);
        if self.topics.get(id).is_some() || self.topics.named(name.as_str()).is_some() {
            return Err(ApplyError::DuplicateTopic(name));
        }
        self.topics.insert(id, name);
        delta.topics_created.insert(id);
        Ok(())
    }

    pub(super) fn remove_topic(
        &mut self,
        record: &RemoveTopicRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = TopicId(record.topic_id);
        let topic = self.topics.remove(id).ok_or(ApplyError::UnknownTopic(id))?;
        let resource = ConfigResource::topic(topic.name.as_str());
        if self.configs.remove(&resource) {
            delta.configs.insert(resource);
        }
        delta.delete_topic(topic);
        Ok(())
    }

    pub(super) fn set_partition(
        &mut self,
        record: &PartitionRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let partition = Partition {
            replicas: brokers(&record.replicas),
            directories: directories_or_migrating(&record.directories, record.replicas.len()),
            isr: brokers(&record.isr),
            removing: brokers(&record.removing_replicas),
            adding: brokers(&record.adding_replicas),
            leader: leader(record.leader)?,
            recovery: recovery(record.leader_recovery_state)?,
            leader_epoch: LeaderEpoch(record.leader_epoch),
            epoch: PartitionEpoch(record.partition_epoch),
            eligible: brokers(record.eligible_leader_replicas.as_deref().unwrap_or_default()),
            last_known_eligible: brokers(record.last_known_elr.as_deref().unwrap_or_default()),
        };
        self.put_partition(place(record.topic_id, record.partition_id)?, partition, delta)
    }

    pub(super) fn change_partition(
        &mut self,
        record: &PartitionChangeRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let id = place(record.topic_id, record.partition_id)?;
        let before = self.topics.partition(id).ok_or(ApplyError::UnknownPartition(id))?;
        self.put_partition(id, changed(before, record)?, delta)
    }

    fn put_partition(
        &mut self,
        id: TopicIdPartition,
        partition: Partition,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        partition.check().map_err(|why| ApplyError::ImpossiblePartition { partition: id, why })?;
        if !self.topics.set_partition(id, partition) {
            return Err(ApplyError::UnknownTopic(id.topic));
        }
        delta.partitions.insert(id);
        Ok(())
    }

    pub(super) fn clear_eligible(
        &mut self,
        record: &ClearElrRecord,
        delta: &mut Delta,
    ) -> Result<(), ApplyError> {
        let affected: Vec<_> = self
            .topics
            .partitions()
            .filter(|(_, topic, _)| {
                record.topic_name.is_empty() || topic.name.as_str() == &*record.topic_name
            })
            .filter(|(_, _, state)| {
                !state.eligible.is_empty() || !state.last_known_eligible.is_empty()
            })
            .map(|(id, _, state)| {
                let (eligible, last_known_eligible) = (Vec::new(), Vec::new());
                let epoch = PartitionEpoch(state.epoch.0.saturating_add(1));
                (id, Partition { eligible, last_known_eligible, epoch, ..state.clone() })
            })
            .collect();
        affected.into_iter().try_for_each(|(id, state)| self.put_partition(id, state, delta))
    }
}

/// The partition after a change: what the record leaves out stays.
fn changed(before: &Partition, record: &PartitionChangeRecord) -> Result<Partition, ApplyError> {
    let or_before = |after: &Option<Vec<i32>>, before: &Vec<BrokerId>| {
        after.as_deref().map_or_else(|| before.clone(), brokers)
    };
    let replicas = or_before(&record.replicas, &before.replicas);
    let leader_changes = record.leader != PartitionChangeRecord::LEADER_UNCHANGED;
    Ok(Partition {
        directories: match &record.directories {
            Some(directories) => directories_or_migrating(directories, replicas.len()),
            None => before.directories.clone(),
        },
        isr: or_before(&record.isr, &before.isr),
        removing: or_before(&record.removing_replicas, &before.removing),
        adding: or_before(&record.adding_replicas, &before.adding),
        leader: if leader_changes { leader(record.leader)? } else { before.leader },
        recovery: match record.leader_recovery_state {
            PartitionChangeRecord::RECOVERY_UNCHANGED => before.recovery,
            number => recovery(number)?,
        },
        leader_epoch: LeaderEpoch(before.leader_epoch.0.saturating_add(i32::from(leader_changes))),
        epoch: PartitionEpoch(before.epoch.0.saturating_add(1)),
        eligible: or_before(&record.eligible_leader_replicas, &before.eligible),
        last_known_eligible: or_before(&record.last_known_elr, &before.last_known_eligible),
        replicas,
    })
}

fn place(topic: Uuid, partition: i32) -> Result<TopicIdPartition, ApplyError> {
    if partition < 0 {
        return Err(unknown("partitionId", partition));
    }
    Ok(TopicIdPartition { topic: TopicId(topic), partition: PartitionIndex(partition) })
}

fn leader(number: i32) -> Result<Option<BrokerId>, ApplyError> {
    match BrokerId(number) {
        BrokerId::NONE => Ok(None),
        id if id.0 >= 0 => Ok(Some(id)),
        id => Err(unknown("leader", id.0)),
    }
}

fn recovery(number: i8) -> Result<LeaderRecovery, ApplyError> {
    LeaderRecovery::from_number(number).ok_or_else(|| unknown("leaderRecoveryState", number))
}

fn brokers(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId).collect()
}

/// Records from before there were directory ids name none.
fn directories_or_migrating(ids: &[Uuid], replicas: usize) -> Vec<DirectoryId> {
    if ids.is_empty() { vec![DirectoryId::MIGRATING; replicas] } else { directories(ids) }
}
