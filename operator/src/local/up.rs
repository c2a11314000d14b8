//! The process that runs a cluster on a laptop: it takes manifests in, has the reconcilers bring the
//! world to them, and answers other commands.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use k8s_openapi::jiff;
use rand::{Rng, rngs::StdRng};
use tokio::sync::mpsc;
use types::{Timestamp, Uuid};

use super::admission::{Admission, AdmissionError};
use super::folder::{FolderError, Lock};
use super::message::{Command, Reply, Report};
use super::proposal::Proposal;
use super::server::{Call, ServeError, Server};
use super::supervisor::Happening;
use super::watchers::{Until, Watchers, cluster_of, everything};
use super::{Folder, ObjectStore, Processes, Program};
use crate::cluster::{self, reconcile::Circumstances};
use crate::crd::cluster::BrokerState;
use crate::crd::conditions::{self, READY};
use crate::crd::{ClusterStatus, Topic};
use crate::manifest::{Kind, Manifest, ObjectId};
use crate::topic::{self, Reach};
use crate::world::{AdminError, KafkaAdmin, Store, StoreError};

/// How often topics are looked at though nothing seems to have happened.
const RESYNC: Duration = Duration::from_secs(30);
/// When something failed, it is tried again after this.
const RETRY: Duration = Duration::from_millis(500);
/// What the cluster said no to may become possible without our doing.
const RETRY_REFUSED: Duration = Duration::from_secs(5);

/// What an `up` works with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cluster's folder.
    pub folder: Folder,
    /// The program brokers run.
    pub program: Program,
    /// Its version.
    pub version: String,
}

/// Why an `up` cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Objects cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The manifests were not taken in.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// The socket cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// There is nothing to run.
    #[error("the folder {} holds no cluster: give its manifest with -f", .0.root().display())]
    NoCluster(Folder),
}

/// The process that runs a cluster.
pub struct Up<A> {
    options: Options,
    _lock: Lock,
    store: ObjectStore,
    processes: Processes,
    happenings: mpsc::Receiver<Happening>,
    admin: A,
    watchers: Watchers,
    random: StdRng,
    shown: BTreeMap<i32, BrokerState>,
    resync_topics: bool,
}

/// How to go on after a round of passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// With another round.
    Again,
    /// When something happens, or after this time.
    Wait(Duration),
    /// Not at all: nothing is left to run.
    End,
}

impl<A: KafkaAdmin> Up<A> {
    /// Takes over a folder whose lock is held.
    pub fn new(options: Options, lock: Lock, admin: A) -> Result<Self, UpError> {
        let store = ObjectStore::open(&options.folder.objects())?;
        let (processes, happenings) =
            Processes::new(options.folder.clone(), options.program.clone());
        Ok(Self {
            options,
            _lock: lock,
            store,
            processes,
            happenings,
            admin,
            watchers: Watchers::default(),
            random: rand::make_rng(),
            shown: BTreeMap::new(),
            resync_topics: true,
        })
    }

    /// Takes the manifests in and runs the cluster until `stop` resolves, a command says so, or
    /// nothing is left to run. The terminal is told everything.
    pub async fn run(
        mut self,
        manifests: Vec<Manifest>,
        terminal: mpsc::Sender<Reply>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), UpError> {
        tokio::pin!(stop);
        self.processes.await_orphans().await;
        let proposal = self.admit(&manifests).await?;
        drop(terminal.send(Reply::Proposal(proposal)).await);
        self.take_in(manifests)?;
        if cluster_of(&self.store).is_none() {
            return Err(UpError::NoCluster(self.options.folder));
        }
        let (server, mut calls) = Server::start(&self.options.folder, &self.options.version)?;
        self.watchers.add_terminal(terminal, Until::Ready(everything(&self.store)));
        let last_call = self.serve(&mut calls, &mut stop).await;
        self.watchers.tell("stopping");
        self.processes.stop_all().await;
        if let Some(replies) = last_call {
            drop(replies.try_send(Reply::Done("stopped".to_owned())));
        }
        self.watchers = Watchers::default();
        server.finish().await;
        Ok(())
    }

