//! When which object has its turn: one controller for each kind, over one set of watches.

mod cluster;
mod malformed;
mod notes;
mod settled;
mod topic_events;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use kube::Resource;
use kube::runtime::controller::{self, Action};
use kube::runtime::events::{Event, EventType, Recorder};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use super::cache::{Cache, Scope, Waker, Wakers};
use super::census;
use super::metrics::Metrics;
use super::names::MANAGER;
use super::run::Options;
use super::trials::Trials;
use crate::kafka::Kafka;
use crate::world::StoreError;
use notes::Notes;

/// How often an object is looked at though nothing seems to have happened.
const RESYNC: Duration = Duration::from_secs(60);
/// After what did not work it is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// What was refused may become possible without our doing.
const RETRY_REFUSED: Duration = Duration::from_secs(5);
/// How many objects of a kind have their turn at the same time.
const CONCURRENCY: u16 = 16;
/// Bursts of changes of one object become one turn.
const DEBOUNCE: Duration = Duration::from_millis(20);

/// What every turn works with.
pub(crate) struct Context {
    scope: Scope,
    cache: Cache,
    options: Options,
    metrics: Metrics,
    kafka: Kafka,
    trials: Trials,
    recorder: Recorder,
    notes: Notes,
}

/// A turn failed; the object has another one soon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TurnError {
    /// Objects could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cluster could not be brought nearer to its manifest.
    #[error(transparent)]
    Apply(#[from] crate::cluster::apply::ApplyError),
}

impl TurnError {
    /// Whether what was read is no longer so; that is no failure, and reading again helps.
    fn is_conflict(&self) -> bool {
        use crate::cluster::apply::ApplyError;
        let error = match self {
            Self::Store(error) | Self::Apply(ApplyError::Store(error)) => error,
            Self::Apply(ApplyError::Workload(_) | ApplyError::Admin(_)) => return false,
        };
        match error {
            StoreError::Api(_, error) => is_conflict(error),
            StoreError::Io(..) | StoreError::Malformed(..) => false,
        }
    }
}

/// Whether the API server says that another was faster.
pub(crate) fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409)
}

/// Runs the controllers of one scope until the operator stops.
pub(crate) async fn run(
    scope: Scope,
    options: Options,
    metrics: Metrics,
    mut stopped: watch::Receiver<bool>,
) {
    let (clusters, woken_clusters) = Waker::new();
    let (topics, woken_topics) = Waker::new();
    let mut watches = JoinSet::new();
    let cache = Cache::start(&scope, &Wakers { clusters, topics }, &mut watches);
    tokio::select! {
        () = cache.ready() => {}
        _ = stopped.wait_for(|stopped| *stopped) => return,
    }
    watches.spawn(census::run(cache.clone(), metrics.clone()));
    let recorder = Recorder::new(scope.client.clone(), MANAGER.into());
    let notes = Notes::start(recorder.clone(), &mut watches);
    let (kafka, trials) = (Kafka::default(), Trials::default());
    let context =
        Arc::new(Context { scope, cache, options, metrics, kafka, trials, recorder, notes });
    let (namespace, image) = (&context.scope.namespace, &context.options.image);
    info!(namespace, image, "looking after objects");
    let cluster = cluster::run(woken_clusters, Arc::clone(&context), stopped.clone());
    let topics = topics::run(woken_topics, context, stopped);
    tokio::join!(cluster, topics);
}

/// How controllers take turns.
fn config() -> controller::Config {
    controller::Config::default().concurrency(CONCURRENCY).debounce(DEBOUNCE)
}

/// Resolves when the operator is asked to stop.
async fn stop(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means the same.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// What became of a turn. That an object is gone when its turn comes is no news.
fn log<K, E>(turn: Result<(ObjectRef<K>, Action), controller::Error<E, watcher::Error>>)
where
    K: kube::runtime::reflector::Lookup,
    E: std::error::Error + 'static,
{
    match turn {
        Ok(_) | Err(controller::Error::ObjectNotFound(_)) => {}
        // Logged where it was handled.
        Err(controller::Error::ReconcilerFailed(..)) => {}
        Err(error) => warn!(%error, "a turn could not be taken"),
    }
}

impl Context {
    /// Writes down for people what was decided about an object.
    async fn publish(&self, about: &impl Resource<DynamicType = ()>, event: Event) {
        if let Err(error) = self.recorder.publish(&event, &about.object_ref(&())).await {
            // Events are for reading; nothing depends on one.
            debug!(%error, "failed to write an event");
        }
    }

    /// Says something that was to be expected.
    async fn note(&self, about: &impl Resource<DynamicType = ()>, reason: &str, note: &str) {
        self.publish(about, event(EventType::Normal, reason, note)).await;
    }

    /// Says something that a person may have to look at.
    async fn warn(&self, about: &impl Resource<DynamicType = ()>, reason: &str, note: &str) {
        self.publish(about, event(EventType::Warning, reason, note)).await;
    }

    /// As `publish`, without waiting until it is written.
    fn publish_aside(&self, about: &impl Resource<DynamicType = ()>, event: Event) {
        self.notes.add(about.object_ref(&()), event);
    }
}

/// An event; the API takes at most a thousand letters.
fn event(type_: EventType, reason: &str, note: &str) -> Event {
    let note: String = note.chars().take(1_000).collect();
    let (reason, action) = (reason.to_owned(), "Reconcile".to_owned());
    Event { type_, reason, note: Some(note), action, secondary: None }
}

/// The wall clock.
fn now() -> types::Timestamp {
    types::Timestamp(k8s_openapi::jiff::Timestamp::now().as_millisecond())
}
