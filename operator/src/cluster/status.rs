//! What is said of a cluster in its status. Made anew from every observation; written only when it
//! says something else than before.

use types::{BrokerId, Timestamp};

use super::observe::Observation;
use super::plan::{Plan, Step};
use super::rollout;
use crate::crd::cluster::{BrokerState, BrokerStatus, ListenerStatus, PlanStatus};
use crate::crd::conditions::{self, Statement, time};
use crate::crd::{APPROVED_PLAN, ClusterStatus};
use crate::world::{AdminError, Phase, Store, StoreError};

/// Writes the status if it changed; says whether it did.
pub async fn write(
    seen: &Observation,
    status: &ClusterStatus,
    store: &impl Store,
) -> Result<bool, StoreError> {
    if seen.cluster.status.as_ref() == Some(status) {
        return Ok(false);
    }
    let name = seen.cluster.metadata.name.clone().unwrap_or_default();
    store.write_cluster_status(&name, status).await?;
    Ok(true)
}

/// The status after an observation, with the plan that was made from it.
#[must_use]
pub fn status(
    seen: &Observation,
    plan: &Plan,
    failure: Option<&AdminError>,
    running_version: &str,
    now: Timestamp,
) -> ClusterStatus {
    let old = seen.cluster.status_or_default();
    let generation = seen.cluster.metadata.generation;
    let brokers = brokers(seen, &old, running_version, now);
    let ready = brokers.iter().filter(|broker| broker.state == BrokerState::Ready).count();
    let mut conditions = old.conditions.clone();
    let said = conditions::triad(readiness(seen, plan, failure), stalled(seen, plan, failure));
    for (type_, statement) in said {
        conditions::set(&mut conditions, type_, statement, generation, now);
    }
    ClusterStatus {
        observed_generation: generation,
        conditions,
        cluster_id: old.cluster_id,
        version: Some(running_version.to_owned()),
        bootstrap_servers: Some(bootstrap_servers(seen)),
        listeners: listeners(seen),
        quorum: old.quorum,
        config: old.config,
        ready_brokers: i32::try_from(ready).unwrap_or(i32::MAX),
        brokers,
        plan: planned(seen, plan),
        rollout: rollout::status(seen, plan),
    }
}

/// What a client is given as `bootstrap.servers`: every broker's address on the first listener.
#[must_use]
pub fn bootstrap_servers(seen: &Observation) -> String {
    let brokers = seen.wanted.values();
    let addresses = brokers.filter_map(|broker| broker.site.endpoints.listeners.first());
    addresses.map(|first| first.address.clone()).collect::<Vec<_>>().join(",")
}

/// Every listener of the manifest with the addresses of all brokers.
fn listeners(seen: &Observation) -> Vec<ListenerStatus> {
    let listeners = seen.cluster.spec.listeners.iter().map(|listener| {
        let sites = seen.wanted.values().flat_map(|broker| &broker.site.endpoints.listeners);
        let ours = sites.filter(|address| address.name == listener.name);
        let addresses: Vec<String> = ours.map(|ours| ours.address.clone()).collect();
        ListenerStatus {
            name: listener.name.clone(),
            type_: listener.type_,
            bootstrap_servers: (!addresses.is_empty()).then(|| addresses.join(",")),
            addresses,
        }
    });
    listeners.collect()
}

fn brokers(
    seen: &Observation,
    old: &ClusterStatus,
    version: &str,
    now: Timestamp,
) -> Vec<BrokerStatus> {
    let wanted = seen.wanted.iter().map(|(id, broker)| {
        let phase = seen.found.get(id).map(|found| &found.phase);
        let (state, reason) = state(phase.unwrap_or(&Phase::Stopped));
        let reason = broker.site.waits_for.clone().or(reason);
        let before = old.brokers.iter().find(|before| before.id == id.0 && before.state == state);
        BrokerStatus {
            id: id.0,
            pool: broker.pool.clone(),
            state,
            since: before.map_or_else(|| Some(time(now)), |before| before.since.clone()),
            reason,
            version: (state != BrokerState::Stopped).then(|| version.to_owned()),
            rack: seen.found.get(id).and_then(|found| found.rack.clone()),
            endpoints: broker.site.endpoints.clone(),
        }
    });
    wanted.collect()
}

fn state(phase: &Phase) -> (BrokerState, Option<String>) {
    match phase {
        Phase::Stopped => (BrokerState::Stopped, None),
        Phase::Starting => (BrokerState::Starting, None),
        Phase::Held { why } => (BrokerState::Starting, Some(why.clone())),
        Phase::Ready => (BrokerState::Ready, None),
        Phase::Stopping => (BrokerState::Stopping, None),
        Phase::BackingOff { why } => (BrokerState::BackingOff, Some(why.clone())),
    }
}

