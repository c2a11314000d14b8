//! Carries a plan out, as far as one pass may: up to and including the first step that the world
//! has to answer or that disturbs clients. Nothing waits here; the next pass goes on.

use types::{BrokerId, Uuid};

use super::observe::Observation;
use super::plan::{Plan, Step};
use super::{Identity, Properties, properties, status};
use crate::config;
use crate::crd::ClusterStatus;
use crate::manifest::{Kind, ObjectId};
use crate::world::{AdminError, Brokers, KafkaAdmin, Store, StoreError, WorkloadError};

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
    /// The brokers did not do it.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

/// Takes the next steps of a plan.
pub async fn apply(
    seen: &Observation,
    plan: &Plan,
    store: &impl Store,
    brokers: &impl Brokers,
    admin: &impl KafkaAdmin,
    mut uuid: impl FnMut() -> Uuid,
) -> Result<Applied, ApplyError> {
    prepare(seen, plan, brokers).await?;
    let mut applied = Applied { taken: Vec::new(), again: false };
    for step in &plan.steps {
        if plan.waits_for_approval && step.is_disruptive() {
            break;
        }
        if plan.blocked_by.is_some() && step.is_restart() {
            break;
        }
        let next = take(step, seen, store, brokers, admin, &mut uuid).await?;
        applied.taken.push(step.clone());
        applied.again = next != Next::Wait;
        if next != Next::Step {
            break;
        }
    }
    Ok(applied)
}

/// What a broker is run with at its next start is what was approved, whoever restarts it.
async fn prepare(
    seen: &Observation,
    plan: &Plan,
    brokers: &impl Brokers,
) -> Result<(), WorkloadError> {
    if seen.is_being_deleted() || plan.refused.is_some() {
        return Ok(());
    }
    let is_held = plan.waits_for_approval
        || seen.wanted.values().any(|broker| broker.site.waits_for.is_some());
    let identity = seen.identity().filter(|_| !is_held);
    let properties = identity.map(|identity| {
        let spec = &seen.cluster.spec;
        let brokers = seen.wanted.iter();
        let brokers = brokers
            .map(|(id, broker)| (*id, properties::wanted(spec, &identity, *id, &broker.site)));
        brokers.collect()
    });
    brokers.prepare(&seen.cluster, properties.as_ref()).await
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
    admin: &impl KafkaAdmin,
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
        Step::AlterConfig { changes } => {
            let old = seen.cluster.status_or_default().config.unwrap_or_default();
            let wanted = properties::dynamic(&seen.cluster.spec);
            // What is about to be set is known as ours, should we be killed in between.
            write_config(config::owned_with(&old, &wanted), seen, store).await?;
            let bootstrap = status::bootstrap_servers(seen);
            admin.alter_all_brokers(&bootstrap, &config::as_request(changes)).await?;
            Ok(Next::NewPass)
        }
        Step::RememberConfig => {
            write_config(properties::dynamic(&seen.cluster.spec), seen, store).await?;
            Ok(Next::NewPass)
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

async fn write_config(
    owned: config::Wanted,
    seen: &Observation,
    store: &impl Store,
) -> Result<(), StoreError> {
    let status = ClusterStatus { config: Some(owned), ..seen.cluster.status_or_default() };
    if seen.cluster.status.as_ref() == Some(&status) {
        return Ok(());
    }
    store.write_cluster_status(&name(seen), &status).await
}

fn name(seen: &Observation) -> String {
    seen.cluster.metadata.name.clone().unwrap_or_default()
}
