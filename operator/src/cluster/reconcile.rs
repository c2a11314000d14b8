//! One pass over a cluster: observe, plan, publish, apply.

use types::{Timestamp, Uuid};

use super::apply::{self, ApplyError};
use super::observe::{self, Observation};
use super::plan::{self, Plan, Step};
use super::status;
use crate::crd::{Cluster, ClusterStatus};
use crate::world::{Brokers, Store};

/// What a pass found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// What was planned.
    pub plan: Plan,
    /// The steps taken.
    pub taken: Vec<Step>,
    /// Whether another pass can go on at once.
    pub again: bool,
    /// What is now said of the cluster.
    pub status: ClusterStatus,
}

/// What a pass needs beside the world.
pub struct Circumstances<'a> {
    /// The version the brokers run.
    pub version: &'a str,
    /// The wall clock.
    pub now: Timestamp,
}

/// Brings a cluster nearer to its manifest.
pub async fn pass(
    cluster: Cluster,
    store: &impl Store,
    brokers: &impl Brokers,
    circumstances: &Circumstances<'_>,
    uuid: impl FnMut() -> Uuid,
) -> Result<Pass, ApplyError> {
    let mut seen = observe::observe(cluster, brokers).await?;
    let plan = plan::plan(&seen);
    if plan.is_disruptive() {
        // Whoever watches can read what will be done before it is done.
        publish(&mut seen, &plan, store, circumstances).await?;
    }
    let applied = apply::apply(&seen, &plan, store, brokers, uuid).await?;
    if applied.taken.is_empty() {
        publish(&mut seen, &plan, store, circumstances).await?;
    }
    let status = seen.cluster.status_or_default();
    Ok(Pass { plan, taken: applied.taken, again: applied.again, status })
}

async fn publish(
    seen: &mut Observation,
    plan: &Plan,
    store: &impl Store,
    circumstances: &Circumstances<'_>,
) -> Result<(), ApplyError> {
    let status = status::status(seen, plan, circumstances.version, circumstances.now);
    status::write(seen, &status, store).await?;
    seen.cluster.status = Some(status);
    Ok(())
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
