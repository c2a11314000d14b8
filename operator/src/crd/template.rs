//! What a user may say about the Pods of a pool beyond what Klamm decides itself. Without effect on a
//! laptop.
//!
//! The larger of Kubernetes' own shapes are taken as they are; the operator and the API server look at
//! them before anything is changed, and what they say is said of the cluster.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cluster::ConfigValue;

/// Additions to the Pods of a pool. Without effect on a laptop.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodTemplate {
    /// Labels of the Pods, beside Klamm's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    #[x_kube(validation = Rule::new("self.all(key, !key.startsWith('klamm.dev/') && !key.startsWith('app.kubernetes.io/'))")
        .message("labels that begin with klamm.dev/ and app.kubernetes.io/ are set by Klamm"))]
    pub labels: BTreeMap<String, ConfigValue>,
    /// Annotations of the Pods, beside Klamm's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    #[x_kube(validation = Rule::new("self.all(key, !key.startsWith('klamm.dev/'))")
        .message("annotations that begin with klamm.dev/ are set by Klamm"))]
    pub annotations: BTreeMap<String, ConfigValue>,
    /// Labels a node must have to run a broker.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub node_selector: BTreeMap<String, ConfigValue>,
    /// Kubernetes' affinity. Left out: brokers of a cluster are kept on different nodes where possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Native>,
    /// Taints of nodes that do not keep brokers away, in Kubernetes' form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub tolerations: Vec<Native>,
    /// Kubernetes' topology spread constraints. Left out: brokers of a pool are spread over zones
    /// where possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub topology_spread_constraints: Option<Vec<Native>>,
    /// The priority class of the Pods. Left out: the default of the Kubernetes cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub priority_class_name: Option<String>,
    /// When the image is fetched: at every start (`Always`), when the node does not have it
    /// (`IfNotPresent`), or not at all (`Never`). Left out: as Kubernetes does by the image's tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional::<PullPolicy>")]
    pub image_pull_policy: Option<PullPolicy>,
    /// Secrets for fetching the image, by name, in the namespace of the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 253)))]
    pub image_pull_secrets: Vec<String>,
    /// How long a broker may take to stop before it is killed. Left out: 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub termination_grace_period_seconds: Option<i64>,
    /// More variables of the broker's environment, in Kubernetes' form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub env: Vec<Native>,
    /// More volumes of the Pods, in Kubernetes' form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub volumes: Vec<Native>,
    /// Where the broker finds those volumes, in Kubernetes' form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub volume_mounts: Vec<Native>,
}

/// When an image is fetched.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    /// At every start.
    Always,
    /// When the node does not have it.
    IfNotPresent,
    /// Not at all: the node has it.
    Never,
}

/// The schema of a field that may be left out, to which the field's own sentence is added: that of
/// the type says less.
fn optional<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = T::json_schema(generator);
    schema.remove("description");
    schema.insert("nullable".to_owned(), true.into());
    schema
}

/// A value in a shape of Kubernetes' own.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(transparent)]
pub struct Native(pub Value);

impl JsonSchema for Native {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Native".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
    }
}

impl PullPolicy {
    /// As Kubernetes writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}
