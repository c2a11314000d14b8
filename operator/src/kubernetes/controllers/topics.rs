//! The turns of Topics.

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use kube::core::DeserializeGuard;
use kube::runtime::Controller;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::{Context, RESYNC, RETRY, RETRY_REFUSED, TurnError, config, log, stop};
use crate::crd::Topic;
use crate::kubernetes::cache::Guarded;
use crate::kubernetes::metrics::Outcome;
use crate::kubernetes::names;
use crate::kubernetes::store::ObjectStore;
use crate::topic::{self, Reach};
use crate::world::AdminError;

const KIND: &str = "Topic";
/// A pass ends with each step; more than these in one turn, and others come first.
const PASSES_MAX: usize = 8;

/// Runs until the operator stops.
pub(super) async fn run(
    woken: impl Stream<Item = ObjectRef<Guarded<Topic>>> + Send + 'static,
    context: Arc<Context>,
    stopped: watch::Receiver<bool>,
) {
    let store = context.cache.topics.clone();
    Controller::for_stream(stream::pending(), store)
        .with_config(config())
        .reconcile_on(woken)
        .graceful_shutdown_on(stop(stopped))
        .run(turn, after_failure, context)
        .for_each(async |turn| log(turn))
        .await;
}

async fn turn(topic: Arc<Guarded<Topic>>, context: Arc<Context>) -> Result<Action, TurnError> {
    let topic = match &topic.0 {
        Ok(topic) => topic.clone(),
        Err(invalid) => return Ok(context.pass_over(&topic, invalid).await),
    };
    if names::is_paused(&topic.metadata) {
        return Ok(Action::await_change());
    }
    let begun = Instant::now();
    let outcome = passes(topic, &context).await;
    let metric = match &outcome {
        Ok((_, true)) => Outcome::Changed,
        Ok((_, false)) => Outcome::Unchanged,
        Err(_) => Outcome::Error,
    };
    context.metrics.reconciled(KIND, metric, begun.elapsed());
    outcome.map(|(wait, _)| Action::requeue(wait))
}

/// When the next turn is due, and whether this one changed something.
async fn passes(topic: Topic, context: &Context) -> Result<(Duration, bool), TurnError> {
    let namespace = names::namespace(&topic.metadata).to_owned();
    let cluster = context.cache.cluster(&namespace, &topic.spec.cluster);
    let status = cluster.as_ref().and_then(|cluster| cluster.status.as_ref());
    let address = status.filter(|status| status.ready_brokers > 0);
    let address = address.and_then(|status| status.bootstrap_servers.as_deref());
    let reach = match (&cluster, address) {
        (None, _) => Reach::NoCluster,
        (Some(_), None) => Reach::NotReady,
        (Some(_), Some(address)) => Reach::At(address),
    };
    let store = ObjectStore::of_topic(&context.scope, &context.cache, &context.metrics, &topic);
    let mut current = topic;
    let mut changed = false;
    for _ in 0..PASSES_MAX {
        let now = super::now();
        let before = current.status.clone();
        let pass = topic::reconcile::pass(current, reach, &store, &context.kafka, now).await?;
        if let Some(step) = &pass.taken {
            info!(topic = names::name(&store.topic().metadata), "{step}");
        }
        current = store.topic();
        changed |= pass.taken.is_some() || current.status != before;
        if pass.taken.is_none() {
            return Ok((wait_after(pass.failure.as_ref()), changed));
        }
    }
    Ok((RETRY, changed))
}

fn wait_after(failure: Option<&AdminError>) -> Duration {
    match failure {
        Some(AdminError::Unreachable(_)) => RETRY,
        Some(AdminError::Refused { .. }) => RETRY_REFUSED,
        None => RESYNC,
    }
}

fn after_failure(
    topic: Arc<DeserializeGuard<Topic>>,
    error: &TurnError,
    _: Arc<Context>,
) -> Action {
    let name = names::name(kube::Resource::meta(topic.as_ref()));
    if error.is_conflict() {
        debug!(topic = name, "changed meanwhile; it is read again");
    } else {
        warn!(topic = name, %error, "failed; it is tried again");
    }
    Action::requeue(RETRY)
}
