//! What there is of a topic: the object, and what its cluster knows. Only reads.

use crate::crd::Topic;
use crate::world::{KafkaAdmin, KafkaTopic};

/// Everything a plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The object.
    pub topic: Topic,
    /// What the cluster knows.
    pub found: Found,
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
}

/// Asks the cluster at `bootstrap`, or nobody when it is not ready.
pub async fn observe(
    topic: Topic,
    bootstrap: Option<&str>,
    admin: &impl KafkaAdmin,
) -> Observation {
    let found = match bootstrap {
        None => Found::Unknown("the cluster is not ready".to_owned()),
        Some(bootstrap) => match admin.describe(bootstrap, &topic.kafka_name()).await {
            Ok(Some(found)) => Found::Topic(found),
            Ok(None) => Found::Nothing,
            Err(error) => Found::Unknown(error.to_string()),
        },
    };
    Observation { topic, found }
}

/// What was last known of a topic, for a plan while the cluster does not run.
#[must_use]
pub fn remembered(topic: Topic) -> Observation {
    let status = topic.status_or_default();
    let found = match (status.topic_id, status.partitions, status.replicas) {
        (Some(id), Some(partitions), Some(replicas)) => {
            Found::Topic(KafkaTopic { id, partitions, replicas })
        }
        (_, _, _) => Found::Nothing,
    };
    Observation { topic, found }
}
