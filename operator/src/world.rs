//! What the reconcilers ask of the world, in the operator's own words.
//!
//! `local/` answers with a folder and child processes, `kubernetes/` with an API server and Pods. `observe` uses only the methods that read, `apply` and `status` the ones that write.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use serde::{Deserialize, Serialize};
use types::BrokerId;

use crate::cluster::observe::WantedBroker;
use crate::cluster::{Identity, Properties};
use crate::config;
use crate::crd::cluster::EndpointStatus;
use crate::crd::{Cluster, ClusterStatus, Topic, TopicStatus};
use crate::manifest::ObjectId;
use crate::refusal::Refusal;

/// Where the objects live.
pub trait Store: Sync {
    /// The cluster of this name.
    fn cluster(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<Cluster>, StoreError>> + Send;
    /// Every topic object of the cluster of this name.
    fn topics(&self, cluster: &str) -> impl Future<Output = Result<Vec<Topic>, StoreError>> + Send;
    /// Replaces the status of a cluster.
    fn write_cluster_status(
        &self,
        name: &str,
        status: &ClusterStatus,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Replaces the status of a topic.
    fn write_topic_status(
        &self,
        name: &str,
        status: &TopicStatus,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The topic object of this name.
    fn topic(&self, name: &str) -> impl Future<Output = Result<Option<Topic>, StoreError>> + Send;
    /// The other objects that want the topic this one wants.
    fn rivals(&self, topic: &Topic) -> impl Future<Output = Result<Vec<Topic>, StoreError>> + Send;
    /// Has a topic object, once deleted, wait until it is released; or no longer.
    fn hold_topic(
        &self,
        name: &str,
        held: bool,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Lets go of an object that is being deleted, because nothing is left to take down.
    fn release(&self, object: &ObjectId) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Where the brokers run.
pub trait Brokers: Sync {
    /// Where a broker of this cluster lives: its addresses and its folder.
    fn site(&self, cluster: &Cluster, index: usize, broker: BrokerId) -> Site;
    /// What a manifest wants of these brokers that cannot be had; found out before anything is
    /// changed.
    fn refusal(
        &self,
        cluster: &Cluster,
        wanted: &BTreeMap<BrokerId, WantedBroker>,
    ) -> impl Future<Output = Option<Refusal>> + Send;
    /// Every broker that was ever asked for, as it is.
    fn observe(&self) -> impl Future<Output = BTreeMap<BrokerId, ObservedBroker>> + Send;
    /// What the volumes say of the cluster they belong to.
    fn identity(&self) -> impl Future<Output = Result<Option<Identity>, WorkloadError>> + Send;
    /// Writes on the volume of every voter which cluster it belongs to.
    fn write_identity(
        &self,
        identity: &Identity,
    ) -> impl Future<Output = Result<(), WorkloadError>> + Send;
    /// Makes what brokers stand on, and what they are run with from their next start on; none that
    /// runs is disturbed. Properties are given once the brokers may be run with them.
    fn prepare(
        &self,
        cluster: &Cluster,
        brokers: Option<&BTreeMap<BrokerId, Properties>>,
    ) -> impl Future<Output = Result<(), WorkloadError>> + Send;
    /// Has a broker run with these properties from now on; one that runs already is stopped first.
    fn run(
        &self,
        broker: BrokerId,
        properties: &Properties,
    ) -> impl Future<Output = Result<(), WorkloadError>> + Send;
    /// Asks a broker to stop, and does not wait until it has; its volume stays.
    fn stop(&self, broker: BrokerId) -> impl Future<Output = Result<(), WorkloadError>> + Send;
    /// Removes a broker's volume with all records on it.
    fn remove_volume(
        &self,
        broker: BrokerId,
    ) -> impl Future<Output = Result<(), WorkloadError>> + Send;
}

/// By key what to set it to; nothing for its default.
pub type ConfigChanges = BTreeMap<String, Option<String>>;

/// What the operator asks a running cluster to do, over Kafka's protocol.
pub trait KafkaAdmin: Sync {
    /// The topic of this name, if there is one.
    fn describe(
        &self,
        bootstrap: &str,
        topic: &str,
    ) -> impl Future<Output = Result<Option<KafkaTopic>, AdminError>> + Send;
    /// Makes a topic, and says what was made; nothing when it was there already.
    fn create_topic(
        &self,
        bootstrap: &str,
        topic: &NewTopic,
    ) -> impl Future<Output = Result<Option<KafkaTopic>, AdminError>> + Send;
    /// Says whether a topic could be changed like this, and changes nothing.
    fn validate_change(
        &self,
        bootstrap: &str,
        topic: &str,
        change: &TopicChange,
    ) -> impl Future<Output = Result<(), AdminError>> + Send;
    /// Grows a topic to this many partitions.
    fn create_partitions(
        &self,
        bootstrap: &str,
        topic: &str,
        total: i32,
    ) -> impl Future<Output = Result<(), AdminError>> + Send;
    /// Changes keys of a topic: sets those with a value, the others go back to their defaults.
    fn alter_topic(
        &self,
        bootstrap: &str,
        topic: &str,
        changes: &ConfigChanges,
    ) -> impl Future<Output = Result<(), AdminError>> + Send;
    /// What is set for all brokers together.
    fn describe_all_brokers(
        &self,
        bootstrap: &str,
    ) -> impl Future<Output = Result<config::Found, AdminError>> + Send;
    /// Changes keys of all brokers together, as of a topic.
    fn alter_all_brokers(
        &self,
        bootstrap: &str,
        changes: &ConfigChanges,
    ) -> impl Future<Output = Result<(), AdminError>> + Send;
    /// The partitions that have no replica but one, by the broker that holds it.
    fn held_alone(
        &self,
        bootstrap: &str,
    ) -> impl Future<Output = Result<BTreeMap<BrokerId, HeldAlone>, AdminError>> + Send;
    /// Deletes a topic with all its records.
    fn delete_topic(
        &self,
        bootstrap: &str,
        topic: &str,
    ) -> impl Future<Output = Result<(), AdminError>> + Send;
}

/// Where a broker lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its addresses.
    pub endpoints: EndpointStatus,
    /// The folder its logs lie in.
    pub log_dir: String,
    /// Where it listens, by listener, when that is not what it advertises; `controller` and `admin`
    /// are the cluster's own.
    pub bound: BTreeMap<String, String>,
    /// What it is made from beside its properties.
    pub template: Template,
    /// Why it cannot be run yet, in one sentence.
    pub waits_for: Option<String>,
}

/// What a broker is made from beside its properties, such as its image: names a user knows, and
/// values. A change needs a restart.
pub type Template = BTreeMap<String, String>;

/// A broker as the world shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedBroker {
    /// How it is.
    pub phase: Phase,
    /// The properties it was last run with, while it is meant to run.
    pub properties: Option<Properties>,
    /// What it was made from then.
    pub template: Template,
    /// Its rack, where that is known only from the place it was given.
    pub rack: Option<String>,
}

/// How a broker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// It is not meant to run.
    Stopped,
    /// It runs and does not serve yet.
    Starting,
    /// It cannot even begin to run.
    Held {
        /// What is in its way.
        why: String,
    },
    /// It serves clients.
    Ready,
    /// It was asked to stop and still runs.
    Stopping,
    /// It ended by itself and is started again after a pause.
    BackingOff {
        /// How it ended.
        why: String,
    },
}

impl fmt::Display for Phase {
    /// What follows `broker 0`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => formatter.write_str("does not run"),
            Self::Starting => formatter.write_str("is starting"),
            Self::Held { why } => write!(formatter, "cannot start: {why}"),
            Self::Ready => formatter.write_str("is ready"),
            Self::Stopping => formatter.write_str("is stopping"),
            Self::BackingOff { why } => write!(formatter, "is started again: {why}"),
        }
    }
}