    /// Returns whom to tell that everything has stopped, if a command asked for it.
    async fn serve(
        &mut self,
        calls: &mut mpsc::Receiver<Call>,
        stop: &mut (impl Future<Output = ()> + Unpin),
    ) -> Option<mpsc::Sender<Reply>> {
        loop {
            let next = tokio::select! {
                biased;
                () = &mut *stop => return None,
                next = self.round() => next,
            };
            let wait = match next {
                Next::Again => Duration::ZERO,
                Next::Wait(wait) => wait,
                Next::End => return None,
            };
            tokio::select! {
                biased;
                () = &mut *stop => return None,
                Some(call) = calls.recv() => match call.command {
                    Command::Down => return Some(call.replies),
                    command => self.answer(command, call.replies).await,
                },
                Some(happening) = self.happenings.recv() => self.note(happening),
                () = tokio::time::sleep(wait) => self.resync_topics |= wait == RESYNC,
            }
        }
    }

    fn note(&mut self, happening: Happening) {
        match happening {
            Happening::Phase => {}
            Happening::Ended(why) => {
                self.watchers.tell(&format!("a broker is started again: {why}"))
            }
        }
    }

    /// One pass over the cluster and over every topic that may need one.
    async fn round(&mut self) -> Next {
        let name = cluster_of(&self.store);
        let reach = match &name {
            None => Ok((None, false)),
            Some(name) => self.cluster_pass(name).await,
        };
        let (status, again) = match reach {
            Ok(reached) => reached,
            Err(sentence) => {
                self.watchers.tell(&sentence);
                return Next::Wait(RETRY);
            }
        };
        if again {
            return Next::Again;
        }
        let next = self.topics_pass(name.is_some(), status.as_ref()).await;
        let bootstrap = status.and_then(|status| status.bootstrap_servers).unwrap_or_default();
        self.watchers.settle(&self.store, &bootstrap);
        if cluster_of(&self.store).is_none() && !self.is_deleting_topics() {
            Next::End
        } else {
            next
        }
    }

