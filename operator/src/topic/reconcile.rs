//! One pass over a topic: observe, plan, apply, status.

use types::Timestamp;

use super::apply::{self, ApplyError};
use super::observe::{self, Reach};
use super::plan::{self, Plan, Step};
use super::status;
use crate::crd::{Topic, TopicStatus};
use crate::world::{AdminError, KafkaAdmin, Store, StoreError};

/// What a pass found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// What was planned.
    pub plan: Plan,
    /// The step taken; another pass sees what came of it.
    pub taken: Option<Step>,
    /// Why the step failed; it is tried again later.
    pub failure: Option<AdminError>,
    /// What is now said of the topic.
    pub status: TopicStatus,
}

/// Brings a topic nearer to its manifest.
pub async fn pass(
    topic: Topic,
    reach: Reach<'_>,
    store: &impl Store,
    admin: &impl KafkaAdmin,
    now: Timestamp,
) -> Result<Pass, StoreError> {
    let mut seen = observe::observe(topic, reach, admin).await;
    let plan = plan::plan(&seen);
    let failure = match apply::apply(&seen, &plan, reach.address(), store, admin).await {
        Ok(Some(taken)) => {
            let status = seen.topic.status_or_default();
            return Ok(Pass { plan, taken: Some(taken), failure: None, status });
        }
        Ok(None) => None,
        Err(ApplyError::Admin(error)) => Some(error),
        Err(ApplyError::Store(error)) => return Err(error),
    };
    if failure.is_some() {
        // The step may have written what it was about to do; that must not be lost.
        seen.topic = read_again(seen.topic, store).await?;
    }
    let status = status::status(&seen, &plan, failure.as_ref(), now);
    status::write(&seen, &status, store).await?;
    Ok(Pass { plan, taken: None, failure, status })
}

async fn read_again(topic: Topic, store: &impl Store) -> Result<Topic, StoreError> {
    let topics = store.topics(&topic.spec.cluster).await?;
    let same = topics.into_iter().find(|other| other.metadata.name == topic.metadata.name);
    Ok(same.unwrap_or(topic))
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
