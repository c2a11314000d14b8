//! Rounds of passes: the reconcilers' turn, again and again.

use std::time::Duration;

use super::{Up, now, uuid};
use crate::cluster::{self, reconcile::Circumstances};
use crate::crd::cluster::BrokerState;
use crate::crd::conditions::{self, READY};
use crate::crd::{ClusterStatus, Topic};
use crate::local::watchers::{cluster_of, everything};
use crate::manifest::Object;
use crate::topic::{self, Reach};
use crate::world::{AdminError, KafkaAdmin, Store};

/// How often topics are looked at though nothing seems to have happened.
pub(super) const RESYNC: Duration = Duration::from_secs(30);
/// When something failed, it is tried again after this.
const RETRY: Duration = Duration::from_millis(500);
/// What the cluster said no to may become possible without our doing.
const RETRY_REFUSED: Duration = Duration::from_secs(5);

/// How to go on after a round of passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// With another round.
    Again,
    /// When something happens, or after this time.
    Wait(Duration),
    /// Not at all: nothing is left to run.
    End,
}

impl<A: KafkaAdmin> Up<A> {
    /// One pass over the cluster and over every topic that may need one.
    pub(super) async fn round(&mut self) -> Next {
        let name = cluster_of(&self.store);
        let reach = match &name {
            None => Ok((None, Next::Wait(RESYNC))),
            Some(name) => self.cluster_pass(name).await,
        };
        let (status, after) = match reach {
            Ok(reached) => reached,
            Err(sentence) => {
                self.watchers.tell(&sentence);
                return Next::Wait(RETRY);
            }
        };
        if after == Next::Again {
            return after;
        }
        let next = self.topics_pass(name.is_some(), status.as_ref()).await;
        let bootstrap = status.and_then(|status| status.bootstrap_servers).unwrap_or_default();
        self.watchers.settle(&self.store, &bootstrap);
        if cluster_of(&self.store).is_none() && !self.is_deleting_topics() {
            Next::End
        } else {
            sooner(after, next)
        }
    }

    async fn cluster_pass(&mut self, name: &str) -> Result<(Option<ClusterStatus>, Next), String> {
        let found = Store::cluster(&self.store, name).await.map_err(|error| error.to_string())?;
        let Some(cluster) = found else { return Ok((None, Next::Wait(RESYNC))) };
        let status = cluster.status_or_default();
        let is_deleted = cluster.metadata.deletion_timestamp.is_some();
        if is_deleted && status.ready_brokers > 0 && self.is_deleting_topics() {
            // Topics that go with their records need the brokers a little longer.
            return Ok((Some(status), Next::Wait(RESYNC)));
        }
        let circumstances = Circumstances { version: &self.options.version, now: now() };
        let random = &mut self.random;
        let pass = cluster::reconcile::pass(
            cluster,
            &self.store,
            &self.processes,
            &self.admin,
            &circumstances,
            || uuid(random),
        );
        let pass = pass.await.map_err(|error| error.to_string())?;
        for step in pass.taken.iter().filter(|step| !step.is_bookkeeping()) {
            self.watchers.tell(&step.to_string());
        }
        self.show_brokers(&pass.status);
        let next = if pass.again { Next::Again } else { Next::Wait(wait_after(&pass.failure)) };
        Ok((Some(pass.status), next))
    }

    fn show_brokers(&mut self, status: &ClusterStatus) {
        for broker in &status.brokers {
            let before = self.shown.insert(broker.id, broker.state);
            if before == Some(broker.state) {
                continue;
            }
            if broker.state == BrokerState::Ready {
                self.watchers.tell(&format!("broker {} is ready", broker.id));
            }
            if before == Some(BrokerState::Ready) {
                self.watchers.await_again(&everything(&self.store));
            }
        }
    }

    async fn topics_pass(&mut self, has_cluster: bool, status: Option<&ClusterStatus>) -> Next {
        let bootstrap = status.filter(|status| status.ready_brokers > 0);
        let bootstrap = bootstrap.and_then(|status| status.bootstrap_servers.clone());
        let reach = match &bootstrap {
            _ if !has_cluster => Reach::NoCluster,
            Some(address) => Reach::At(address),
            None => Reach::NotReady,
        };
        let resync = std::mem::take(&mut self.resync_topics);
        let mut next = Next::Wait(RESYNC);
        for topic in self.topics() {
            if resync || is_due(&topic) {
                let after = self.topic_pass(topic, reach).await;
                next = sooner(next, after);
            }
        }
        next
    }

    async fn topic_pass(&mut self, topic: Topic, reach: Reach<'_>) -> Next {
        let name = topic.kafka_name();
        match topic::reconcile::pass(topic, reach, &self.store, &self.admin, now()).await {
            Err(error) => {
                self.watchers.tell(&error.to_string());
                Next::Wait(RETRY)
            }
            Ok(pass) => {
                if let Some(step) = pass.taken.as_ref().filter(|step| !step.is_bookkeeping()) {
                    self.watchers.tell(&format!("topic {name}: {step}"));
                }
                if pass.again {
                    return Next::Again;
                }
                Next::Wait(wait_after(&pass.failure))
            }
        }
    }

    fn topics(&self) -> Vec<Topic> {
        let objects = self.store.list().into_iter();
        objects.filter_map(Object::into_topic).collect()
    }

    fn is_deleting_topics(&self) -> bool {
        self.topics().iter().any(|topic| topic.metadata.deletion_timestamp.is_some())
    }
}

fn wait_after(failure: &Option<AdminError>) -> Duration {
    match failure {
        Some(AdminError::Unreachable(_)) => RETRY,
        Some(AdminError::Refused { .. }) => RETRY_REFUSED,
        None => RESYNC,
    }
}

/// Whether a topic is not known to be as wanted.
fn is_due(topic: &Topic) -> bool {
    let status = topic.status_or_default();
    let is_ready = conditions::holds(&status.conditions, READY, topic.metadata.generation);
    !is_ready || topic.metadata.deletion_timestamp.is_some()
}

fn sooner(one: Next, other: Next) -> Next {
    match (one, other) {
        (Next::Again, _) | (_, Next::Again) => Next::Again,
        (Next::Wait(one), Next::Wait(other)) => Next::Wait(one.min(other)),
        (Next::End, next) | (next, Next::End) => next,
    }
}