    async fn cluster_pass(&mut self, name: &str) -> Result<(Option<ClusterStatus>, bool), String> {
        let found = Store::cluster(&self.store, name).await.map_err(|error| error.to_string())?;
        let Some(cluster) = found else { return Ok((None, false)) };
        let status = cluster.status_or_default();
        let is_deleted = cluster.metadata.deletion_timestamp.is_some();
        if is_deleted && status.ready_brokers > 0 && self.is_deleting_topics() {
            // Topics that go with their records need the brokers a little longer.
            return Ok((Some(status), false));
        }
        let circumstances = Circumstances { version: &self.options.version, now: now() };
        let random = &mut self.random;
        let pass =
            cluster::reconcile::pass(cluster, &self.store, &self.processes, &circumstances, || {
                uuid(random)
            });
        let pass = pass.await.map_err(|error| error.to_string())?;
        for step in pass.taken.iter().filter(|step| !step.is_bookkeeping()) {
            self.watchers.tell(&step.to_string());
        }
        self.show_brokers(&pass.status);
        Ok((Some(pass.status), pass.again))
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
                if let Some(step) = &pass.taken {
                    if !step.is_bookkeeping() {
                        self.watchers.tell(&format!("topic {name}: {step}"));
                    }
                    return Next::Again;
                }
                match pass.failure {
                    Some(AdminError::Unreachable(_)) => Next::Wait(RETRY),
                    Some(AdminError::Refused { .. }) => Next::Wait(RETRY_REFUSED),
                    None => Next::Wait(RESYNC),
                }
            }
        }
    }

    async fn answer(&mut self, command: Command, replies: mpsc::Sender<Reply>) {
        match command {
            Command::Apply(manifests) => self.answer_apply(manifests, replies).await,
            Command::Plan(manifests) => {
                let reply = match self.admit(&manifests).await {
                    Ok(proposal) => {
                        drop(replies.try_send(Reply::Proposal(proposal)));
                        Reply::Done(String::new())
                    }
                    Err(error) => refusal(error),
                };
                drop(replies.try_send(reply));
            }
            Command::Approve(hash) => drop(replies.try_send(self.approve(&hash))),
            Command::Status => {
                let report = Report { running: true, objects: self.store.list() };
                drop(replies.try_send(Reply::Report(report)));
            }
            Command::Delete(ids) => self.answer_delete(ids, replies),
            Command::Down => unreachable!("the loop ends on this command"),
        }
    }

    async fn answer_apply(&mut self, manifests: Vec<Manifest>, replies: mpsc::Sender<Reply>) {
        let ids = manifests.iter().map(|manifest| manifest.object.id()).collect();
        let proposal = match self.admit(&manifests).await {
            Ok(proposal) => proposal,
            Err(error) => return drop(replies.try_send(refusal(error))),
        };
        drop(replies.try_send(Reply::Proposal(proposal)));
        match self.take_in(manifests) {
            Ok(()) => self.watchers.add(replies, Until::Ready(ids)),
            Err(error) => drop(replies.try_send(Reply::Failed(error.to_string()))),
        }
    }

    fn answer_delete(&mut self, ids: Vec<ObjectId>, replies: mpsc::Sender<Reply>) {
        let missing: Vec<String> = ids
            .iter()
            .filter(|id| self.store.find(id).is_none())
            .map(|id| format!("there is no {id}"))
            .collect();
        if !missing.is_empty() {
            return drop(replies.try_send(Reply::Failed(missing.join("\n"))));
        }
        for id in &ids {
            if let Err(error) = self.store.delete(id, now()) {
                return drop(replies.try_send(Reply::Failed(error.to_string())));
            }
        }
        self.watchers.add(replies, Until::Gone(ids.into_iter().collect()));
    }

    fn approve(&self, hash: &str) -> Reply {
        let name = cluster_of(&self.store).unwrap_or_default();
        let id = ObjectId { kind: Kind::Cluster, name };
        match self.store.approve(&id, hash) {
            Ok(true) => Reply::Done(format!("approved plan {hash} of {id}")),
            Ok(false) => Reply::Failed("there is no cluster".to_owned()),
            Err(error) => Reply::Failed(error.to_string()),
        }
    }

    async fn admit(&self, manifests: &[Manifest]) -> Result<Proposal, AdmissionError> {
        let bootstrap = self.ready_address().await;
        let admission = Admission {
            store: &self.store,
            processes: &self.processes,
            program: &self.options.program,
            version: &self.options.version,
            kafka: (&self.admin, bootstrap.as_deref()),
        };
        admission.admit(manifests).await
    }

    async fn ready_address(&self) -> Option<String> {
        let is_ready = self.shown.values().any(|state| *state == BrokerState::Ready);
        let cluster = Store::cluster(&self.store, &cluster_of(&self.store)?).await.ok()??;
        cluster.status?.bootstrap_servers.filter(|_| is_ready)
    }

    fn take_in(&mut self, manifests: Vec<Manifest>) -> Result<(), StoreError> {
        for manifest in manifests {
            self.store.put(manifest.object, uuid(&mut self.random), now())?;
        }
        Ok(())
    }

    fn topics(&self) -> Vec<Topic> {
        let objects = self.store.list().into_iter();
        objects.filter_map(crate::manifest::Object::into_topic).collect()
    }

    fn is_deleting_topics(&self) -> bool {
        self.topics().iter().any(|topic| topic.metadata.deletion_timestamp.is_some())
    }
}

fn refusal(error: AdmissionError) -> Reply {
    match error {
        AdmissionError::Refused(problems) => Reply::Refused(problems.0),
        AdmissionError::Workload(_) | AdmissionError::Check(_) => Reply::Failed(error.to_string()),
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

pub(super) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

fn uuid(random: &mut StdRng) -> Uuid {
    loop {
        let bits = (u128::from(random.next_u64()) << 64) | u128::from(random.next_u64());
        let uuid = Uuid::from_random(bits);
        if uuid.is_usable() {
            return uuid;
        }
    }
}

#[cfg(test)]
#[path = "up_tests.rs"]
mod tests;
