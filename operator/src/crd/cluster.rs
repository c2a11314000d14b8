//! `Cluster`: brokers, their metadata quorum and the listeners clients reach them by.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::conditions;

/// Brokers that form one Kafka cluster.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "klamm.dev",
    version = "v1alpha1",
    kind = "Cluster",
    namespaced,
    status = "ClusterStatus",
    derive = "PartialEq",
    shortname = "klc",
    category = "klamm",
    cel,
    doc = "A Kafka-compatible cluster of Klamm brokers.",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Brokers", type_ = "integer", json_path = ".status.readyBrokers"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Bootstrap", type_ = "string", json_path = ".status.bootstrapServers"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("self.metadata.name.size() <= 40")
        .message("a cluster's name has at most 40 characters: names of brokers and volumes are built from it")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterSpec {
    /// The version of the brokers. Left out: the version of the Klamm that reads this. On a laptop
    /// brokers run the same program, so another version is refused there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub version: Option<String>,

    /// How many controllers vote in the metadata quorum. This version runs one.
    #[serde(default = "one")]
    #[x_kube(validation = Rule::new("self == 1").message("this version runs one controller: controllers must be 1"))]
    pub controllers: i32,

    /// Groups of brokers that are alike. This version runs one pool of one broker.
    #[serde(default = "default_pools")]
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(
        merge_strategy = ListMerge::Map(vec!["name".into()]),
        validation = Rule::new("self.size() == 1").message("this version runs one pool"),
        validation = Rule::new("oldSelf.all(old, self.exists(new, new.name == old.name))")
            .message("a pool cannot be removed or renamed by this version"),
        validation = Rule::new("oldSelf.all(old, self.all(new, new.name != old.name || new.ids == old.ids))")
            .message("ids of a pool are immutable: broker ids are written into volumes and metadata")
    )]
    pub pools: Vec<Pool>,

    /// Where clients connect. This version serves them in plaintext, without authentication.
    #[serde(default = "default_listeners")]
    #[schemars(length(min = 1, max = 8))]
    #[x_kube(
        merge_strategy = ListMerge::Map(vec!["name".into()]),
        validation = Rule::new("self.all(one, self.all(other, one.name == other.name || one.port != other.port))")
            .message("two listeners cannot have one port")
    )]
    pub listeners: Vec<Listener>,

    /// Kafka's broker keys. Those that follow from the rest of the manifest are not set here. Keys
    /// that Kafka can change for all brokers are changed while they run, the others by a restart.
    /// One that is taken out of here goes back to its default.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 200))]
    #[x_kube(
        validation = Rule::new("self.all(key, !(key in ['node.id', 'broker.id', 'broker.rack', 'process.roles', 'listeners', 'advertised.listeners', 'controller.listener.names', 'controller.quorum.voters', 'controller.quorum.bootstrap.servers', 'listener.security.protocol.map', 'inter.broker.listener.name', 'log.dir', 'log.dirs', 'metadata.log.dir', 'klamm.cluster.id', 'klamm.initial.controllers', 'klamm.admin.listener']))")
            .message("config holds a key that follows from the rest of the manifest (ids, roles, listeners, rack and folders): leave it out")
    )]
    pub config: BTreeMap<String, ConfigValue>,

    /// Whether steps that disturb clients, such as restarts, are taken at once.
    #[serde(default)]
    pub apply: Apply,
}

/// Brokers that are alike.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pool {
    /// The pool's name, unique in the cluster.
    #[schemars(length(min = 1, max = 40), regex(pattern = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"))]
    pub name: String,

    /// How many brokers. This version runs one.
    #[serde(default = "one")]
    #[x_kube(validation = Rule::new("self == 1").message("this version runs one broker: replicas must be 1"))]
    pub replicas: i32,

    /// What the brokers of the pool do. This version's one broker is both.
    #[serde(default = "default_roles")]
    #[schemars(length(min = 1, max = 2))]
    #[x_kube(
        merge_strategy = ListMerge::Set,
        validation = Rule::new("'broker' in self && 'controller' in self")
            .message("this version runs one node, which is both: roles must be [broker, controller]")
    )]
    pub roles: Vec<Role>,

    /// The range broker ids are taken from, lowest first. Immutable.
    #[serde(default)]
    pub ids: IdRange,

    /// The volume of each broker.
    #[serde(default)]
    pub storage: Storage,

    /// What each broker may use of its machine. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,

    /// Where a broker learns its rack. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<Rack>,
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
    /// The volume's size. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 32),
        regex(pattern = r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$")
    )]
    pub size: Option<String>,
    /// The storage class. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub class: Option<String>,
    /// What happens to the data when the cluster is deleted.
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
    /// What is set aside for a broker.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 16))]
    pub requests: BTreeMap<String, ConfigValue>,
    /// What a broker may not exceed.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 16))]
    pub limits: BTreeMap<String, ConfigValue>,
}

