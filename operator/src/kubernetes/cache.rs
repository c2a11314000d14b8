//! What the API server last told us, kind by kind, and whom a change wakes.
//!
//! Each kind is watched once and kept in one store. A change, also a deletion, wakes the objects that
//! depend on it; the controllers do not watch for themselves.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::core::{DeserializeGuard, NamespaceResourceScope};
use kube::runtime::WatchStreamExt;
use kube::runtime::reflector::{self, Lookup, ObjectRef, Store};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::warn;

use super::names;
use super::namesakes::Namesakes;
use crate::crd::{Cluster, Topic};
use crate::topic::rivals;

/// How many objects may wait to be woken before a watch is held up.
const WAKES_MAX: usize = 1_024;

/// An object as it was sent, also one that does not follow its own definition.
pub(crate) type Guarded<K> = DeserializeGuard<K>;

/// Where objects of one kind are woken.
pub(crate) struct Waker<K: Lookup>(mpsc::Sender<ObjectRef<K>>)
where
    K::DynamicType: Hash + Eq;

impl<K: Lookup> Clone for Waker<K>
where
    K::DynamicType: Hash + Eq,
{
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Lookup> Waker<K>
where
    K::DynamicType: Hash + Eq,
{
    /// A waker, and the stream of those who are woken.
    pub(crate) fn new() -> (Self, impl Stream<Item = ObjectRef<K>> + Send)
    where
        ObjectRef<K>: Send,
    {
        let (sender, mut receiver) = mpsc::channel(WAKES_MAX);
        (Self(sender), stream::poll_fn(move |context| receiver.poll_recv(context)))
    }

    /// Wakes one object.
    pub(crate) async fn wake(&self, object: ObjectRef<K>) {
        // Nobody listens only when we are about to end.
        drop(self.0.send(object).await);
    }
}

/// The namespace that is looked after; all of them when there is none.
#[derive(Clone)]
pub(crate) struct Scope {
    /// The API server.
    pub(crate) client: Client,
    /// The one namespace.
    pub(crate) namespace: Option<String>,
}

impl Scope {
    /// The objects of a kind in this scope.
    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        match &self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        }
    }

    /// The objects of a kind in the namespace of this object.
    pub(crate) fn beside<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), namespace)
    }
}

/// What is known of the objects in a scope.
#[derive(Clone)]
pub(crate) struct Cache {
    /// The clusters.
    pub(crate) clusters: Store<Guarded<Cluster>>,
    /// The topics.
    pub(crate) topics: Store<Guarded<Topic>>,
    /// Which of them want the same.
    namesakes: Namesakes,
    /// The brokers' Pods.
    pub(crate) pods: Store<Pod>,
    /// What keeps them.
    pub(crate) workloads: Store<StatefulSet>,
    /// The brokers' volumes.
    pub(crate) claims: Store<PersistentVolumeClaim>,
    /// Their files.
    pub(crate) config_maps: Store<ConfigMap>,
    /// The ways to them.
    pub(crate) services: Store<Service>,
    /// Who they are to the API server.
    pub(crate) accounts: Store<ServiceAccount>,
    /// How many may be missing.
    pub(crate) budgets: Store<PodDisruptionBudget>,
    /// Who may reach them.
    pub(crate) policies: Store<NetworkPolicy>,
}

/// The wakers of our kinds.
#[derive(Clone)]
pub(crate) struct Wakers {
    /// For clusters.
    pub(crate) clusters: Waker<Guarded<Cluster>>,
    /// For topics.
    pub(crate) topics: Waker<Guarded<Topic>>,
}

impl Cache {
    /// Watches everything; the tasks do so until they are stopped.
    pub(crate) fn start(scope: &Scope, wakers: &Wakers, tasks: &mut JoinSet<()>) -> Self {
        let all = watcher::Config::default();
        let to = wakers.topics.clone();
        let namesakes = Namesakes::default();
        let noted = namesakes.clone();
        let note = move |event: &Event<Guarded<Topic>>| noted.note(event);
        let topics = watch(scope.api(), all.clone(), tasks, note, move |topic| {
            let to = to.clone();
            async move { to.wake(ObjectRef::from_obj(&topic)).await }
        });
        let (to, known) = (wakers.clone(), topics.clone());
        let clusters = watch(
            scope.api(),
            all,
            tasks,
            |_| {},
            move |cluster: Guarded<Cluster>| {
                let (to, known) = (to.clone(), known.clone());
                async move {
                    for topic in topics_of(&known, &cluster) {
                        to.topics.wake(ObjectRef::from_obj(topic.as_ref())).await;
                    }
                    to.clusters.wake(ObjectRef::from_obj(&cluster)).await;
                }
            },
        );
        Self {
            clusters,
            topics,
            namesakes,
            pods: watch_ours(scope, &wakers.clusters, tasks),
            workloads: watch_ours(scope, &wakers.clusters, tasks),
            claims: watch_ours(scope, &wakers.clusters, tasks),
            config_maps: watch_ours(scope, &wakers.clusters, tasks),
            services: watch_ours(scope, &wakers.clusters, tasks),
            accounts: watch_ours(scope, &wakers.clusters, tasks),
            budgets: watch_ours(scope, &wakers.clusters, tasks),
            policies: watch_ours(scope, &wakers.clusters, tasks),
        }
    }

