//! A world that only remembers: for tests of the reconcilers.

use std::collections::BTreeMap;
use std::sync::Mutex;

use types::{BrokerId, Uuid};

use crate::cluster::observe::WantedBroker;
use crate::cluster::{Identity, Properties};
use crate::config;
use crate::crd::cluster::{EndpointStatus, ListenerAddress};
use crate::crd::{Cluster, ClusterStatus, TOPIC_FINALIZER, Topic, TopicStatus};
use crate::manifest::{self, Object, ObjectId, Source};
use crate::refusal::Refusal;
use crate::topic::rivals;
use crate::world::{
    AdminError, Brokers, ConfigChanges, HeldAlone, KafkaAdmin, KafkaTopic, NewTopic,
    ObservedBroker, Phase, Site, Store, StoreError, Template, TopicChange, WorkloadError,
};

/// Everything there is, and how often it was written.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) clusters: BTreeMap<String, Cluster>,
    pub(crate) topics: BTreeMap<String, Topic>,
    pub(crate) identity: Option<Identity>,
    pub(crate) brokers: BTreeMap<BrokerId, ObservedBroker>,
    pub(crate) kafka: BTreeMap<String, KafkaTopic>,
    pub(crate) all_brokers: BTreeMap<String, String>,
    pub(crate) refuse: Option<AdminError>,
    pub(crate) template: Template,
    pub(crate) waits_for: Option<String>,
    pub(crate) unfit: Option<Refusal>,
    pub(crate) held_alone: BTreeMap<BrokerId, HeldAlone>,
    pub(crate) refuse_growth: Option<AdminError>,
    pub(crate) log: Vec<String>,
}

impl World {
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap())
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.with(|state| std::mem::take(&mut state.log))
    }

    fn write(&self, what: String) {
        self.with(|state| state.log.push(what));
    }

    pub(crate) fn cluster(&self) -> Cluster {
        self.with(|state| state.clusters.values().next().unwrap().clone())
    }

    pub(crate) fn topic(&self) -> Topic {
        self.with(|state| state.topics.values().next().unwrap().clone())
    }

    pub(crate) fn become_ready(&self) {
        self.with(|state| {
            for broker in state.brokers.values_mut() {
                broker.phase = Phase::Ready;
            }
        });
    }
}

/// A cluster named chat with this spec, in YAML flow style.
pub(crate) fn cluster(spec: &str) -> Cluster {
    match object("Cluster", "chat", spec) {
        Object::Cluster(cluster) => *cluster,
        Object::Topic(_) => unreachable!("the kind is Cluster"),
    }
}

/// A topic named messages with this spec, in YAML flow style.
pub(crate) fn topic(spec: &str) -> Topic {
    match object("Topic", "messages", spec) {
        Object::Topic(topic) => *topic,
        Object::Cluster(_) => unreachable!("the kind is Topic"),
    }
}

fn object(kind: &str, name: &str, spec: &str) -> Object {
    let text = format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name}, generation: 1 }}\nspec: {spec}\n"
    );
    let source = Source { name: "test".to_owned(), text };
    manifest::parse(&[source]).unwrap().remove(0).object
}

