//! `status` of a `Cluster`: what the operator last saw and said of it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::ConfigValue;
use super::conditions;
use super::listener::ListenerType;

/// What the operator last saw and said of a cluster.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// The generation of the object this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// What is true of the cluster: `Ready`; `Reconciling` while something is under way or waited for;
    /// `Stalled` when nothing more happens until someone changes something.
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
    /// Where clients connect, listener by listener.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<ListenerStatus>,
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
    /// What is about to be done; nothing when all is as the manifest says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanStatus>,
    /// How far steps that disturb clients, such as restarts, have come; nothing when none are under
    /// way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutStatus>,
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

/// Where clients connect to one listener.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStatus {
    /// The listener's name in the manifest.
    pub name: String,
    /// From where it can be reached.
    #[serde(rename = "type")]
    pub type_: ListenerType,
    /// What a client of this listener is given as `bootstrap.servers`; nothing while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_servers: Option<String>,
    /// What each broker tells clients to connect to, by ascending broker id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// One broker.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct BrokerStatus {
    /// The broker's id.
    pub id: i32,
    /// The pool it belongs to.
    pub pool: String,
    /// How it is: it does not run (`Stopped`), runs and does not serve yet (`Starting`), serves
    /// clients (`Ready`), was asked to stop (`Stopping`), or ended and is started again after a pause
    /// (`BackingOff`).
    pub state: BrokerState,
    /// Since when it is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "conditions::time_schema")]
    pub since: Option<Time>,
    /// Why it is not ready, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The version it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its rack, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
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
    /// Names exactly the steps of this plan that disturb clients; approving it approves nothing else.
    pub hash: String,
    /// Whether it waits for approval.
    pub waits_for_approval: bool,
    /// The steps in order, each a sentence.
    pub steps: Vec<String>,
    /// What clients miss while they are taken, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<String>,
}

/// How far the steps that disturb clients have come, one after the other.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RolloutStatus {
    /// The plan it carries out; approving that one approved all of it.
    pub plan: String,
    /// The steps it began with, each a sentence.
    #[serde(default)]
    pub steps: Vec<String>,
    /// How many steps there are.
    pub total: i32,
    /// How many are done.
    pub done: i32,
    /// The step whose outcome is awaited, or that is next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Why it does not go on, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
}