    /// Resolves when everything has been listed once.
    pub(crate) async fn ready(&self) {
        // A writer goes away only when everything ends.
        drop(self.topics.wait_until_ready().await);
        drop(self.clusters.wait_until_ready().await);
        drop(self.pods.wait_until_ready().await);
        drop(self.workloads.wait_until_ready().await);
        drop(self.claims.wait_until_ready().await);
        drop(self.config_maps.wait_until_ready().await);
        drop(self.services.wait_until_ready().await);
        drop(self.accounts.wait_until_ready().await);
        drop(self.budgets.wait_until_ready().await);
        drop(self.policies.wait_until_ready().await);
    }

    /// The cluster of this name.
    pub(crate) fn cluster(&self, namespace: &str, name: &str) -> Option<Cluster> {
        let key = ObjectRef::new(name).within(namespace);
        self.clusters.get(&key)?.0.as_ref().ok().cloned()
    }

    /// The topic object of this name.
    pub(crate) fn topic(&self, namespace: &str, name: &str) -> Option<Topic> {
        let key = ObjectRef::new(name).within(namespace);
        self.topics.get(&key)?.0.as_ref().ok().cloned()
    }

    /// The other objects that want the topic this one wants.
    pub(crate) fn rivals(&self, topic: &Topic) -> Vec<Topic> {
        let namespace = names::namespace(&topic.metadata);
        let namesakes = self.namesakes.of(topic).into_iter();
        let namesakes = namesakes.filter_map(|name| self.topic(namespace, &name));
        namesakes.filter(|other| rivals::is_rival(topic, other)).collect()
    }

    /// Every topic object of a cluster.
    pub(crate) fn topics(&self, namespace: &str, cluster: &str) -> Vec<Topic> {
        let topics = self.topics.state().into_iter();
        let topics = topics.filter_map(|topic| topic.0.as_ref().ok().cloned());
        let belongs = |topic: &Topic| {
            topic.spec.cluster == cluster && names::namespace(&topic.metadata) == namespace
        };
        topics.filter(belongs).collect()
    }
}

fn topics_of(
    topics: &Store<Guarded<Topic>>,
    cluster: &Guarded<Cluster>,
) -> Vec<Arc<Guarded<Topic>>> {
    let meta = cluster.meta();
    topics.state_filter(|topic| {
        let is_of = |topic: &Topic| Some(&topic.spec.cluster) == meta.name.as_ref();
        topic.meta().namespace == meta.namespace && topic.0.as_ref().is_ok_and(is_of)
    })
}

/// The objects that we make; each change wakes the cluster they belong to.
fn watch_ours<K>(
    scope: &Scope,
    clusters: &Waker<Guarded<Cluster>>,
    tasks: &mut JoinSet<()>,
) -> Store<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + DeserializeOwned
        + Clone
        + Debug
        + Send
        + Sync
        + 'static,
{
    let ours = format!("{}={}", names::MANAGED_BY, names::MANAGER);
    let ours = watcher::Config::default().labels(&ours);
    let clusters = clusters.clone();
    watch(
        scope.api(),
        ours,
        tasks,
        |_| {},
        move |object: K| {
            let clusters = clusters.clone();
            async move {
                let meta = object.meta();
                if let Some(cluster) = names::label(meta, names::CLUSTER) {
                    let cluster = ObjectRef::new(cluster).within(names::namespace(meta));
                    clusters.wake(cluster).await;
                }
            }
        },
    )
}

/// Keeps a kind in a store and tells of every change, deletions too, after it has been noted.
fn watch<K, Told>(
    api: Api<K>,
    config: watcher::Config,
    tasks: &mut JoinSet<()>,
    note: impl Fn(&Event<K>) + Send + 'static,
    tell: impl Fn(K) -> Told + Send + 'static,
) -> Store<K>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Clone + Debug + Send + Sync + 'static,
    Told: Future<Output = ()> + Send,
{
    let (store, writer) = reflector::store();
    let lean = watcher(api, config).modify(|object: &mut K| {
        object.meta_mut().managed_fields = None;
    });
    let noted = lean.default_backoff().inspect_ok(move |event| note(event));
    let touched = reflector::reflector(writer, noted).touched_objects();
    tasks.spawn(async move {
        let touched = touched.inspect_err(|error| {
            warn!(kind = %K::kind(&()), %error, "failed to watch; it is tried again");
        });
        let touched = touched.filter_map(async |touched| touched.ok());
        let mut touched = std::pin::pin!(touched);
        while let Some(object) = touched.next().await {
            tell(object).await;
        }
    });
    store
}
