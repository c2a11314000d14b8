//! `Topic`: a Kafka topic of one cluster.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::{ConfigValue, DeletionPolicy};
use super::conditions;

/// One Kafka topic of one cluster.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "klamm.dev",
    version = "v1alpha1",
    kind = "Topic",
    namespaced,
    status = "TopicStatus",
    derive = "PartialEq",
    shortname = "klt",
    category = "klamm",
    cel,
    doc = "A Kafka topic of a Klamm cluster.",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.cluster"),
    printcolumn(name = "Partitions", type_ = "integer", json_path = ".status.partitions"),
    printcolumn(name = "Replicas", type_ = "integer", json_path = ".status.replicas"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Message", type_ = "string", priority = 1, json_path = ".status.conditions[?(@.type=='Ready')].message"),
    printcolumn(name = "Topic", type_ = "string", priority = 1, json_path = ".spec.name"),
    validation = Rule::new("has(self.spec.name) || self.metadata.name.size() <= 249")
        .message("Kafka's names have at most 249 characters: give spec.name")
)]
#[x_kube(
    validation = Rule::new("has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name)")
        .message("name is immutable: delete this object and apply one of another name").field_path(".name")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopicSpec {
    /// The `Cluster` the topic belongs to, by its name, in the same namespace. Immutable.
    #[schemars(length(min = 1, max = 40))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("cluster is immutable: a topic cannot move to another cluster"))]
    pub cluster: String,

    /// Kafka's name of the topic, when it differs from the object's. Immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 249), regex(pattern = r"^[a-zA-Z0-9._-]+$"))]
    #[x_kube(
        validation = Rule::new("self != '.' && self != '..'").message("a topic cannot be named `.` or `..`"),
        validation = Rule::new("!self.startsWith('__')").message("names that start with `__` belong to the cluster's own topics")
    )]
    pub name: Option<String>,

    /// How many partitions. Can only grow; records with a key then go to other partitions than before.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    #[x_kube(validation = Rule::new("self >= oldSelf")
        .message(Message::Expression("'partitions can only grow: there are %d, and %d would lose records'.format([oldSelf, self])".into())))]
    pub partitions: i32,

    /// How many brokers hold each partition. This version runs one broker.
    #[serde(default = "one")]
    #[x_kube(validation = Rule::new("self == 1").message("this version runs one broker: replicas must be 1"))]
    pub replicas: i32,

    /// Kafka's topic keys. One that is taken out of here goes back to its default; one that somebody
    /// else has set is left alone.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 100))]
    pub config: BTreeMap<String, ConfigValue>,

    /// What happens to the topic and its records when this object is deleted: they stay (`Retain`) or
    /// go with it (`Delete`).
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// What the operator last saw and said of a topic.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TopicStatus {
    /// The generation of the object this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// What is true of the topic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions::schema")]
    pub conditions: Vec<Condition>,
    /// Kafka's id of the topic, by which one that was made anew is told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// How many partitions there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<i32>,
    /// How many brokers hold each partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// The keys that this object has set; written down before they are set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<BTreeMap<String, ConfigValue>>,
}

impl Topic {
    /// The name Kafka's clients use.
    #[must_use]
    pub fn kafka_name(&self) -> String {
        self.spec.name.clone().unwrap_or_else(|| self.name_any())
    }

    /// Whether the topic is to follow its object.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        self.annotations().get(super::MANAGED).is_none_or(|value| value != "false")
    }

    /// Whether the object is to be left as it is for a while.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.annotations().get(super::PAUSED).is_some_and(|value| value == "true")
    }

    /// Whether the object, once deleted, waits until its topic is.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.finalizers().iter().any(|finalizer| finalizer == super::TOPIC_FINALIZER)
    }

    /// The status, or an empty one.
    #[must_use]
    pub fn status_or_default(&self) -> TopicStatus {
        self.status.clone().unwrap_or_default()
    }
}

fn one() -> i32 {
    1
}
