//! Carries the one step of a topic's plan out.

use super::observe::Observation;
use super::plan::{Plan, Step};
use crate::crd::TopicStatus;
use crate::manifest::{Kind, ObjectId};
use crate::world::{AdminError, KafkaAdmin, KafkaTopic, Store, StoreError};

/// A step failed; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The object could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cluster did not do it.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

/// Takes the step of a plan; returns it when there was one.
pub async fn apply(
    seen: &Observation,
    plan: &Plan,
    bootstrap: &str,
    store: &impl Store,
    admin: &impl KafkaAdmin,
) -> Result<Option<Step>, ApplyError> {
    let step = match plan {
        Plan::Nothing | Plan::Refuse(_) | Plan::Wait(_) => return Ok(None),
        Plan::Take(step) => step,
    };
    let name = seen.topic.kafka_name();
    match step {
        Step::Create(topic) => {
            remember_config(seen, store).await?;
            admin.create_topic(bootstrap, topic).await?;
        }
        Step::Adopt(topic) | Step::Remember(topic) => adopt(seen, topic, store).await?,
        Step::AddPartitions { to, .. } => admin.create_partitions(bootstrap, &name, *to).await?,
        Step::Delete => admin.delete_topic(bootstrap, &name).await?,
        Step::Release => store.release(&object_id(seen)).await?,
    }
    Ok(Some(step.clone()))
}

/// The config stands in the status before the topic is made: should we be killed in between, the
/// topic we then find is known to be ours.
async fn remember_config(seen: &Observation, store: &impl Store) -> Result<(), StoreError> {
    let status = TopicStatus {
        config: Some(seen.topic.spec.config.clone()),
        topic_id: None,
        ..seen.topic.status_or_default()
    };
    if seen.topic.status.as_ref() == Some(&status) {
        return Ok(());
    }
    store.write_topic_status(&object_id(seen).name, &status).await
}

async fn adopt(
    seen: &Observation,
    topic: &KafkaTopic,
    store: &impl Store,
) -> Result<(), StoreError> {
    let status = seen.topic.status_or_default();
    let status = TopicStatus {
        topic_id: Some(topic.id.clone()),
        partitions: Some(topic.partitions),
        replicas: Some(topic.replicas),
        config: Some(status.config.clone().unwrap_or_default()),
        ..status
    };
    store.write_topic_status(&object_id(seen).name, &status).await
}

fn object_id(seen: &Observation) -> ObjectId {
    ObjectId { kind: Kind::Topic, name: seen.topic.metadata.name.clone().unwrap_or_default() }
}
