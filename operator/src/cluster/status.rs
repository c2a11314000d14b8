//! What is said of a cluster in its status. Made anew from every observation; written only when it
//! says something else than before.

use types::Timestamp;

use super::observe::Observation;
use super::plan::Plan;
use crate::crd::cluster::{BrokerState, BrokerStatus, ListenerStatus, PlanStatus};
use crate::crd::conditions::{self, READY, STALLED, Statement, time};
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
    let ready_now = readiness(&brokers, plan, failure);
    conditions::set(&mut conditions, READY, ready_now, generation, now);
    conditions::set(&mut conditions, STALLED, stalled(plan, failure), generation, now);
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
        plan: planned(plan),
        rollout: old.rollout,
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
        let before = old.brokers.iter().find(|before| before.id == id.0 && before.state == state);
        BrokerStatus {
            id: id.0,
            pool: broker.pool.clone(),
            state,
            since: before.map_or_else(|| Some(time(now)), |before| before.since.clone()),
            reason,
            version: (state != BrokerState::Stopped).then(|| version.to_owned()),
            rack: None,
            endpoints: broker.site.endpoints.clone(),
        }
    });
    wanted.collect()
}

fn state(phase: &Phase) -> (BrokerState, Option<String>) {
    match phase {
        Phase::Stopped => (BrokerState::Stopped, None),
        Phase::Starting => (BrokerState::Starting, None),
        Phase::Ready => (BrokerState::Ready, None),
        Phase::Stopping => (BrokerState::Stopping, None),
        Phase::BackingOff { why } => (BrokerState::BackingOff, Some(why.clone())),
    }
}

fn readiness(brokers: &[BrokerStatus], plan: &Plan, failure: Option<&AdminError>) -> Statement {
    if let Some(broker) = brokers.iter().find(|broker| broker.state == BrokerState::BackingOff) {
        let why = broker.reason.as_deref().unwrap_or("it ended");
        return Statement::no(
            "BrokerFailed",
            format!("broker {} is started again: {why}", broker.id),
        );
    }
    if let Some(broker) = brokers.iter().find(|broker| broker.state != BrokerState::Ready) {
        let state = match broker.state {
            BrokerState::Stopped => "does not run",
            BrokerState::Stopping => "is stopping",
            BrokerState::Starting | BrokerState::Ready | BrokerState::BackingOff => "is starting",
        };
        return Statement::no("BrokersNotReady", format!("broker {} {state}", broker.id));
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

fn reason(failure: &AdminError) -> &str {
    match failure {
        AdminError::Unreachable(_) => "Unreachable",
        AdminError::Refused { code, .. } => code,
    }
}

fn stalled(plan: &Plan, failure: Option<&AdminError>) -> Statement {
    if let Some(refused @ AdminError::Refused { .. }) = failure {
        return Statement::yes(reason(refused), refused.to_string());
    }
    if plan.waits_for_approval {
        let sentence = format!(
            "the plan waits for approval: set the annotation {APPROVED_PLAN} to {hash}, or say `klamm plan --approve {hash}`",
            hash = plan.hash()
        );
        return Statement::yes("WaitingForApproval", sentence);
    }
    Statement::no("Progressing", "nothing waits for a person")
}

fn planned(plan: &Plan) -> Option<PlanStatus> {
    if plan.is_empty() {
        return None;
    }
    Some(PlanStatus {
        hash: plan.hash(),
        waits_for_approval: plan.waits_for_approval,
        steps: plan.steps.iter().map(ToString::to_string).collect(),
    })
}
