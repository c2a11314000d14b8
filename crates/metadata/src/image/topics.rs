//! The topics by id and by name, and their partitions.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use types::{PartitionIndex, TopicId, TopicIdPartition, TopicName};

use super::Partition;

/// The topics of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topics {
    by_id: OrdMap<TopicId, Topic>,
    by_name: OrdMap<TopicName, TopicId>,
    /// The topics whose names hold a `.` or a `_`, by what the name becomes when both are the same.
    by_collision_key: OrdMap<Arc<str>, OrdSet<TopicName>>,
}

/// One topic; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its id.
    pub id: TopicId,
    /// Its name.
    pub name: TopicName,
    partitions: OrdMap<PartitionIndex, Arc<Partition>>,
}

impl Topic {
    /// The partition with this number.
    #[must_use]
    pub fn partition(&self, index: PartitionIndex) -> Option<&Partition> {
        self.partitions.get(&index).map(|partition| &**partition)
    }

    /// All partitions, by number.
    pub fn partitions(&self) -> impl ExactSizeIterator<Item = (PartitionIndex, &Partition)> {
        self.partitions.iter().map(|(index, partition)| (*index, &**partition))
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partition_count(&self) -> usize {
        self.partitions.len()
    }
}

impl Topics {
    /// The topic with this id.
    #[must_use]
    pub fn get(&self, id: TopicId) -> Option<&Topic> {
        self.by_id.get(&id)
    }

    /// The topic with this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name).and_then(|id| self.by_id.get(id))
    }

    /// All topics, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.by_name.values().filter_map(|id| self.by_id.get(id))
    }

    /// One partition of one topic.
    #[must_use]
    pub fn partition(&self, id: TopicIdPartition) -> Option<&Partition> {
        self.get(id.topic)?.partition(id.partition)
    }

    /// Every partition of every topic.
    pub fn partitions(&self) -> impl Iterator<Item = (TopicIdPartition, &Topic, &Partition)> {
        self.by_id.values().flat_map(|topic| {
            topic.partitions().map(move |(partition, state)| {
                (TopicIdPartition { topic: topic.id, partition }, topic, state)
            })
        })
    }

    /// How many topics there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// A topic that would share its metric names with this one, since they tell `.` and `_` not
    /// apart.
    #[must_use]
    pub fn colliding(&self, name: &TopicName) -> Option<&TopicName> {
        if !has_collision_characters(name) {
            return None;
        }
        self.by_collision_key.get(name.collision_key().as_str())?.get_min()
    }

    pub(super) fn insert(&mut self, id: TopicId, name: TopicName) {
        if has_collision_characters(&name) {
            let key = name.collision_key().into();
            self.by_collision_key.entry(key).or_default().insert(name.clone());
        }
        self.by_name.insert(name.clone(), id);
        self.by_id.insert(id, Topic { id, name, partitions: OrdMap::new() });
    }

    pub(super) fn remove(&mut self, id: TopicId) -> Option<Topic> {
        let topic = self.by_id.remove(&id)?;
        self.by_name.remove(&topic.name);
        self.forget_collision(&topic.name);
        Some(topic)
    }

    fn forget_collision(&mut self, name: &TopicName) {
        let key = name.collision_key();
        let Some(names) = self.by_collision_key.get_mut(key.as_str()) else { return };
        names.remove(name);
        if names.is_empty() {
            self.by_collision_key.remove(key.as_str());
        }
    }

    /// Puts a partition in its place; the topic must be there.
    pub(super) fn set_partition(&mut self, id: TopicIdPartition, partition: Partition) -> bool {
        let Some(topic) = self.by_id.get_mut(&id.topic) else { return false };
        topic.partitions.insert(id.partition, Arc::new(partition));
        true
    }
}

fn has_collision_characters(name: &TopicName) -> bool {
    name.as_str().contains(['.', '_'])
}
