//! `spec.pools` of a `Cluster`: brokers that are alike, their volumes and what they may use.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::ConfigValue;
use super::template::PodTemplate;

/// Brokers that are alike.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pool {
    /// The pool's name, unique in the cluster. Pods and volumes carry it in their names; it cannot be
    /// changed.
    #[schemars(length(min = 1, max = 40), regex(pattern = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"))]
    pub name: String,

    /// How many brokers. This version runs one.
    #[serde(default = "one")]
    #[x_kube(validation = Rule::new("self == 1").message("this version runs one broker: replicas must be 1"))]
    pub replicas: i32,

    /// What the brokers of the pool do: hold partitions and serve clients (`broker`), vote in the
    /// metadata quorum (`controller`). This version's one broker does both.
    #[serde(default = "default_roles")]
    #[schemars(length(min = 1, max = 2))]
    #[x_kube(
        merge_strategy = ListMerge::Set,
        validation = Rule::new("'broker' in self && 'controller' in self")
            .message("this version runs one node, which is both: roles must be [broker, controller]")
    )]
    pub roles: Vec<Role>,

    /// The range broker ids are taken from, lowest first. Immutable: ids are written into volumes and
    /// metadata.
    #[serde(default)]
    pub ids: IdRange,

    /// The volume of each broker.
    #[serde(default)]
    pub storage: Storage,

    /// What is set aside for each broker, and what it may not exceed. Left out: nothing is. A change
    /// restarts the brokers. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,

    /// Where a broker learns its rack (`broker.rack`). Left out: it has none. Without effect on a
    /// laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<Rack>,

    /// Additions to the Pods. A change restarts the brokers. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<PodTemplate>,
}

/// What a node does.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Holds partitions and serves clients.
    Broker,
    /// Votes in the metadata quorum.
    Controller,
}

/// A range of broker ids.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdRange {
    /// The lowest id.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub first: i32,
    /// How many ids the pool may ever use.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 10_000))]
    pub count: i32,
}

/// The volume of one broker.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Storage {
    /// The volume's size. Can only grow. Left out: 10Gi. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 32),
        regex(pattern = r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$")
    )]
    pub size: Option<String>,
    /// The storage class. Immutable. Left out: the default class of the Kubernetes cluster. Without
    /// effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub class: Option<String>,
    /// What happens to the volumes when the cluster is deleted: they stay, and a cluster of the same
    /// name takes them over (`Retain`), or they go with all records (`Delete`).
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// What happens to data when its object is deleted.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// It stays.
    #[default]
    Retain,
    /// It goes with the object.
    Delete,
}

/// What a broker may use of its machine, in Kubernetes' words.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resources {
    /// What is set aside for a broker, such as `cpu` and `memory`, in Kubernetes' quantities.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 16))]
    pub requests: BTreeMap<String, ConfigValue>,
    /// What a broker may not exceed, in Kubernetes' quantities.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 16))]
    pub limits: BTreeMap<String, ConfigValue>,
}

/// Where a broker learns its rack.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rack {
    /// The label of the Kubernetes node whose value is the rack, such as
    /// `topology.kubernetes.io/zone`.
    #[schemars(length(min = 1, max = 317))]
    pub node_label: String,
}

impl Default for IdRange {
    fn default() -> Self {
        Self { first: 0, count: hundred() }
    }
}

pub(super) fn default_pools() -> Vec<Pool> {
    vec![Pool {
        name: "brokers".to_owned(),
        replicas: one(),
        roles: default_roles(),
        ids: IdRange::default(),
        storage: Storage::default(),
        resources: None,
        rack: None,
        template: None,
    }]
}

fn one() -> i32 {
    1
}

fn hundred() -> i32 {
    100
}

fn default_roles() -> Vec<Role> {
    vec![Role::Broker, Role::Controller]
}