fn readiness(seen: &Observation, plan: &Plan, failure: Option<&AdminError>) -> Statement {
    if let Some(refusal) = &plan.refused {
        return Statement::no(&refusal.reason, refusal.to_string());
    }
    let phases = seen.wanted.iter().map(|(id, broker)| {
        let phase = seen.found.get(id).map_or(&Phase::Stopped, |found| &found.phase);
        (id.0, phase, broker.site.waits_for.as_deref())
    });
    let phases: Vec<_> = phases.collect();
    if let Some((id, phase, _)) = phases.iter().find(|(_, phase, _)| has_failed(phase)) {
        return Statement::no("BrokerFailed", format!("broker {id} {phase}"));
    }
    if let Some((id, _, Some(why))) = phases.iter().find(|(_, _, why)| why.is_some()) {
        return Statement::no("Waiting", format!("broker {id} waits: {why}"));
    }
    if let Some((id, phase, _)) = phases.iter().find(|(_, phase, _)| **phase != Phase::Ready) {
        return Statement::no("BrokersNotReady", format!("broker {id} {phase}"));
    }
    if let Some(error) = failure {
        return Statement::no(reason(error), error.to_string());
    }
    if plan.is_empty() {
        return Statement::yes("AsWanted", "all brokers are ready and run as the manifest says");
    }
    let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    Statement::no("PlanPending", format!("still to be done: {}", steps.join("; ")))
}

fn has_failed(phase: &Phase) -> bool {
    match phase {
        Phase::Held { .. } | Phase::BackingOff { .. } => true,
        Phase::Stopped | Phase::Starting | Phase::Ready | Phase::Stopping => false,
    }
}

fn reason(failure: &AdminError) -> &str {
    match failure {
        AdminError::Unreachable(_) => "Unreachable",
        AdminError::Refused { code, .. } => code,
    }
}

/// Why nothing more happens until a person has changed something.
fn stalled(seen: &Observation, plan: &Plan, failure: Option<&AdminError>) -> Option<Statement> {
    if let Some(refusal) = &plan.refused {
        return Some(Statement::yes(&refusal.reason, refusal.to_string()));
    }
    if let Some(refused @ AdminError::Refused { .. }) = failure {
        return Some(Statement::yes(reason(refused), refused.to_string()));
    }
    if plan.waits_for_approval {
        let sentence = format!(
            "the plan waits for approval: set the annotation {APPROVED_PLAN} to {hash}, or say `klamm plan --approve {hash}`",
            hash = hash(seen, plan)
        );
        return Some(Statement::yes("WaitingForApproval", sentence));
    }
    let failed = seen.wanted.keys().find_map(|id| {
        let phase = &seen.found.get(id)?.phase;
        has_failed(phase).then(|| format!("broker {} {phase}", id.0))
    });
    if let (Some(_), Some(broker)) = (rollout::status(seen, plan), failed) {
        let sentence = format!("the roll has stopped: {broker}; change the manifest to go on");
        return Some(Statement::yes("RolloutBlocked", sentence));
    }
    None
}

/// That of the rollout which the plan goes on with, so that one approval is enough for all of it.
fn hash(seen: &Observation, plan: &Plan) -> String {
    let before = seen.cluster.status.as_ref().and_then(|status| status.rollout.as_ref());
    rollout::continued(before, plan).map_or_else(|| plan.hash(), |rollout| rollout.plan.clone())
}

/// What clients miss while the brokers are restarted.
fn unavailable(seen: &Observation, plan: &Plan) -> Vec<String> {
    let restarts = plan.steps.iter().filter_map(Step::disturbed);
    let sentences = restarts.filter_map(|broker| {
        let held = seen.held_alone.get(&BrokerId(broker))?;
        Some(format!(
            "while broker {broker} is restarted, {} in {} cannot be used, having one replica",
            count(held.partitions, "partition"),
            count(held.topics, "topic")
        ))
    });
    sentences.collect()
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn planned(seen: &Observation, plan: &Plan) -> Option<PlanStatus> {
    if plan.is_empty() {
        return None;
    }
    Some(PlanStatus {
        hash: hash(seen, plan),
        unavailable: unavailable(seen, plan),
        waits_for_approval: plan.waits_for_approval,
        steps: plan.steps.iter().map(ToString::to_string).collect(),
    })
}
