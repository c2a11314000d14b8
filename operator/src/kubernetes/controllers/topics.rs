//! The turns of Topics.

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::DeserializeGuard;
use kube::runtime::Controller;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::settled::Settled;
use super::{Context, RESYNC, RETRY, RETRY_REFUSED, TurnError, config, log, stop, topic_events};
use crate::crd::Topic;
use crate::kubernetes::cache::Guarded;
use crate::kubernetes::metrics::Outcome;
use crate::kubernetes::names;
use crate::kubernetes::store::ObjectStore;
use crate::topic::reconcile::{self, Pass};
use crate::topic::{Plan, Reach};
use crate::world::AdminError;

const KIND: &str = "Topic";
/// A pass ends with each step; more than these in one turn, and others come first.
const PASSES_MAX: usize = 8;
/// Turns wait for the cluster most of the time, and what many ask at once goes out as one request.
const CONCURRENCY: u16 = 64;

/// What the turns of topics work with.
struct Topics {
    context: Arc<Context>,
    settled: Settled,
}

/// What came of a turn.
struct Turn {
    /// When the next one is due.
    wait: Duration,
    /// Whether something was written.
    changed: bool,
    /// The object as it needs nothing more, if it does not.
    settled: Option<ObjectMeta>,
}

/// Runs until the operator stops.
pub(super) async fn run(
    woken: impl Stream<Item = ObjectRef<Guarded<Topic>>> + Send + 'static,
    context: Arc<Context>,
    stopped: watch::Receiver<bool>,
) {
    let store = context.cache.topics.clone();
    let topics = Arc::new(Topics { context, settled: Settled::default() });
    Controller::for_stream(stream::pending(), store)
        .with_config(config().concurrency(CONCURRENCY))
        .reconcile_on(woken)
        .graceful_shutdown_on(stop(stopped))
        .run(turn, after_failure, topics)
        .for_each(async |turn| log(turn))
        .await;
}

async fn turn(topic: Arc<Guarded<Topic>>, topics: Arc<Topics>) -> Result<Action, TurnError> {
    let context = &topics.context;
    let topic = match &topic.0 {
        Ok(topic) => topic.clone(),
        Err(invalid) => return Ok(context.pass_over(&topic, invalid).await),
    };
    let address = address(&topic, context);
    let begun = Instant::now();
    if let Some(wait) = topics.settled.remaining(begun, &topic.metadata, &address) {
        return Ok(Action::requeue(wait));
    }
    let outcome = passes(topic, address.reach(), context).await;
    let metric = Outcome::of(outcome.as_ref().map(|turn| turn.changed));
    context.metrics.reconciled(KIND, metric, begun.elapsed());
    let turn = outcome?;
    if let Some(meta) = turn.settled {
        topics.settled.note(begun + turn.wait, &meta, address);
    }
    Ok(Action::requeue(turn.wait))
}

/// Where the cluster of a topic can be asked, as it is known at the start of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// There is no such cluster.
    NoCluster,
    /// None of its brokers is ready.
    NotReady,
    /// Here.
    At(String),
}

impl Address {
    fn reach(&self) -> Reach<'_> {
        match self {
            Self::NoCluster => Reach::NoCluster,
            Self::NotReady => Reach::NotReady,
            Self::At(address) => Reach::At(address),
        }
    }
}

fn address(topic: &Topic, context: &Context) -> Address {
    let namespace = names::namespace(&topic.metadata);
    let Some(cluster) = context.cache.cluster(namespace, &topic.spec.cluster) else {
        return Address::NoCluster;
    };
    let status = cluster.status.filter(|status| status.ready_brokers > 0);
    let address = status.and_then(|status| status.bootstrap_servers);
    address.map_or(Address::NotReady, Address::At)
}

async fn passes(topic: Topic, reach: Reach<'_>, context: &Context) -> Result<Turn, TurnError> {
    let store = ObjectStore::of_topic(&context.scope, &context.cache, &context.metrics, &topic);
    let mut current = topic;
    let mut changed = false;
    for _ in 0..PASSES_MAX {
        let before = current.status.clone();
        let pass = reconcile::pass(current, reach, &store, &context.kafka, super::now()).await?;
        current = store.current_topic();
        changed |= pass.taken.is_some() || current.status != before;
        tell(&current, before.as_ref(), &pass, context);
        if !pass.again {
            let is_settled = pass.failure.is_none() && is_at_rest(&pass.plan);
            let settled = is_settled.then_some(current.metadata);
            return Ok(Turn { wait: wait_after(&pass), changed, settled });
        }
    }
    Ok(Turn { wait: RETRY, changed, settled: None })
}

/// Says in the log and in events what was done and what is in the way.
fn tell(topic: &Topic, before: Option<&crate::crd::TopicStatus>, pass: &Pass, context: &Context) {
    if let Some(step) = &pass.taken {
        info!(topic = names::name(&topic.metadata), "{step}");
    }
    for event in topic_events::events(before, pass) {
        context.publish_aside(topic, event);
    }
}

/// Whether nothing more is to be done unless something changes.
fn is_at_rest(plan: &Plan) -> bool {
    match plan {
        Plan::Nothing | Plan::Leave(_) => true,
        Plan::Take(_) | Plan::Refuse(_) | Plan::Wait(_) => false,
    }
}

fn wait_after(pass: &Pass) -> Duration {
    match (&pass.failure, &pass.plan) {
        (Some(AdminError::Unreachable(_)), _) => RETRY,
        (Some(AdminError::Refused { .. }), _) | (None, Plan::Refuse(_)) => RETRY_REFUSED,
        (None, Plan::Nothing | Plan::Leave(_) | Plan::Take(_)) => RESYNC,
        // A cluster that comes, or becomes ready, wakes its topics; one that does not answer cannot.
        (None, Plan::Wait(_)) => RETRY_REFUSED,
    }
}

fn after_failure(topic: Arc<DeserializeGuard<Topic>>, error: &TurnError, _: Arc<Topics>) -> Action {
    let name = names::name(kube::Resource::meta(topic.as_ref()));
    if error.is_conflict() {
        debug!(topic = name, "changed meanwhile; it is read again");
    } else {
        warn!(topic = name, %error, "failed; it is tried again");
    }
    Action::requeue(RETRY)
}
