//! Objects on the API server, as one pass over one object sees them.
//!
//! Statuses are written by server-side apply on exactly the version that was read: a pass that acts on
//! what is no longer so is refused and begins anew. What a write returns is newer than the cache and
//! is what the rest of the pass sees.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::api::{Patch, PatchParams};
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::cache::{Cache, Scope};
use super::metrics::Metrics;
use super::names::{self, MANAGER, STATUS_MANAGER};
use crate::crd::{API_VERSION, Cluster, ClusterStatus, TOPIC_FINALIZER, Topic, TopicStatus};
use crate::manifest::{Kind, ObjectId};
use crate::world::{Store, StoreError};

/// The objects of one namespace during one pass.
pub(crate) struct ObjectStore<'a> {
    scope: &'a Scope,
    cache: &'a Cache,
    metrics: &'a Metrics,
    namespace: String,
    written: Mutex<Written>,
}

/// What this pass is about, as new as we know it.
#[derive(Default)]
struct Written {
    cluster: Option<Cluster>,
    topic: Option<Topic>,
}

impl<'a> ObjectStore<'a> {
    /// For a pass over this cluster.
    pub(crate) fn of_cluster(
        scope: &'a Scope,
        cache: &'a Cache,
        metrics: &'a Metrics,
        cluster: &Cluster,
    ) -> Self {
        let namespace = names::namespace(&cluster.metadata).to_owned();
        let written = Written { cluster: Some(cluster.clone()), topic: None };
        Self { scope, cache, metrics, namespace, written: Mutex::new(written) }
    }

    /// For a pass over this topic.
    pub(crate) fn of_topic(
        scope: &'a Scope,
        cache: &'a Cache,
        metrics: &'a Metrics,
        topic: &Topic,
    ) -> Self {
        let namespace = names::namespace(&topic.metadata).to_owned();
        let written = Written { cluster: None, topic: Some(topic.clone()) };
        Self { scope, cache, metrics, namespace, written: Mutex::new(written) }
    }

    /// The topic this pass is about, as it was last written.
    pub(crate) fn current_topic(&self) -> Topic {
        self.written().topic.clone().expect("a store of a topic has one")
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn apply_status<K>(
        &self,
        id: &ObjectId,
        version: Option<&str>,
        status: Value,
    ) -> Result<K, StoreError>
    where
        K: Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        let patch = json!({
            "apiVersion": API_VERSION,
            "kind": id.kind.as_str(),
            "metadata": { "name": id.name, "resourceVersion": version },
            "status": status,
        });
        let api: Api<K> = self.scope.beside(&self.namespace);
        let by = PatchParams::apply(STATUS_MANAGER).force();
        let applied = api.patch_status(&id.name, &by, &Patch::Apply(&patch)).await;
        self.metrics.wrote(id.kind.as_str(), "apply_status");
        applied.map_err(|error| refused(id, error))
    }
}

impl ObjectStore<'_> {
    /// The list is written as a whole, on the version it was read from, so that what others put there stays.
    async fn write_finalizers(&self, name: &str, held: bool, verb: &str) -> Result<(), StoreError> {
        let id = ObjectId { kind: Kind::Topic, name: name.to_owned() };
        let Some(topic) = Store::topic(self, name).await? else { return Ok(()) };
        let mut finalizers = topic.metadata.finalizers.unwrap_or_default();
        finalizers.retain(|finalizer| finalizer != TOPIC_FINALIZER);
        if held {
            finalizers.push(TOPIC_FINALIZER.to_owned());
        }
        let version = topic.metadata.resource_version;
        let patch = json!({ "metadata": { "finalizers": finalizers, "resourceVersion": version } });
        let api: Api<Topic> = self.scope.beside(&self.namespace);
        let by = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        let patched = api.patch(name, &by, &Patch::Merge(&patch)).await;
        self.metrics.wrote(id.kind.as_str(), verb);
        self.written().topic = Some(patched.map_err(|error| refused(&id, error))?);
        Ok(())
    }
}

impl Store for ObjectStore<'_> {
    async fn cluster(&self, name: &str) -> Result<Option<Cluster>, StoreError> {
        let ours = self.written().cluster.clone();
        let ours = ours.filter(|cluster| names::name(&cluster.metadata) == name);
        Ok(ours.or_else(|| self.cache.cluster(&self.namespace, name)))
    }

    async fn topics(&self, cluster: &str) -> Result<Vec<Topic>, StoreError> {
        let mut topics = self.cache.topics(&self.namespace, cluster);
        if let Some(ours) = &self.written().topic
            && let Some(same) = topics.iter_mut().find(|it| it.metadata.uid == ours.metadata.uid)
        {
            same.clone_from(ours);
        }
        Ok(topics)
    }

    async fn topic(&self, name: &str) -> Result<Option<Topic>, StoreError> {
        let ours = self.written().topic.clone();
        let ours = ours.filter(|topic| names::name(&topic.metadata) == name);
        Ok(ours.or_else(|| self.cache.topic(&self.namespace, name)))
    }

    async fn rivals(&self, topic: &Topic) -> Result<Vec<Topic>, StoreError> {
        Ok(self.cache.rivals(topic))
    }

    async fn hold_topic(&self, name: &str, held: bool) -> Result<(), StoreError> {
        self.write_finalizers(name, held, "hold").await
    }

    async fn write_cluster_status(
        &self,
        name: &str,
        status: &ClusterStatus,
    ) -> Result<(), StoreError> {
        let id = ObjectId { kind: Kind::Cluster, name: name.to_owned() };
        let read = self.cluster(name).await?;
        let version = read.and_then(|cluster| cluster.metadata.resource_version);
        let status = serde_json::to_value(status).expect("a status is plain data");
        let written = self.apply_status(&id, version.as_deref(), status).await?;
        self.written().cluster = Some(written);
        Ok(())
    }

    async fn write_topic_status(&self, name: &str, status: &TopicStatus) -> Result<(), StoreError> {
        let id = ObjectId { kind: Kind::Topic, name: name.to_owned() };
        let ours = self.written().topic.clone();
        let version = ours.and_then(|topic| topic.metadata.resource_version);
        let status = serde_json::to_value(status).expect("a status is plain data");
        let written = self.apply_status(&id, version.as_deref(), status).await?;
        self.written().topic = Some(written);
        Ok(())
    }

    /// Takes our finalizer off; a cluster has none, since everything of it goes with its object.
    async fn release(&self, object: &ObjectId) -> Result<(), StoreError> {
        match object.kind {
            Kind::Topic => self.write_finalizers(&object.name, false, "release").await,
            Kind::Cluster => Ok(()),
        }
    }
}

fn refused(object: &ObjectId, error: kube::Error) -> StoreError {
    StoreError::Api(format!("{} {}", object.kind.as_str(), object.name), Box::new(error))
}
