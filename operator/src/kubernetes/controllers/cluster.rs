//! The turns of Clusters.

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kube::api::ListParams;
use kube::runtime::Controller;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::sync::{OnceCell, watch};
use tokio::time::Instant;
use tracing::{debug, info, warn};
use types::Uuid;

use super::{Context, RESYNC, RETRY, RETRY_REFUSED, TurnError, config, log, stop};
use crate::cluster::apply::ApplyError;
use crate::cluster::reconcile::{self, Circumstances, Pass};
use crate::crd::cluster::ListenerType;
use crate::crd::conditions::{self, READY, RECONCILING, STALLED};
use crate::crd::{Cluster, ClusterStatus};
use crate::kubernetes::addresses::{self, Addresses};
use crate::kubernetes::brokers::Pods;
use crate::kubernetes::cache::Guarded;
use crate::kubernetes::metrics::Outcome;
use crate::kubernetes::names;
use crate::kubernetes::objects::Objects;
use crate::kubernetes::store::ObjectStore;
use crate::world::{AdminError, Store, WorkloadError};

const KIND: &str = "Cluster";
/// A pass ends where the next has to see what was written; more than these in one turn, and others
/// come first.
const PASSES_MAX: usize = 8;
/// While something is still to be done it is looked at this often, should no change wake us.
const SOON: Duration = Duration::from_secs(5);
/// More nodes than these are not needed to find an address.
const NODES_MAX: u32 = 50;

/// Runs until the operator stops.
pub(super) async fn run(
    woken: impl Stream<Item = ObjectRef<Guarded<Cluster>>> + Send + 'static,
    context: Arc<Context>,
    stopped: watch::Receiver<bool>,
) {
    let store = context.cache.clusters.clone();
    Controller::for_stream(stream::pending(), store)
        .with_config(config())
        .reconcile_on(woken)
        .graceful_shutdown_on(stop(stopped))
        .run(turn, after_failure, context)
        .for_each(async |turn| log(turn))
        .await;
}

async fn turn(cluster: Arc<Guarded<Cluster>>, context: Arc<Context>) -> Result<Action, TurnError> {
    let cluster = match &cluster.0 {
        Ok(cluster) => cluster.clone(),
        Err(invalid) => return Ok(context.pass_over(&cluster, invalid).await),
    };
    if cluster.metadata.deletion_timestamp.is_some() {
        // Everything of a deleted cluster has it as owner and goes with it; volumes as their policy
        // says. Nothing of ours may hold it up, so that it goes also when no operator is left.
        return Ok(Action::await_change());
    }
    if names::is_paused(&cluster.metadata) {
        return leave(&cluster, &context).await;
    }
    let begun = Instant::now();
    let outcome = Box::pin(passes(cluster, &context)).await;
    let metric = Outcome::of(outcome.as_ref().map(|(_, changed)| *changed));
    context.metrics.reconciled(KIND, metric, begun.elapsed());
    outcome.map(|(wait, _)| Action::requeue(wait))
}

/// What was said of a paused cluster stays true of what it was then.
async fn leave(cluster: &Cluster, context: &Context) -> Result<Action, TurnError> {
    let store = ObjectStore::of_cluster(&context.scope, &context.cache, &context.metrics, cluster);
    let mut status = cluster.status_or_default();
    let generation = cluster.metadata.generation;
    let paused = conditions::paused();
    conditions::set(&mut status.conditions, RECONCILING, paused, generation, super::now());
    if cluster.status.as_ref() != Some(&status) {
        store.write_cluster_status(names::name(&cluster.metadata), &status).await?;
    }
    Ok(Action::await_change())
}

/// When the next turn is due, and whether this one changed something.
async fn passes(cluster: Cluster, context: &Context) -> Result<(Duration, bool), TurnError> {
    let name = names::name(&cluster.metadata).to_owned();
    let store = ObjectStore::of_cluster(&context.scope, &context.cache, &context.metrics, &cluster);
    let nodes = nodes(&cluster, context).await;
    let mut changed = false;
    for _ in 0..PASSES_MAX {
        let Some(current) = store.cluster(&name).await? else { break };
        let pods = pods(&current, &nodes, context);
        let circumstances = Circumstances { version: &context.options.version, now: super::now() };
        let (admin, before) = (&context.kafka, current.clone());
        let pass =
            reconcile::pass(current.clone(), &store, &pods, admin, &circumstances, uuid).await;
        let pass = match pass {
            Ok(pass) => pass,
            Err(error) => {
                return said(&before, &error, &store, context).await.ok_or_else(|| error.into());
            }
        };
        changed |= !pass.taken.is_empty() || before.status.as_ref() != Some(&pass.status);
        tell(&before, &pass, context).await;
        if !pass.again {
            return Ok((wait_after(&pass), changed));
        }
    }
    Ok((RETRY, changed))
}

fn pods<'a>(cluster: &'a Cluster, nodes: &[String], context: &'a Context) -> Pods<'a> {
    let namespace = names::namespace(&cluster.metadata);
    Pods {
        cluster,
        cache: &context.cache,
        objects: Objects::new(&context.scope, &context.metrics, namespace),
        default_image: &context.options.image,
        addresses: Addresses {
            domain: context.options.cluster_domain.clone(),
            nodes: nodes.to_vec(),
        },
        trials: &context.trials,
        check: context.options.check,
        fetched: OnceCell::new(),
    }
}

