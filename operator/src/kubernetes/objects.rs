//! Brings objects on the API server to what is wanted, by server-side apply, and only when they differ.
//!
//! An object is as wanted when it carries the digest of what we last applied, so that nothing we no
//! longer want is left in it, and when every field we want has our value, so that what others change
//! is changed back.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use k8s_openapi::api::core::v1::Node;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::core::NamespaceResourceScope;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::info;

use super::cache::Scope;
use super::metrics::Metrics;
use super::names::{self, APPLIED, MANAGER};
use super::quantity;
use crate::world::WorkloadError;

/// A kind of object that lives in a namespace.
pub(crate) trait Kind:
    Resource<Scope = NamespaceResourceScope, DynamicType = ()>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Kind for K where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// The objects of one namespace during one turn.
pub(crate) struct Objects<'a> {
    scope: &'a Scope,
    metrics: &'a Metrics,
    namespace: String,
    /// What was applied in this turn: the cache may not show it yet.
    applied: Mutex<BTreeSet<String>>,
}

impl<'a> Objects<'a> {
    /// For a turn in this namespace.
    pub(crate) fn new(scope: &'a Scope, metrics: &'a Metrics, namespace: &str) -> Self {
        let namespace = namespace.to_owned();
        Self { scope, metrics, namespace, applied: Mutex::default() }
    }

    /// The objects of a kind.
    pub(crate) fn api<K: Kind>(&self) -> Api<K> {
        self.scope.beside(&self.namespace)
    }

    /// Where they are.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Makes an object, or changes the one there is.
    pub(crate) async fn apply<K: Kind>(
        &self,
        known: &Store<K>,
        mut wanted: K,
    ) -> Result<(), WorkloadError> {
        let value = |wanted: &K| serde_json::to_value(wanted).expect("an object is plain data");
        let digest = names::digest(&value(&wanted).to_string());
        wanted.annotations_mut().insert(APPLIED.to_owned(), digest.clone());
        let name = wanted.name_any();
        let live = known.get(&ObjectRef::new(&name).within(&self.namespace));
        if live.is_some_and(|live| holds(&value(&wanted), &value(&live), "")) {
            return Ok(());
        }
        let kind = K::kind(&());
        let key = format!("{kind}/{name}/{digest}");
        if !self.applied.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            return Ok(());
        }
        let by = PatchParams::apply(MANAGER).force();
        self.metrics.wrote(&kind, "apply");
        let applied = self.api::<K>().patch(&name, &by, &Patch::Apply(&wanted)).await;
        applied.map_err(|error| refused(&kind, &name, error))?;
        info!(%kind, name, namespace = self.namespace, "applied");
        Ok(())
    }

    /// Adds to an object that others keep.
    pub(crate) async fn merge<K: Kind>(
        &self,
        name: &str,
        addition: &Value,
    ) -> Result<(), WorkloadError> {
        let kind = K::kind(&());
        let by = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        self.metrics.wrote(&kind, "patch");
        match self.api::<K>().patch(name, &by, &Patch::Merge(addition)).await {
            Ok(_) => Ok(()),
            // Another one has its name: that one is looked at when it is seen.
            Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => Ok(()),
            Err(error) => Err(refused(&kind, name, error)),
        }
    }

    /// A node of the Kubernetes cluster.
    pub(crate) async fn node(&self, name: &str) -> Result<Node, kube::Error> {
        Api::<Node>::all(self.scope.client.clone()).get(name).await
    }

    /// Deletes exactly this object, and does not wait until it is gone.
    pub(crate) async fn delete<K: Kind>(&self, object: &K) -> Result<(), WorkloadError> {
        let name = object.name_any();
        let preconditions = Preconditions { uid: object.uid(), resource_version: None };
        let how = DeleteParams::background().preconditions(preconditions);
        let kind = K::kind(&());
        self.metrics.wrote(&kind, "delete");
        match self.api::<K>().delete(&name, &how).await {
            Ok(_) => {
                info!(%kind, name, namespace = self.namespace, "deleted");
                Ok(())
            }
            // It is gone, or another one has its name: what was meant is done.
            Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => Ok(()),
            Err(error) => Err(refused(&kind, &name, error)),
        }
    }

    /// Deletes what we made for this owner and no longer want.
    pub(crate) async fn prune<K: Kind>(
        &self,
        known: &Store<K>,
        owner: &str,
        keep: &BTreeSet<String>,
    ) -> Result<(), WorkloadError> {
        let orphans = known.state_filter(|object| {
            let meta = object.meta();
            let is_ours = object.owner_references().iter().any(|it| it.uid == owner);
            is_ours
                && names::namespace(meta) == self.namespace
                && meta.deletion_timestamp.is_none()
                && !keep.contains(names::name(meta))
        });
        for orphan in orphans {
            self.delete(orphan.as_ref()).await?;
        }
        Ok(())
    }
}

/// A write, or a read, that the API server did not carry out.
pub(crate) fn refused(kind: &str, name: &str, error: kube::Error) -> WorkloadError {
    WorkloadError::Api(format!("{kind} {name}"), Box::new(error))
}

/// Whether everything wanted is there. What the API server adds by itself is no difference.
fn holds(wanted: &Value, live: &Value, key: &str) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => wanted.iter().all(|(field, wanted)| {
            let live = live.get(field).unwrap_or(&Value::Null);
            let key = if is_amounts(key) { key } else { field };
            holds(wanted, live, key)
        }),
        (Value::Array(wanted), Value::Array(live)) => {
            wanted.len() == live.len()
                && wanted.iter().zip(live).all(|(wanted, live)| holds(wanted, live, key))
        }
        (Value::Object(fields), Value::Null) => fields.is_empty(),
        (Value::Array(items), Value::Null) => items.is_empty(),
        (Value::String(wanted), Value::String(live)) if is_amounts(key) => {
            wanted == live || quantity::are_equal(wanted, live)
        }
        (wanted, live) => wanted == live,
    }
}

/// Below these keys stand quantities, which the API server writes in its own way.
fn is_amounts(key: &str) -> bool {
    key == "requests" || key == "limits"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_as_wanted(wanted: Value, live: Value) -> bool {
        holds(&wanted, &live, "")
    }

    #[test]
    fn what_the_api_server_adds_is_no_difference() {
        let wanted = json!({ "spec": { "ports": [{ "port": 1 }], "labels": {} } });
        let live = json!({ "spec": { "ports": [{ "port": 1, "nodePort": 3 }], "type": "x" } });
        assert!(is_as_wanted(wanted, live));
    }

    #[test]
    fn what_somebody_changed_is() {
        assert!(!is_as_wanted(json!({ "a": 1 }), json!({ "a": 2 })));
        assert!(!is_as_wanted(json!({ "a": 1 }), json!({})));
        assert!(!is_as_wanted(json!({ "a": [1, 2] }), json!({ "a": [1] })));
        assert!(!is_as_wanted(json!({ "a": { "b": 1 } }), json!({})));
    }

    #[test]
    fn a_quantity_written_in_another_way_is_no_difference() {
        let wanted = json!({ "resources": { "requests": { "cpu": "0.5", "memory": "1024Mi" } } });
        let live = json!({ "resources": { "requests": { "cpu": "500m", "memory": "1Gi" } } });
        assert!(is_as_wanted(wanted, live));
        assert!(!is_as_wanted(json!({ "image": "1024Mi" }), json!({ "image": "1Gi" })));
    }
}