/// A topic as the brokers know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KafkaTopic {
    /// Its id.
    pub id: String,
    /// How many partitions it has.
    pub partitions: i32,
    /// How many replicas its partitions have.
    pub replicas: i32,
    /// Its configuration.
    #[serde(default)]
    pub config: config::Found,
}

/// What only one broker holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldAlone {
    /// How many topics have such a partition.
    pub topics: usize,
    /// How many partitions that are.
    pub partitions: usize,
}

/// What is to be changed about a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicChange {
    /// Keys of its configuration.
    pub config: ConfigChanges,
    /// How many partitions it grows to, if it grows.
    pub partitions: Option<i32>,
}

/// A topic to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTopic {
    /// Kafka's name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// How many brokers hold each.
    pub replicas: i32,
    /// Kafka's topic keys.
    pub config: BTreeMap<String, String>,
}

/// Objects could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file says no.
    #[error("failed to use {0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// A stored object cannot be read.
    #[error("failed to read the object in {0}: {1}")]
    Malformed(String, #[source] serde_json::Error),
    /// The API server says no.
    #[error("failed to use {0}: {1}")]
    Api(String, #[source] Box<kube::Error>),
}

/// A broker could not be run or stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// A file or a process says no.
    #[error("failed to use {0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// What stands on a volume cannot be read.
    #[error("failed to read what stands on the volume {0}: {1}")]
    Malformed(String, #[source] serde_json::Error),
    /// The API server says no.
    #[error("failed to use {0}: {1}")]
    Api(String, #[source] Box<kube::Error>),
    /// The manifest asks for what cannot be made.
    #[error("{0}")]
    Manifest(String),
}

/// A request to the cluster failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// The cluster did not answer; asking again may help.
    #[error("failed to reach the cluster: {0}")]
    Unreachable(String),
    /// The cluster said no.
    #[error("{sentence}")]
    Refused {
        /// Kafka's name of the error, `INVALID_CONFIG`.
        code: String,
        /// What it said.
        sentence: String,
    },
}