/// Where a broker learns its rack.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rack {
    /// The label of the Kubernetes node that names its rack or zone.
    #[schemars(length(min = 1, max = 317))]
    pub node_label: String,
}

/// Where clients connect.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Listener {
    /// The listener's name, unique in the cluster.
    #[schemars(length(min = 1, max = 32), regex(pattern = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"))]
    #[x_kube(validation = Rule::new("!(self in ['controller', 'replication'])")
        .message("the names `controller` and `replication` are reserved for the cluster's own listeners"))]
    pub name: String,
    /// The port. On a laptop broker 0 has this one, broker 1 the next, and so on.
    #[schemars(range(min = 1024, max = 65535))]
    pub port: i32,
    /// From where it can be reached.
    #[serde(default, rename = "type")]
    pub type_: ListenerType,
}

/// From where a listener can be reached.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListenerType {
    /// From inside the Kubernetes cluster, or on a laptop from the laptop.
    #[default]
    Internal,
}

/// Whether steps that disturb clients are taken at once.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Apply {
    /// At once.
    #[default]
    Auto,
    /// When the annotation `klamm.dev/approved-plan` holds the hash in `status.plan.hash`.
    Manual,
}

/// The value of a key; a string, as everywhere in Kafka's configuration.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(inline)]
#[serde(transparent)]
pub struct ConfigValue(#[schemars(length(max = 4096))] pub String);

/// What the operator last saw and said of a cluster.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// The generation of the object this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// What is true of the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions::schema")]
    pub conditions: Vec<Condition>,
    /// Kafka's cluster id, drawn once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// The version all brokers run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What a client is given as `bootstrap.servers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_servers: Option<String>,
    /// The metadata quorum.
    #[serde(default)]
    pub quorum: QuorumStatus,
    /// The keys that this object has set for all brokers; written down before they are set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<BTreeMap<String, ConfigValue>>,
    /// How many brokers are ready.
    #[serde(default)]
    pub ready_brokers: i32,
    /// Every broker.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brokers: Vec<BrokerStatus>,
    /// What is about to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanStatus>,
}

/// The metadata quorum as it was first drawn.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct QuorumStatus {
    /// Whether the quorum has come to life. From then on an empty folder no longer makes a voter.
    #[serde(default)]
    pub bootstrapped: bool,
    /// The first voters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voters: Vec<VoterStatus>,
}

/// One of the first voters.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct VoterStatus {
    /// The node's id.
    pub id: i32,
    /// The id of the folder its vote is bound to.
    pub directory_id: String,
    /// Where the other controllers reach it.
    pub endpoint: String,
}

/// One broker.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct BrokerStatus {
    /// The broker's id.
    pub id: i32,
    /// The pool it belongs to.
    pub pool: String,
    /// How it is.
    pub state: BrokerState,
    /// Why it is not ready, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its addresses.
    pub endpoints: EndpointStatus,
}

/// How a broker is.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// It does not run.
    Stopped,
    /// It runs and does not serve yet.
    Starting,
    /// It serves clients.
    Ready,
    /// It was asked to stop and still runs.
    Stopping,
    /// It ended and is started again after a pause.
    BackingOff,
}

/// A broker's addresses.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct EndpointStatus {
    /// For clients, one for each listener.
    pub listeners: Vec<ListenerAddress>,
    /// For the metadata quorum.
    pub controller: String,
    /// For `/readyz`, `/livez` and `/metrics`.
    pub admin: String,
}

/// The address of one listener.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ListenerAddress {
    /// The listener's name in the manifest.
    pub name: String,
    /// What clients connect to.
    pub address: String,
}

/// What is about to be done.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PlanStatus {
    /// Names exactly this plan; approving it approves nothing else.
    pub hash: String,
    /// Whether it waits for approval.
    pub waits_for_approval: bool,
    /// The steps in order, each a sentence.
    pub steps: Vec<String>,
}

impl Default for IdRange {
    fn default() -> Self {
        Self { first: 0, count: hundred() }
    }
}

impl Cluster {
    /// The status, or an empty one.
    #[must_use]
    pub fn status_or_default(&self) -> ClusterStatus {
        self.status.clone().unwrap_or_default()
    }
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

fn default_pools() -> Vec<Pool> {
    vec![Pool {
        name: "brokers".to_owned(),
        replicas: one(),
        roles: default_roles(),
        ids: IdRange::default(),
        storage: Storage::default(),
        resources: None,
        rack: None,
    }]
}

fn default_listeners() -> Vec<Listener> {
    vec![Listener { name: "plain".to_owned(), port: 9092, type_: ListenerType::Internal }]
}
