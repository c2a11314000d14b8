//! The process that runs a cluster on a laptop: it takes manifests in, has the reconcilers bring the
//! world to them, and answers other commands.

mod answers;
mod rounds;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use k8s_openapi::jiff;
use rand::{Rng, rngs::StdRng};
use tokio::sync::mpsc;
use types::{Timestamp, Uuid};

use super::admission::{Admission, AdmissionError};
use super::folder::{FolderError, Lock};
use super::message::Reply;
use super::proposal::Proposal;
use super::server::{Call, ServeError, Server};
use super::supervisor::Happening;
use super::watchers::{Until, Watchers, cluster_of, everything};
use super::{Folder, ObjectStore, Processes, Program};
use crate::crd::cluster::BrokerState;
use crate::manifest::Manifest;
use crate::world::{KafkaAdmin, Store, StoreError};
use rounds::{Next, RESYNC};

/// Between two rounds others have their turn.
const BREATH: Duration = Duration::from_millis(1);

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
        let (server, mut calls) = Server::start(&self.options.folder, &self.options.version)?;
        self.processes.await_orphans().await;
        let proposal = self.admit(&manifests).await?;
        drop(terminal.send(Reply::Proposal(proposal)).await);
        self.take_in(manifests)?;
        if cluster_of(&self.store).is_none() {
            return Err(UpError::NoCluster(self.options.folder));
        }
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
                Next::Again => BREATH,
                Next::Wait(wait) => wait,
                Next::End => return None,
            };
            tokio::select! {
                biased;
                () = &mut *stop => return None,
                Some(call) = calls.recv() => {
                    let to_stop = self.answer(call).await;
                    if to_stop.is_some() {
                        return to_stop;
                    }
                }
                Some(happening) = self.happenings.recv() => self.note(happening),
                () = tokio::time::sleep(wait) => self.resync_topics |= wait == RESYNC,
            }
        }
    }

    fn note(&mut self, happening: Happening) {
        match happening {
            Happening::Phase => {}
            Happening::Ended { broker, why } => {
                self.watchers.tell(&format!("broker {broker} is started again: {why}"));
            }
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
mod tests;
