//! Objects that the API server has stored and that do not follow their definition, as after an upgrade
//! of the definition. What is said of them is written without knowing their shape.

use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::NamespaceResourceScope;
use kube::core::error_boundary::InvalidObject;
use kube::runtime::controller::Action;
use kube::{Api, Resource, ResourceExt};
use serde_json::{Value, json};
use tracing::{debug, warn};

use super::{Context, RESYNC, RETRY_REFUSED, now};
use crate::crd::conditions::{self, Condition};
use crate::kubernetes::cache::Guarded;
use crate::kubernetes::fitness;
use crate::kubernetes::names::{self, STATUS_MANAGER};
use crate::manifest::object;
use crate::refusal::Refusal;

impl Context {
    /// Passes over an object that cannot be read, and says so in its status and in an event.
    pub(super) async fn pass_over<K>(&self, object: &Guarded<K>, invalid: &InvalidObject) -> Action
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        let (kind, name) = (K::kind(&()), object.name_any());
        match self.condemn(object, invalid).await {
            Ok(None) => {}
            Ok(Some(note)) => {
                warn!(%kind, name, namespace = object.namespace(), note,
                    "passed over: it does not follow its definition");
                self.warn(object, "Malformed", &note).await;
            }
            Err(error) => {
                warn!(%kind, name, %error, "an object that cannot be read cannot be looked at");
                return Action::requeue(RETRY_REFUSED);
            }
        }
        Action::requeue(RESYNC)
    }

    /// Writes down what is wrong with an object, and says it, unless its status says that already.
    async fn condemn<K>(
        &self,
        object: &Guarded<K>,
        invalid: &InvalidObject,
    ) -> Result<Option<String>, kube::Error>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        let (name, namespace) = (object.name_any(), names::namespace(object.meta()));
        let resource = ApiResource::erase::<K>(&());
        let client = self.scope.client.clone();
        let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, &resource);
        let Some(found) = api.get_opt(&name).await? else { return Ok(None) };
        let refusal = refusal(&found, invalid);
        let Some(status) = status(&found, &refusal) else { return Ok(None) };
        let version = found.metadata.resource_version;
        let patch = json!({ "metadata": { "resourceVersion": version }, "status": status });
        let by = PatchParams {
            field_manager: Some(STATUS_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        self.metrics.wrote(&K::kind(&()), "patch_status");
        if let Err(error) = api.patch_status(&name, &by, &Patch::Merge(&patch)).await {
            // Of what breaks the definition of today the API server takes nothing, not even a status.
            debug!(name, %error, "what is wrong with an object stands in an event alone");
        }
        Ok(Some(refusal.to_string()))
    }
}

/// What a laptop would say of it; what could not be read, where that is nothing.
fn refusal(found: &DynamicObject, invalid: &InvalidObject) -> Refusal {
    let value = serde_json::to_value(found).expect("an object is plain data");
    let said = object::parse(&value).err().and_then(|violations| fitness::said(&violations));
    said.unwrap_or_else(|| Refusal {
        path: String::new(),
        reason: "Malformed".to_owned(),
        sentence: format!("this object cannot be read: {}", invalid.error),
    })
}

/// What its status is to say, unless it does. The rest of it stays: it tells whose data is whose.
fn status(found: &DynamicObject, refusal: &Refusal) -> Option<Value> {
    let old = &found.data["status"];
    let before: Vec<Condition> =
        serde_json::from_value(old["conditions"].clone()).unwrap_or_default();
    let (mut said, generation) = (before.clone(), found.metadata.generation);
    for (type_, statement) in conditions::stuck(&refusal.reason, &refusal.to_string()) {
        conditions::set(&mut said, type_, statement, generation, now());
    }
    let is_news = said != before || old["observedGeneration"] != json!(generation);
    is_news.then(|| json!({ "conditions": said, "observedGeneration": generation }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(value: &Value) -> DynamicObject {
        serde_json::from_value(value.clone()).unwrap()
    }

    fn cluster(status: &Value) -> DynamicObject {
        stored(&json!({
            "apiVersion": "klamm.dev/v1alpha1", "kind": "Cluster",
            "metadata": { "name": "chat", "generation": 2 },
            "spec": { "pools": [{ "name": "a", "replica": 1 }] },
            "status": status,
        }))
    }

    fn unreadable() -> InvalidObject {
        let error = "unknown field `replica`".to_owned();
        InvalidObject { error, metadata: Default::default() }
    }

    #[test]
    fn it_is_said_as_on_a_laptop() {
        let said = refusal(&cluster(&json!({})), &unreadable()).to_string();
        assert!(said.starts_with("spec.pools[0]"), "{said}");
        assert!(said.contains("did you mean `replicas`?"), "{said}");
    }

    #[test]
    fn it_is_said_once_and_leaves_the_rest_of_the_status() {
        let found = cluster(&json!({ "clusterId": "x" }));
        let refusal = refusal(&found, &unreadable());
        let said = status(&found, &refusal).unwrap();
        assert_eq!(said["observedGeneration"], 2);
        assert_eq!(said["clusterId"], Value::Null, "it is not written at all");
        let conditions = said["conditions"].as_array().unwrap().iter();
        let told = conditions.map(|it| (it["type"].as_str(), it["status"].as_str()));
        let told: Vec<_> = told.map(|(type_, status)| (type_.unwrap(), status.unwrap())).collect();
        assert_eq!(told, [("Ready", "False"), ("Reconciling", "False"), ("Stalled", "True")]);
        assert_eq!(status(&cluster(&said), &refusal), None);
    }
}
