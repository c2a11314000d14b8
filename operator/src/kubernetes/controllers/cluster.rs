//! The turns of Clusters.

use std::sync::Arc;

use futures::{Stream, StreamExt, stream};
use kube::runtime::Controller;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use tokio::sync::watch;

use super::{Context, RETRY, TurnError, config, log, stop};
use crate::crd::Cluster;
use crate::kubernetes::cache::Guarded;
use crate::kubernetes::names;

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
        .run(turn, |_, _, _| Action::requeue(RETRY), context)
        .for_each(async |turn| log(turn))
        .await;
}

async fn turn(cluster: Arc<Guarded<Cluster>>, context: Arc<Context>) -> Result<Action, TurnError> {
    let cluster = match &cluster.0 {
        Ok(cluster) => cluster.clone(),
        Err(invalid) => return Ok(context.pass_over(&cluster, invalid).await),
    };
    if names::is_paused(&cluster.metadata) {
        return Ok(Action::await_change());
    }
    Ok(Action::await_change())
}