/// Only a listener on ports of the nodes needs to know them. That they cannot be read is said of the
/// brokers that wait for an address.
async fn nodes(cluster: &Cluster, context: &Context) -> Vec<String> {
    let mut listeners = cluster.spec.listeners.iter();
    if !listeners.any(|listener| listener.type_ == ListenerType::NodePort) {
        return Vec::new();
    }
    let api: Api<Node> = Api::all(context.scope.client.clone());
    match api.list(&ListParams::default().limit(NODES_MAX)).await {
        Ok(nodes) => addresses::of_nodes(&nodes.items),
        Err(error) => {
            warn!(%error, "failed to list nodes for a listener of type NodePort");
            Vec::new()
        }
    }
}

fn wait_after(pass: &Pass) -> Duration {
    match &pass.failure {
        Some(AdminError::Unreachable(_)) => RETRY,
        Some(AdminError::Refused { .. }) => RETRY_REFUSED,
        None if pass.plan.is_empty() && is_ready(&pass.status) => RESYNC,
        None => SOON,
    }
}

fn is_ready(status: &ClusterStatus) -> bool {
    conditions::holds(&status.conditions, READY, status.observed_generation)
}

/// What was decided, for people.
async fn tell(before: &Cluster, pass: &Pass, context: &Context) {
    let name = names::name(&before.metadata);
    for step in pass.taken.iter().filter(|step| !step.is_bookkeeping()) {
        info!(cluster = name, "{step}");
        context.note(before, step.name(), &step.to_string()).await;
    }
    let old = before.status_or_default();
    for type_ in [READY, STALLED] {
        let Some(new) = conditions::find(&pass.status.conditions, type_) else { continue };
        let was = conditions::find(&old.conditions, type_);
        let is_news =
            was.is_none_or(|was| (&was.status, &was.reason) != (&new.status, &new.reason));
        let is_good = (type_ == READY) == (new.status == "True");
        if !is_news || (is_good && type_ == STALLED) {
            continue;
        }
        info!(cluster = name, condition = type_, status = new.status, "{}", new.message);
        match is_good || new.reason == "BrokersNotReady" || new.reason == "PlanPending" {
            true => context.note(before, &new.reason, &new.message).await,
            false => context.warn(before, &new.reason, &new.message).await,
        }
    }
}

/// What the manifest says cannot be had: that is said of the cluster, and is no failure of ours.
async fn said(
    cluster: &Cluster,
    error: &ApplyError,
    store: &ObjectStore<'_>,
    context: &Context,
) -> Option<(Duration, bool)> {
    let (reason, sentence) = refusal(error)?;
    let name = names::name(&cluster.metadata);
    let current = store.cluster(name).await.ok()??;
    let mut status = current.status_or_default();
    let generation = current.metadata.generation;
    let now = super::now();
    for (type_, statement) in conditions::stuck(reason, &sentence) {
        conditions::set(&mut status.conditions, type_, statement, generation, now);
    }
    status.observed_generation = generation;
    if current.status.as_ref() == Some(&status) {
        return Some((RETRY_REFUSED, false));
    }
    warn!(cluster = name, "{sentence}");
    store.write_cluster_status(name, &status).await.ok()?;
    context.warn(cluster, reason, &sentence).await;
    Some((RETRY_REFUSED, true))
}

fn refusal(error: &ApplyError) -> Option<(&'static str, String)> {
    match error {
        ApplyError::Workload(WorkloadError::Manifest(sentence)) => {
            Some(("InvalidTemplate", sentence.clone()))
        }
        ApplyError::Workload(WorkloadError::Api(what, error)) => {
            let message = not_taken(error)?;
            Some(("Refused", format!("the API server does not take {what}: {message}")))
        }
        ApplyError::Workload(WorkloadError::Io(..)) => None,
        ApplyError::Workload(WorkloadError::Malformed(name, _)) => Some((
            "MalformedVolume",
            format!("the annotation {} of the volume {name} cannot be read", names::IDENTITY),
        )),
        ApplyError::Store(_) | ApplyError::Admin(_) => None,
    }
}

/// What the API server says to what it will not take the next time either.
fn not_taken(error: &kube::Error) -> Option<&str> {
    if let kube::Error::Api(status) = error
        && [400, 403, 422].contains(&status.code)
    {
        return Some(&status.message);
    }
    None
}

fn after_failure(cluster: Arc<Guarded<Cluster>>, error: &TurnError, _: Arc<Context>) -> Action {
    let name = names::name(kube::Resource::meta(cluster.as_ref()));
    if error.is_conflict() {
        debug!(cluster = name, "changed meanwhile; it is read again");
    } else {
        warn!(cluster = name, %error, "failed; it is tried again");
    }
    Action::requeue(RETRY)
}

fn uuid() -> Uuid {
    let mut random: StdRng = rand::make_rng();
    loop {
        let bits = (u128::from(random.next_u64()) << 64) | u128::from(random.next_u64());
        let uuid = Uuid::from_random(bits);
        if uuid.is_usable() {
            return uuid;
        }
    }
}
