//! One pass over a topic: observe, plan, apply, status.

use types::Timestamp;

use super::apply::{self, ApplyError};
use super::observe::{self, Found, Observation, Reach};
use super::plan::{self, Plan, Step};
use super::status;
use crate::crd::{Topic, TopicStatus};
use crate::world::{AdminError, KafkaAdmin, KafkaTopic, Store, StoreError};

/// What a pass found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// What was planned, or what remains to be done after a step whose outcome is known at once.
    pub plan: Plan,
    /// The step taken.
    pub taken: Option<Step>,
    /// Whether another pass has to see what came of the step.
    pub again: bool,
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
    let rivals = store.rivals(&topic).await?;
    let mut seen = observe::observe(topic, &rivals, reach, admin).await;
    let mut plan = plan::plan(&seen);
    let mut taken = None;
    let mut outcome = apply::apply(&seen, &plan, reach.address(), store, admin).await;
    if let Ok(Some(applied)) = &outcome
        && applied.step.is_bookkeeping()
    {
        // Only the object has changed: what was seen of its topic is still so.
        taken = Some(applied.step.clone());
        seen.topic = read_again(seen.topic, store).await?;
        plan = plan::plan(&seen);
        outcome = apply::apply(&seen, &plan, reach.address(), store, admin).await;
    }
    let mut stored = seen.topic.status.clone();
    let failure = match outcome {
        Ok(None) => None,
        Ok(Some(applied)) => {
            taken = Some(applied.step);
            let Some(made) = applied.made else {
                let status = seen.topic.status_or_default();
                return Ok(Pass { plan, taken, again: true, failure: None, status });
            };
            seen.topic = read_again(seen.topic, store).await?;
            stored.clone_from(&seen.topic.status);
            seen = after_creation(seen, made);
            plan = plan::plan(&seen);
            None
        }
        Err(ApplyError::Admin(error)) => {
            // The step may have written what it was about to do; that must not be lost.
            seen.topic = read_again(seen.topic, store).await?;
            stored.clone_from(&seen.topic.status);
            Some(error)
        }
        Err(ApplyError::Store(error)) => return Err(error),
    };
    let status = status::status(&seen, &plan, failure.as_ref(), now);
    if stored.as_ref() != Some(&status) {
        let name = seen.topic.metadata.name.clone().unwrap_or_default();
        store.write_topic_status(&name, &status).await?;
    }
    let again = taken.is_some() && !plan.is_nothing();
    Ok(Pass { plan, taken, again, failure, status })
}

/// What there is of a topic that was just made, without asking again: it is ours from the start.
fn after_creation(mut seen: Observation, made: KafkaTopic) -> Observation {
    seen.topic.status.get_or_insert_default().topic_id = Some(made.id.clone());
    Observation { found: Found::Topic(made), ..seen }
}

async fn read_again(topic: Topic, store: &impl Store) -> Result<Topic, StoreError> {
    let name = topic.metadata.name.clone().unwrap_or_default();
    Ok(store.topic(&name).await?.unwrap_or(topic))
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
