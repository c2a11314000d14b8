//! What some records changed: where a broker has to look when an image replaces another.

use std::collections::{BTreeMap, BTreeSet};

use types::{BrokerId, PartitionIndex, TopicId, TopicIdPartition};

use super::{ConfigResource, Topic};

/// What differs between two images; the values themselves are in the newer one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Topics that are new.
    pub topics_created: BTreeSet<TopicId>,
    /// Topics that are gone, as they were at the end. One that came and went is in neither.
    pub topics_deleted: BTreeMap<TopicId, Topic>,
    /// Partitions that are new or have changed, of topics that still exist.
    pub partitions: BTreeSet<TopicIdPartition>,
    /// Resources with a key that was set or unset.
    pub configs: BTreeSet<ConfigResource>,
    /// Brokers that registered, changed or left.
    pub brokers: BTreeSet<BrokerId>,
    /// Controllers that registered.
    pub controllers: BTreeSet<BrokerId>,
    /// Whether a feature level changed.
    pub features: bool,
    /// Whether a block of producer ids was handed out.
    pub producer_ids: bool,
}

impl Delta {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Delta::default()
    }

    /// Adds what changed after this.
    pub fn merge(&mut self, later: Delta) {
        for topic in later.topics_deleted.into_values() {
            self.delete_topic(topic);
        }
        self.topics_created.extend(later.topics_created);
        self.partitions.extend(later.partitions);
        self.configs.extend(later.configs);
        self.brokers.extend(later.brokers);
        self.controllers.extend(later.controllers);
        self.features |= later.features;
        self.producer_ids |= later.producer_ids;
    }

    /// Notes that a topic is gone, and forgets what was noted of it.
    pub(super) fn delete_topic(&mut self, topic: Topic) {
        let place = |partition| TopicIdPartition { topic: topic.id, partition };
        let all = place(PartitionIndex(i32::MIN))..=place(PartitionIndex(i32::MAX));
        let noted: Vec<_> = self.partitions.range(all).copied().collect();
        for partition in noted {
            self.partitions.remove(&partition);
        }
        if !self.topics_created.remove(&topic.id) {
            self.topics_deleted.insert(topic.id, topic);
        }
    }
}
