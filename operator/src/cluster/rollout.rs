//! Steps that disturb clients, one after the other over many passes. Pure.
//!
//! What a rollout began with stands in the status of the object. A plan of which every such step stands
//! there is the same rollout further on: it keeps its hash, its approval and its count, also for an
//! operator that was started anew in between.

use types::BrokerId;

use super::observe::Observation;
use super::plan::{Plan, Step};
use crate::crd::cluster::RolloutStatus;
use crate::world::Phase;

/// The rollout that this plan goes on with.
#[must_use]
pub fn continued<'a>(before: Option<&'a RolloutStatus>, plan: &Plan) -> Option<&'a RolloutStatus> {
    let before = before?;
    let goes_on = sentences(plan).iter().all(|step| before.steps.contains(step));
    goes_on.then_some(before)
}

/// How far the rollout is; nothing when there is none, or it has come to its end.
#[must_use]
pub fn status(seen: &Observation, plan: &Plan) -> Option<RolloutStatus> {
    let before = seen.cluster.status.as_ref().and_then(|status| status.rollout.as_ref());
    let left = sentences(plan);
    let awaited = awaited(seen, plan);
    let begun = match continued(before, plan) {
        Some(rollout) if !left.is_empty() || awaited.is_some() => rollout.clone(),
        Some(_) => return None,
        None if left.is_empty() => return None,
        None => RolloutStatus {
            plan: plan.hash(),
            total: count(left.len()),
            steps: left.clone(),
            done: 0,
            current: None,
            blocked_by: None,
        },
    };
    let gone: Vec<&String> = begun.steps.iter().filter(|step| !left.contains(step)).collect();
    let in_doubt = awaited.and_then(|id| gone.iter().find(|step| is_about(step, id)));
    Some(RolloutStatus {
        done: count(gone.len() - usize::from(in_doubt.is_some())),
        current: in_doubt.map(|step| (*step).clone()).or_else(|| left.first().cloned()),
        blocked_by: plan.blocked_by.clone(),
        ..begun
    })
}

/// Why the next broker that serves clients may not be restarted: another one does not serve them.
#[must_use]
pub fn obstacle(seen: &Observation, restarts: &[Step]) -> Option<String> {
    let next = BrokerId(restarts.first()?.disturbed()?);
    if *phase(seen, next) != Phase::Ready {
        return None;
    }
    let unready = seen.wanted.keys().find(|id| *phase(seen, **id) != Phase::Ready)?;
    Some(format!("broker {} {}", unready.0, phase(seen, *unready)))
}

fn phase(seen: &Observation, broker: BrokerId) -> &Phase {
    seen.found.get(&broker).map_or(&Phase::Stopped, |found| &found.phase)
}

/// A broker that was disturbed and does not serve clients again yet.
fn awaited(seen: &Observation, plan: &Plan) -> Option<i32> {
    let is_left = |id: i32| plan.steps.iter().any(|step| step.disturbed() == Some(id));
    let unready = seen.wanted.keys().filter(|id| *phase(seen, **id) != Phase::Ready);
    unready.map(|id| id.0).find(|id| !is_left(*id))
}

fn sentences(plan: &Plan) -> Vec<String> {
    plan.steps.iter().filter(|step| step.is_disruptive()).map(ToString::to_string).collect()
}

fn is_about(step: &str, broker: i32) -> bool {
    step.strip_prefix("restart broker ")
        .and_then(|rest| rest.split(':').next())
        .is_some_and(|id| id == broker.to_string())
}

fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

#[cfg(test)]
#[path = "rollout_tests.rs"]
mod tests;