/// Ids that count upwards.
pub(crate) fn uuids() -> impl FnMut() -> Uuid {
    let mut next = 100;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

impl Store for World {
    async fn cluster(&self, name: &str) -> Result<Option<Cluster>, StoreError> {
        Ok(self.with(|state| state.clusters.get(name).cloned()))
    }

    async fn topics(&self, cluster: &str) -> Result<Vec<Topic>, StoreError> {
        let all: Vec<Topic> = self.with(|state| state.topics.values().cloned().collect());
        Ok(all.into_iter().filter(|topic| topic.spec.cluster == cluster).collect())
    }

    async fn topic(&self, name: &str) -> Result<Option<Topic>, StoreError> {
        Ok(self.with(|state| state.topics.get(name).cloned()))
    }

    async fn rivals(&self, topic: &Topic) -> Result<Vec<Topic>, StoreError> {
        let all: Vec<Topic> = self.with(|state| state.topics.values().cloned().collect());
        Ok(all.into_iter().filter(|other| rivals::is_rival(topic, other)).collect())
    }

    async fn hold_topic(&self, name: &str, held: bool) -> Result<(), StoreError> {
        self.write(format!("{} topic {name}", if held { "hold" } else { "let go" }));
        let finalizers = held.then(|| vec![TOPIC_FINALIZER.to_owned()]);
        self.with(|state| state.topics.get_mut(name).unwrap().metadata.finalizers = finalizers);
        Ok(())
    }

    async fn write_cluster_status(
        &self,
        name: &str,
        status: &ClusterStatus,
    ) -> Result<(), StoreError> {
        self.write(format!("status of cluster {name}"));
        self.with(|state| state.clusters.get_mut(name).unwrap().status = Some(status.clone()));
        Ok(())
    }

    async fn write_topic_status(&self, name: &str, status: &TopicStatus) -> Result<(), StoreError> {
        self.write(format!("status of topic {name}"));
        self.with(|state| state.topics.get_mut(name).unwrap().status = Some(status.clone()));
        Ok(())
    }

    async fn release(&self, object: &ObjectId) -> Result<(), StoreError> {
        self.write(format!("release {object}"));
        Ok(())
    }
}

impl Brokers for World {
    fn site(&self, cluster: &Cluster, index: usize, broker: BrokerId) -> Site {
        let address = |port: usize| format!("127.0.0.1:{}", port + index);
        let listeners = cluster.spec.listeners.iter().map(|listener| ListenerAddress {
            name: listener.name.clone(),
            address: address(usize::try_from(listener.port).unwrap()),
        });
        let endpoints = EndpointStatus {
            listeners: listeners.collect(),
            controller: address(29092),
            admin: address(24092),
        };
        Site {
            endpoints,
            log_dir: format!("/data/{}", broker.0),
            bound: BTreeMap::new(),
            template: self.with(|state| state.template.clone()),
            waits_for: self.with(|state| state.waits_for.clone()),
        }
    }

    async fn refusal(&self, _: &Cluster, _: &BTreeMap<BrokerId, WantedBroker>) -> Option<Refusal> {
        self.with(|state| state.unfit.clone())
    }

    async fn observe(&self) -> BTreeMap<BrokerId, ObservedBroker> {
        self.with(|state| state.brokers.clone())
    }

    async fn identity(&self) -> Result<Option<Identity>, WorkloadError> {
        Ok(self.with(|state| state.identity.clone()))
    }

    async fn write_identity(&self, identity: &Identity) -> Result<(), WorkloadError> {
        self.write("identity".to_owned());
        self.with(|state| state.identity = Some(identity.clone()));
        Ok(())
    }

    async fn prepare(
        &self,
        _: &Cluster,
        _: Option<&BTreeMap<BrokerId, Properties>>,
    ) -> Result<(), WorkloadError> {
        Ok(())
    }

    async fn run(&self, broker: BrokerId, properties: &Properties) -> Result<(), WorkloadError> {
        self.write(format!("run broker {}", broker.0));
        let running = ObservedBroker {
            phase: Phase::Starting,
            properties: Some(properties.clone()),
            template: self.with(|state| state.template.clone()),
            rack: None,
        };
        self.with(|state| state.brokers.insert(broker, running));
        Ok(())
    }

    async fn stop(&self, broker: BrokerId) -> Result<(), WorkloadError> {
        self.write(format!("stop broker {}", broker.0));
        let stopping = ObservedBroker {
            phase: Phase::Stopping,
            properties: None,
            template: Template::new(),
            rack: None,
        };
        self.with(|state| state.brokers.insert(broker, stopping));
        Ok(())
    }

    async fn remove_volume(&self, broker: BrokerId) -> Result<(), WorkloadError> {
        self.write(format!("remove volume {}", broker.0));
        Ok(())
    }
}

impl World {
    fn ask(&self) -> Result<(), AdminError> {
        self.with(|state| state.refuse.clone().map_or(Ok(()), Err))
    }
}

impl KafkaAdmin for World {
    async fn describe(&self, _: &str, topic: &str) -> Result<Option<KafkaTopic>, AdminError> {
        Ok(self.with(|state| state.kafka.get(topic).cloned()))
    }

    async fn create_topic(
        &self,
        _: &str,
        topic: &NewTopic,
    ) -> Result<Option<KafkaTopic>, AdminError> {
        self.write(format!("create {}", topic.name));
        self.ask()?;
        let made = KafkaTopic {
            id: "id-1".to_owned(),
            partitions: topic.partitions,
            replicas: topic.replicas,
            config: config::Found { set: topic.config.clone(), ..config::Found::default() },
        };
        self.with(|state| state.kafka.insert(topic.name.clone(), made.clone()));
        Ok(Some(made))
    }

    async fn validate_change(
        &self,
        _: &str,
        topic: &str,
        change: &TopicChange,
    ) -> Result<(), AdminError> {
        self.write(format!("validate {topic}"));
        let refused = self.with(|state| state.refuse_growth.clone());
        match (refused, change.partitions) {
            (Some(refused), Some(_)) => Err(refused),
            (_, _) => self.ask(),
        }
    }

    async fn create_partitions(&self, _: &str, topic: &str, total: i32) -> Result<(), AdminError> {
        self.write(format!("grow {topic} to {total}"));
        self.ask()?;
        self.with(|state| state.kafka.get_mut(topic).unwrap().partitions = total);
        Ok(())
    }

    async fn alter_topic(
        &self,
        _: &str,
        topic: &str,
        changes: &ConfigChanges,
    ) -> Result<(), AdminError> {
        self.write(format!("alter {topic}"));
        self.ask()?;
        self.with(|state| alter(&mut state.kafka.get_mut(topic).unwrap().config.set, changes));
        Ok(())
    }

    async fn describe_all_brokers(&self, _: &str) -> Result<config::Found, AdminError> {
        let set = self.with(|state| state.all_brokers.clone());
        Ok(config::Found { set, ..config::Found::default() })
    }

    async fn alter_all_brokers(&self, _: &str, changes: &ConfigChanges) -> Result<(), AdminError> {
        self.write("alter all brokers".to_owned());
        self.ask()?;
        self.with(|state| alter(&mut state.all_brokers, changes));
        Ok(())
    }

    async fn held_alone(&self, _: &str) -> Result<BTreeMap<BrokerId, HeldAlone>, AdminError> {
        Ok(self.with(|state| state.held_alone.clone()))
    }

    async fn delete_topic(&self, _: &str, topic: &str) -> Result<(), AdminError> {
        self.write(format!("delete {topic}"));
        self.ask()?;
        self.with(|state| state.kafka.remove(topic));
        Ok(())
    }
}

fn alter(config: &mut BTreeMap<String, String>, changes: &ConfigChanges) {
    for (key, value) in changes {
        match value {
            Some(value) => config.insert(key.clone(), value.clone()),
            None => config.remove(key),
        };
    }
}
