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

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The step.
    pub step: Step,
    /// The topic, when the step made it.
    pub made: Option<KafkaTopic>,
}

/// Takes the first step of a plan; says which when there was one.
pub async fn apply(
    seen: &Observation,
    plan: &Plan,
    bootstrap: &str,
    store: &impl Store,
    admin: &impl KafkaAdmin,
) -> Result<Option<Applied>, ApplyError> {
    let step = match plan {
        Plan::Nothing | Plan::Refuse(_) | Plan::Wait(_) | Plan::Leave(_) => return Ok(None),
        Plan::Take(steps) => steps.first(),
    };
    let Some(step) = step else { return Ok(None) };
    let name = seen.topic.kafka_name();
    if let Some(change) = plan.compound_change() {
        // A part that is refused must not leave the others done.
        admin.validate_change(bootstrap, &name, &change).await?;
    }
    let mut made = None;
    match step {
        Step::Hold => store.hold_topic(&object_id(seen).name, true).await?,
        Step::LetGo => store.hold_topic(&object_id(seen).name, false).await?,
        Step::Create(topic) => {
            let is_known = seen.topic.status_or_default().topic_id.is_some();
            if is_known || !topic.config.is_empty() {
                claim_config(seen, store).await?;
            }
            made = admin.create_topic(bootstrap, topic).await?;
        }
        Step::Adopt(topic) => adopt(seen, topic, store).await?,
        Step::AlterConfig { changes } => {
            claim_config(seen, store).await?;
            admin.alter_topic(bootstrap, &name, &config::as_request(changes)).await?;
        }
        Step::AddPartitions { to, .. } => admin.create_partitions(bootstrap, &name, *to).await?,
        Step::Delete => admin.delete_topic(bootstrap, &name).await?,
        Step::Release => store.release(&object_id(seen)).await?,
    }
    Ok(Some(Applied { step: step.clone(), made }))
}

/// The keys stand in the status before they are set: should we be killed in between, what we then
/// find is known to be ours, and an id of before is forgotten. Where there is neither, nothing is lost.
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

async fn adopt(
    seen: &Observation,
    topic: &KafkaTopic,
    store: &impl Store,
) -> Result<(), StoreError> {
    let old = seen.topic.status_or_default();
    let status = TopicStatus {
        topic_id: Some(topic.id.clone()),
        partitions: Some(topic.partitions),
        replicas: Some(topic.replicas),
        config: Some(old.config.clone().unwrap_or_default()),
        ..old
    };
    store.write_topic_status(&object_id(seen).name, &status).await
}

fn object_id(seen: &Observation) -> ObjectId {
    ObjectId { kind: Kind::Topic, name: seen.topic.metadata.name.clone().unwrap_or_default() }
}
