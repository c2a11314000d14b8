//! One pass over a cluster: observe, plan, publish, apply.

use types::{Timestamp, Uuid};

use super::apply::{self, ApplyError};
use super::observe::{self, Observation};
use super::plan::{self, Plan, Step};
use super::status;
use crate::crd::{Cluster, ClusterStatus};
use crate::world::{AdminError, Brokers, KafkaAdmin, Store, StoreError};

/// What a pass found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// What was planned.
    pub plan: Plan,
    /// The steps taken.
    pub taken: Vec<Step>,
    /// Whether another pass can go on at once.
    pub again: bool,
    /// What the brokers did not do or say; it is tried again later.
    pub failure: Option<AdminError>,
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
    admin: &impl KafkaAdmin,
    circumstances: &Circumstances<'_>,
    uuid: impl FnMut() -> Uuid,
) -> Result<Pass, ApplyError> {
    let mut seen = observe::observe(cluster, brokers).await?;
    observe::observe_config(&mut seen, admin).await;
    let plan = plan::plan(&seen);
    if plan.is_disruptive() {
        observe::observe_held_alone(&mut seen, admin).await;
        // Whoever watches can read what will be done before it is done.
        publish(&mut seen, &plan, None, store, circumstances).await?;
    }
    let (taken, again, failure) =
        match apply::apply(&seen, &plan, store, brokers, admin, uuid).await {
            Ok(applied) => (applied.taken, applied.again, seen.config.failure()),
            Err(ApplyError::Admin(error)) => {
                seen.cluster = read_again(seen.cluster, store).await?;
                (Vec::new(), false, Some(error))
            }
            Err(error) => return Err(error),
        };
    if taken.is_empty() {
        publish(&mut seen, &plan, failure.as_ref(), store, circumstances).await?;
    }
    let status = seen.cluster.status_or_default();
    Ok(Pass { plan, taken, again, failure, status })
}

/// A step that failed may have written what it was about to do; that must not be lost.
async fn read_again(cluster: Cluster, store: &impl Store) -> Result<Cluster, StoreError> {
    let name = cluster.metadata.name.clone().unwrap_or_default();
    Ok(store.cluster(&name).await?.unwrap_or(cluster))
}

async fn publish(
    seen: &mut Observation,
    plan: &Plan,
    failure: Option<&AdminError>,
    store: &impl Store,
    circumstances: &Circumstances<'_>,
) -> Result<(), ApplyError> {
    let status = status::status(seen, plan, failure, circumstances.version, circumstances.now);
    status::write(seen, &status, store).await?;
    seen.cluster.status = Some(status);
    Ok(())
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
