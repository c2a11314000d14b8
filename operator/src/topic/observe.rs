//! What there is of a topic: the object, and what its cluster knows. Only reads.

use super::rivals;
use crate::config;
use crate::crd::Topic;
use crate::world::{KafkaAdmin, KafkaTopic};

/// Everything a plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The object.
    pub topic: Topic,
    /// What the cluster knows.
    pub found: Found,
    /// The object that stands for the same topic and was there first, if there is one.
    pub rival: Option<String>,
}

/// What a cluster knows of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// There is none of this name.
    Nothing,
    /// There is one.
    Topic(KafkaTopic),
    /// The cluster cannot be asked.
    Unknown(String),
    /// There is no such cluster.
    NoCluster,
}

impl Found {
    /// The topic, when there is one.
    #[must_use]
    pub fn topic(&self) -> Option<&KafkaTopic> {
        match self {
            Self::Topic(topic) => Some(topic),
            Self::Nothing | Self::Unknown(_) | Self::NoCluster => None,
        }
    }
}

/// How a topic's cluster can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// At this address.
    At(&'a str),
    /// Not yet.
    NotReady,
    /// Never: there is no such cluster.
    NoCluster,
}

impl Reach<'_> {
    /// The address, or an empty one.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::At(address) => address,
            Self::NotReady | Self::NoCluster => "",
        }
    }
}

/// Asks the cluster, if it can be asked, about the topic of an object with these rivals.
pub async fn observe(
    topic: Topic,
    rivals: &[Topic],
    reach: Reach<'_>,
    admin: &impl KafkaAdmin,
) -> Observation {
    let rival = rivals::winner(&topic, rivals).and_then(|winner| winner.metadata.name.clone());
    let found = match reach {
        Reach::NoCluster => Found::NoCluster,
        Reach::NotReady => Found::Unknown("the cluster is not ready".to_owned()),
        Reach::At(bootstrap) => match admin.describe(bootstrap, &topic.kafka_name()).await {
            Ok(Some(found)) => Found::Topic(found),
            Ok(None) => Found::Nothing,
            Err(error) => Found::Unknown(error.to_string()),
        },
    };
    Observation { topic, found, rival }
}

/// What was last known of a topic, for a plan while the cluster does not run.
#[must_use]
pub fn remembered(topic: Topic) -> Observation {
    let status = topic.status_or_default();
    let found = match (status.topic_id, status.partitions, status.replicas) {
        (Some(id), Some(partitions), Some(replicas)) => {
            let config = status.config.as_ref().map(config::Found::from).unwrap_or_default();
            Found::Topic(KafkaTopic { id, partitions, replicas, config })
        }
        (_, _, _) => Found::Nothing,
    };
    Observation { topic, found, rival: None }
}
