//! A cluster as one of its brokers sees it.

use std::collections::BTreeMap;

use protocol::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponsePartition,
    MetadataResponseTopic,
};
use types::{BrokerId, LeaderEpoch, PartitionIndex, TopicId, TopicName, TopicPartition};

use crate::{Address, PartitionError, Refusal};

/// Brokers and topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// The cluster's id.
    pub id: Option<String>,
    /// The broker to which requests for the controller go.
    pub controller: Option<BrokerId>,
    /// The brokers that are alive.
    pub brokers: BTreeMap<BrokerId, Broker>,
    /// The topics asked for, or why there is none of that name.
    pub topics: BTreeMap<TopicName, Result<Topic, Refusal>>,
}

/// A broker that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Where it listens for clients like us.
    pub address: Address,
    /// Its rack.
    pub rack: Option<String>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its id.
    pub id: TopicId,
    /// Whether it belongs to the cluster itself.
    pub is_internal: bool,
    /// Its partitions.
    pub partitions: BTreeMap<PartitionIndex, Partition>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Its leader, when it has one.
    pub leader: Option<BrokerId>,
    /// The leader's epoch.
    pub leader_epoch: LeaderEpoch,
    /// The brokers that hold it, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// The replicas that are in sync.
    pub isr: Vec<BrokerId>,
    /// The replicas that are not there.
    pub offline_replicas: Vec<BrokerId>,
}

/// Which topics to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// None: only the brokers.
    Brokers,
    /// These; they are not created when there are none.
    Topics(&'a [TopicName]),
    /// All there are.
    AllTopics,
}

impl Wanted<'_> {
    pub(crate) fn request(self) -> MetadataRequest {
        let topics = match self {
            Wanted::Brokers => Some(Vec::new()),
            Wanted::Topics(names) => Some(names.iter().map(by_name).collect()),
            Wanted::AllTopics => None,
        };
        MetadataRequest { topics, allow_auto_topic_creation: false, ..Default::default() }
    }
}

fn by_name(name: &TopicName) -> MetadataRequestTopic {
    MetadataRequestTopic { name: Some(name.as_str().into()), ..Default::default() }
}

impl Cluster {
    /// What a response says; topics whose names break Kafka's rules cannot be there.
    pub(crate) fn of(response: &MetadataResponse) -> Cluster {
        let brokers = response.brokers.iter().filter_map(|broker| {
            let port = u16::try_from(broker.port).ok()?;
            let address = Address { host: broker.host.to_string(), port };
            let rack = broker.rack.as_ref().map(ToString::to_string);
            Some((BrokerId(broker.node_id), Broker { address, rack }))
        });
        Cluster {
            id: response.cluster_id.as_ref().map(ToString::to_string),
            controller: broker(response.controller_id),
            brokers: brokers.collect(),
            topics: response.topics.iter().filter_map(topic).collect(),
        }
    }

    /// The leader of a partition and the topic's id, when both are known.
    pub(crate) fn leader(
        &self,
        topic: &TopicName,
        partition: PartitionIndex,
    ) -> Option<(TopicId, BrokerId)> {
        let topic = self.topics.get(topic)?.as_ref().ok()?;
        let leader = topic.partitions.get(&partition)?.leader?;
        Some((topic.id, leader))
    }

    /// What to say of a partition that has no leader, or is not there.
    pub(crate) fn why_leaderless(&self, place: &TopicPartition) -> PartitionError {
        let TopicPartition { topic, partition } = place.clone();
        match self.topics.get(&topic) {
            Some(Err(refusal)) => {
                PartitionError::Refused { refusal: refusal.clone(), topic, partition }
            }
            Some(Ok(_)) | None => PartitionError::NoLeader { topic, partition },
        }
    }

    /// The epoch of a partition's leader, as far as it is known.
    pub(crate) fn leader_epoch(&self, partition: &TopicPartition) -> LeaderEpoch {
        let topic = self.topics.get(&partition.topic).and_then(|topic| topic.as_ref().ok());
        let found = topic.and_then(|topic| topic.partitions.get(&partition.partition));
        found.map_or(LeaderEpoch::NONE, |found| found.leader_epoch)
    }
}

fn topic(topic: &MetadataResponseTopic) -> Option<(TopicName, Result<Topic, Refusal>)> {
    let name = TopicName::parse(topic.name.as_ref()?).ok()?;
    let found = Refusal::check(topic.error_code, None).map(|()| Topic {
        id: TopicId(topic.topic_id),
        is_internal: topic.is_internal,
        partitions: topic.partitions.iter().map(partition).collect(),
    });
    Some((name, found))
}

fn partition(partition: &MetadataResponsePartition) -> (PartitionIndex, Partition) {
    let brokers = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
    let described = Partition {
        leader: broker(partition.leader_id),
        leader_epoch: LeaderEpoch(partition.leader_epoch),
        replicas: brokers(&partition.replica_nodes),
        isr: brokers(&partition.isr_nodes),
        offline_replicas: brokers(&partition.offline_replicas),
    };
    (PartitionIndex(partition.partition_index), described)
}

/// A broker's id, unless it says that there is none.
fn broker(id: i32) -> Option<BrokerId> {
    (id >= 0).then_some(BrokerId(id))
}
