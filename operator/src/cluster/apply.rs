//! Carries a plan out, as far as one pass may: up to and including the first step that the world
//! has to answer or that disturbs clients. Nothing waits here; the next pass goes on.

use types::{BrokerId, Uuid};

use super::observe::Observation;
use super::plan::{Plan, Step};
use super::{Identity, Properties};
use crate::crd::ClusterStatus;
use crate::manifest::{Kind, ObjectId};
use crate::world::{Brokers, Store, StoreError, WorkloadError};

/// What a pass did.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The steps taken.
    pub taken: Vec<Step>,
    /// Whether the next pass can go on at once.
    pub again: bool,
}

/// A step failed; the pass is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// An object could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A broker could not be changed.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
}

/// Takes the next steps of a plan.
pub async fn apply(
    seen: &Observation,
    plan: &Plan,
    store: &impl Store,
    brokers: &impl Brokers,
    mut uuid: impl FnMut() -> Uuid,
) -> Result<Applied, ApplyError> {
    let mut applied = Applied { taken: Vec::new(), again: false };
    for step in &plan.steps {
        if plan.waits_for_approval && step.is_disruptive() {
            break;
        }
        let next = take(step, seen, store, brokers, &mut uuid).await?;
        applied.taken.push(step.clone());
        applied.again = next != Next::Wait;
        if next != Next::Step {
            break;
        }
    }
    Ok(applied)
}

/// How to go on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// With the next step.
    Step,
    /// With a new pass, which sees what was written.
    NewPass,
    /// When the world has changed.
    Wait,
}

async fn take(
    step: &Step,
    seen: &Observation,
    store: &impl Store,
    brokers: &impl Brokers,
    uuid: &mut impl FnMut() -> Uuid,
) -> Result<Next, ApplyError> {
    match step {
        Step::DrawIdentity { voters } => {
            write_identity(&Identity::draw(voters, uuid), seen, store, brokers).await
        }
        Step::AdoptIdentity { identity } => write_identity(identity, seen, store, brokers).await,
        Step::MarkBootstrapped => {
            let identity = seen.identity().expect("the plan marks a cluster that has an identity");
            write_identity(&identity.bootstrapped(), seen, store, brokers).await
        }
        Step::StartBroker { broker, properties, .. } => {
            start(*broker, properties.as_ref(), brokers).await
        }
        Step::RestartBroker { broker, properties, .. } => {
            brokers.run(BrokerId(*broker), properties).await?;
            Ok(Next::Wait)
        }
        Step::StopBroker { broker } => {
            brokers.stop(BrokerId(*broker)).await?;
            Ok(Next::Wait)
        }
        Step::RemoveVolume { broker } => {
            brokers.remove_volume(BrokerId(*broker)).await?;
            Ok(Next::Step)
        }
        Step::Release => {
            let name = name(seen);
            store.release(&ObjectId { kind: Kind::Cluster, name }).await?;
            Ok(Next::NewPass)
        }
    }
}

async fn start(
    broker: i32,
    properties: Option<&Properties>,
    brokers: &impl Brokers,
) -> Result<Next, ApplyError> {
    let Some(properties) = properties else { return Ok(Next::NewPass) };
    brokers.run(BrokerId(broker), properties).await?;
    Ok(Next::Step)
}

/// The volumes come first: what stands there is taken over when the object was not written.
async fn write_identity(
    identity: &Identity,
    seen: &Observation,
    store: &impl Store,
    brokers: &impl Brokers,
) -> Result<Next, ApplyError> {
    brokers.write_identity(identity).await?;
    let status = ClusterStatus {
        cluster_id: Some(identity.cluster_id.clone()),
        quorum: identity.quorum.clone(),
        ..seen.cluster.status_or_default()
    };
    store.write_cluster_status(&name(seen), &status).await?;
    Ok(Next::NewPass)
}

fn name(seen: &Observation) -> String {
    seen.cluster.metadata.name.clone().unwrap_or_default()
}
