//! What is said of a topic in its status; written only when it says something else than before.

use types::Timestamp;

use super::observe::{Found, Observation};
use super::plan::Plan;
use crate::crd::TopicStatus;
use crate::crd::conditions::{self, READY, STALLED, Statement};
use crate::world::{AdminError, Store, StoreError};

/// Writes the status if it changed; says whether it did.
pub async fn write(
    seen: &Observation,
    status: &TopicStatus,
    store: &impl Store,
) -> Result<bool, StoreError> {
    if seen.topic.status.as_ref() == Some(status) {
        return Ok(false);
    }
    let name = seen.topic.metadata.name.clone().unwrap_or_default();
    store.write_topic_status(&name, status).await?;
    Ok(true)
}

/// The status after an observation, with the plan made from it and what became of its step.
#[must_use]
pub fn status(
    seen: &Observation,
    plan: &Plan,
    failure: Option<&AdminError>,
    now: Timestamp,
) -> TopicStatus {
    let mut status = seen.topic.status_or_default();
    let generation = seen.topic.metadata.generation;
    status.observed_generation = generation;
    if let Found::Topic(found) = &seen.found {
        status.partitions = Some(found.partitions);
        status.replicas = Some(found.replicas);
    }
    let (ready, stalled) = statements(plan, failure);
    conditions::set(&mut status.conditions, READY, ready, generation, now);
    conditions::set(&mut status.conditions, STALLED, stalled, generation, now);
    status
}

fn statements(plan: &Plan, failure: Option<&AdminError>) -> (Statement, Statement) {
    let moving = Statement::no("Progressing", "nothing waits for a person");
    if let Some(error) = failure {
        return match error {
            AdminError::Unreachable(_) => (Statement::no("Unreachable", error.to_string()), moving),
            AdminError::Refused { code, .. } => {
                (Statement::no(code, error.to_string()), Statement::yes(code, error.to_string()))
            }
        };
    }
    match plan {
        Plan::Nothing => (Statement::yes("AsWanted", "the topic is as the manifest says"), moving),
        Plan::Take(_) => {
            (Statement::no("PlanPending", format!("still to be done: {plan}")), moving)
        }
        Plan::Wait(why) => (Statement::no("Waiting", why.clone()), moving),
        Plan::Refuse(refusal) => (
            Statement::no(&refusal.reason, refusal.sentence.clone()),
            Statement::yes(&refusal.reason, refusal.sentence.clone()),
        ),
    }
}
