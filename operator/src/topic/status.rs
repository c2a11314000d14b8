//! What is said of a topic in its status; written only when it says something else than before.

use types::Timestamp;

use super::observe::{Found, Observation};
use super::plan::{Leave, Plan};
use crate::crd::TopicStatus;
use crate::crd::conditions::{self, RECONCILING, Statement, paused, stuck, triad};
use crate::world::AdminError;

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
    if *plan == Plan::Leave(Leave::Paused) {
        // What was said of the object stays true of what it was then.
        conditions::set(&mut status.conditions, RECONCILING, paused(), generation, now);
        return status;
    }
    status.observed_generation = generation;
    if let Found::Topic(found) = &seen.found {
        status.partitions = Some(found.partitions);
        status.replicas = Some(found.replicas);
        if plan.is_nothing() {
            status.topic_id = Some(found.id.clone());
            status.config = Some(seen.topic.spec.config.clone());
        }
    }
    for (type_, statement) in statements(plan, failure) {
        conditions::set(&mut status.conditions, type_, statement, generation, now);
    }
    status
}

/// Ready, or who has to act: the operator, or a person.
fn statements(plan: &Plan, failure: Option<&AdminError>) -> [(&'static str, Statement); 3] {
    let ready = |reason: &str, sentence: String| triad(Statement::yes(reason, sentence), None);
    let moving = |reason: &str, sentence: String| triad(Statement::no(reason, sentence), None);
    match failure {
        Some(AdminError::Unreachable(sentence)) => moving("Unreachable", sentence.clone()),
        Some(AdminError::Refused { code, sentence }) => stuck(code, sentence),
        None => match plan {
            Plan::Nothing => ready("AsWanted", "the topic is as the manifest says".to_owned()),
            Plan::Leave(_) => ready("Unmanaged", plan.to_string()),
            Plan::Take(_) => moving("PlanPending", format!("still to be done: {plan}")),
            Plan::Wait(why) => moving("Waiting", why.clone()),
            Plan::Refuse(refusal) => stuck(&refusal.reason, &refusal.sentence),
        },
    }
}
