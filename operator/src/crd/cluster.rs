//! `Cluster`: brokers, their metadata quorum and the listeners clients reach them by.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::cluster_status::{
    BrokerState, BrokerStatus, ClusterStatus, EndpointStatus, ListenerAddress, ListenerStatus,
    PlanStatus, QuorumStatus, RolloutStatus, VoterStatus,
};
use super::listener::default_listeners;
pub use super::listener::{Listener, ListenerType};
use super::pool::default_pools;
pub use super::pool::{DeletionPolicy, IdRange, Pool, Rack, Resources, Role, Storage};

/// Brokers that form one Kafka cluster. Everything has a default: `spec: {}` is a cluster of one broker.
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
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Brokers", type_ = "integer", json_path = ".status.readyBrokers"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Bootstrap", type_ = "string", json_path = ".status.bootstrapServers"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Message", type_ = "string", priority = 1, json_path = ".status.conditions[?(@.type=='Ready')].message"),
    printcolumn(name = "Plan", type_ = "string", priority = 1, json_path = ".status.plan.hash"),
    validation = Rule::new("self.metadata.name.size() <= 40")
        .message("a cluster's name has at most 40 characters: names of brokers and volumes are built from it"),
    validation = Rule::new("self.spec.pools.all(pool, self.metadata.name.size() + pool.name.size() <= 46)")
        .message("the names of a cluster and of a pool have at most 46 characters together: names of Pods are built from both")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterSpec {
    /// The version of the brokers. Left out: the version of the Klamm that reads this. On a laptop
    /// brokers run the same program, so another version is refused there. On Kubernetes this version
    /// goes by `image` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub version: Option<String>,

    /// The image of the brokers. Left out: the one the operator was installed with. Without effect
    /// on a laptop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub image: Option<String>,

    /// How many controllers vote in the metadata quorum, which keeps what topics, partitions and
    /// settings there are. This version runs one.
    #[serde(default = "one")]
    #[x_kube(validation = Rule::new("self == 1").message("this version runs one controller: controllers must be 1"))]
    pub controllers: i32,

    /// Groups of brokers that are alike in storage, resources and place. This version runs one pool of
    /// one broker.
    #[serde(default = "default_pools")]
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(
        merge_strategy = ListMerge::Map(vec!["name".into()]),
        validation = Rule::new("self.size() == 1").message("this version runs one pool"),
        validation = Rule::new("oldSelf.all(old, self.exists(new, new.name == old.name))")
            .message("a pool cannot be removed or renamed by this version"),
        validation = Rule::new("oldSelf.all(old, self.all(new, new.name != old.name || new.ids == old.ids))")
            .message("ids of a pool are immutable: broker ids are written into volumes and metadata"),
        validation = Rule::new("oldSelf.all(old, self.all(new, new.name != old.name || !has(old.storage.size) || (has(new.storage.size) && quantity(new.storage.size).compareTo(quantity(old.storage.size)) >= 0)))")
            .message("storage can only grow: a volume that becomes smaller would lose records"),
        validation = Rule::new("oldSelf.all(old, self.all(new, new.name != old.name || (has(old.storage.class) == has(new.storage.class) && (!has(old.storage.class) || old.storage.class == new.storage.class))))")
            .message("the class of a pool's storage is immutable: a volume cannot move to another class")
    )]
    pub pools: Vec<Pool>,

    /// Where clients connect. This version serves them in plaintext, without authentication. A
    /// listener that is added, changed or taken out restarts the brokers.
    #[serde(default = "default_listeners")]
    #[schemars(length(min = 1, max = 8))]
    #[x_kube(
        merge_strategy = ListMerge::Map(vec!["name".into()]),
        validation = Rule::new("self.all(one, self.all(other, one.name == other.name || one.port != other.port))")
            .message("two listeners cannot have one port"),
        validation = Rule::new("self[0].type == 'Internal'")
            .message("the first listener must be of type Internal: the operator itself uses it")
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

    /// Whether steps that disturb clients, such as restarts, are taken at once (`Auto`), or wait until
    /// the annotation `klamm.dev/approved-plan` holds the hash in `status.plan.hash` (`Manual`).
    #[serde(default)]
    pub apply: Apply,
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

/// A value. Always a string: numbers, `true` and `false` stand in quotes.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(inline)]
#[serde(transparent)]
pub struct ConfigValue(#[schemars(length(max = 4096))] pub String);

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
