//! Carries the first step of a topic's plan out; the next pass plans anew.

use super::observe::Observation;
use super::plan::{Plan, Step};
use crate::config;
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

/// Takes the first step of a plan; returns it when there was one.
pub async fn apply(
    seen: &Observation,
    plan: &Plan,
    bootstrap: &str,
    store: &impl Store,
    admin: &impl KafkaAdmin,
) -> Result<Option<Step>, ApplyError> {
    let step = match plan {
        Plan::Nothing | Plan::Refuse(_) | Plan::Wait(_) => return Ok(None),
        Plan::Take(steps) => steps.first(),
    };
    let Some(step) = step else { return Ok(None) };
    let name = seen.topic.kafka_name();
    match step {
        Step::Create(topic) => {
            claim_config(seen, store).await?;
            admin.create_topic(bootstrap, topic).await?;
        }
        Step::Adopt(topic) => {
            let owned = seen.topic.status_or_default().config.unwrap_or_default();
            remember(seen, topic, owned, store).await?;
        }
        Step::Remember(topic) => {
            remember(seen, topic, seen.topic.spec.config.clone(), store).await?;
        }
        Step::AlterConfig { changes } => {
            claim_config(seen, store).await?;
            admin.alter_topic(bootstrap, &name, &config::as_request(changes)).await?;
        }
        Step::AddPartitions { to, .. } => admin.create_partitions(bootstrap, &name, *to).await?,
        Step::Delete => admin.delete_topic(bootstrap, &name).await?,
        Step::Release => store.release(&object_id(seen)).await?,
    }
    Ok(Some(step.clone()))
}

/// The keys stand in the status before they are set: should we be killed in between, what we then
/// find is known to be ours.
async fn claim_config(seen: &Observation, store: &impl Store) -> Result<(), StoreError> {
    let old = seen.topic.status_or_default();
    let owned = old.config.clone().unwrap_or_default();
    let status = TopicStatus {
        config: Some(config::owned_with(&owned, &seen.topic.spec.config)),
        topic_id: seen.found.topic().and_then(|_| old.topic_id.clone()),
        ..old
    };
    if seen.topic.status.as_ref() == Some(&status) {
        return Ok(());
    }
    store.write_topic_status(&object_id(seen).name, &status).await
}

async fn remember(
    seen: &Observation,
    topic: &KafkaTopic,
    owned: config::Wanted,
    store: &impl Store,
) -> Result<(), StoreError> {
    let status = TopicStatus {
        topic_id: Some(topic.id.clone()),
        partitions: Some(topic.partitions),
        replicas: Some(topic.replicas),
        config: Some(owned),
        ..seen.topic.status_or_default()
    };
    store.write_topic_status(&object_id(seen).name, &status).await
}

fn object_id(seen: &Observation) -> ObjectId {
    ObjectId { kind: Kind::Topic, name: seen.topic.metadata.name.clone().unwrap_or_default() }
}
