//! A running cluster, asked over Kafka's protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::{
    CallError, Client, Config, ConfigResource, ConfigSource, ErrorCode, Outcomes, Refusal, Wanted,
};
use types::{BrokerId, TopicName};

use crate::config;
use crate::world::{AdminError, ConfigChanges, HeldAlone, KafkaAdmin, KafkaTopic, NewTopic};

/// A pass must not wait long for a cluster that does not answer: the next one asks again.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(2);
const REQUEST_WAIT_MAX: Duration = Duration::from_secs(10);

/// Asks clusters, and keeps one client for each.
#[derive(Debug, Default)]
pub struct Kafka {
    clients: Mutex<BTreeMap<String, Arc<Client>>>,
}

impl Kafka {
    async fn client(&self, bootstrap: &str) -> Result<Arc<Client>, AdminError> {
        if let Some(client) = self.clients().get(bootstrap) {
            return Ok(Arc::clone(client));
        }
        let addresses: Result<Vec<client::Address>, _> =
            bootstrap.split(',').map(str::parse).collect();
        let addresses = addresses.map_err(|error| AdminError::Unreachable(error.to_string()))?;
        let config = Config {
            client_id: "klamm-operator".to_owned(),
            connect_deadline: CONNECT_WAIT_MAX,
            request_deadline: REQUEST_WAIT_MAX,
            ..Config::new(addresses)
        };
        let client = Arc::new(Client::connect(config).await.map_err(unanswered)?);
        self.clients().insert(bootstrap.to_owned(), Arc::clone(&client));
        Ok(client)
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Client>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KafkaAdmin for Kafka {
    async fn describe(
        &self,
        bootstrap: &str,
        topic: &str,
    ) -> Result<Option<KafkaTopic>, AdminError> {
        let name = parse(topic)?;
        let client = self.client(bootstrap).await?;
        let names = std::slice::from_ref(&name);
        let cluster = client.cluster(Wanted::Topics(names)).await.map_err(unanswered)?;
        match cluster.topics.get(&name) {
            Some(Ok(topic)) => {
                let config = described(&client, &ConfigResource::Topic(name)).await?;
                Ok(Some(kafka_topic(topic, config)))
            }
            Some(Err(refusal)) if refusal.code == ErrorCode::UnknownTopicOrPartition => Ok(None),
            Some(Err(refusal)) => Err(refused(refusal)),
            None => Ok(None),
        }
    }

    async fn create_topic(&self, bootstrap: &str, topic: &NewTopic) -> Result<(), AdminError> {
        let name = parse(&topic.name)?;
        let replicas = i16::try_from(topic.replicas).unwrap_or(i16::MAX);
        let new = client::NewTopic {
            name: name.clone(),
            partitions: Some(topic.partitions),
            replicas: Some(replicas),
            assignment: BTreeMap::new(),
            config: topic.config.clone(),
        };
        let client = self.client(bootstrap).await?;
        match outcome(client.create_topics(&[new]).await, &name) {
            // The broker we ask may learn a moment later what the controller has done already.
            Err(AdminError::Refused { code, .. })
                if code == ErrorCode::TopicAlreadyExists.name() =>
            {
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn create_partitions(
        &self,
        bootstrap: &str,
        topic: &str,
        total: i32,
    ) -> Result<(), AdminError> {
        let name = parse(topic)?;
        let client = self.client(bootstrap).await?;
        outcome(client.create_partitions(&name, total, &[]).await, &name)
    }

    async fn alter_topic(
        &self,
        bootstrap: &str,
        topic: &str,
        changes: &ConfigChanges,
    ) -> Result<(), AdminError> {
        let resource = ConfigResource::Topic(parse(topic)?);
        let client = self.client(bootstrap).await?;
        client.alter_configs(&resource, changes).await.map_err(failed)
    }

    async fn describe_all_brokers(&self, bootstrap: &str) -> Result<config::Found, AdminError> {
        let client = self.client(bootstrap).await?;
        described(&client, &ConfigResource::AllBrokers).await
    }

    async fn alter_all_brokers(
        &self,
        bootstrap: &str,
        changes: &ConfigChanges,
    ) -> Result<(), AdminError> {
        let client = self.client(bootstrap).await?;
        client.alter_configs(&ConfigResource::AllBrokers, changes).await.map_err(failed)
    }

    async fn held_alone(
        &self,
        bootstrap: &str,
    ) -> Result<BTreeMap<BrokerId, HeldAlone>, AdminError> {
        let client = self.client(bootstrap).await?;
        let cluster = client.cluster(Wanted::AllTopics).await.map_err(unanswered)?;
        let mut held: BTreeMap<BrokerId, HeldAlone> = BTreeMap::new();
        for topic in cluster.topics.values().flatten() {
            let alone = topic.partitions.values().filter_map(|it| match it.replicas.as_slice() {
                [broker] => Some(*broker),
                _ => None,
            });
            let mut brokers = BTreeSet::new();
            for broker in alone {
                held.entry(broker).or_default().partitions += 1;
                brokers.insert(broker);
            }
            for broker in brokers {
                held.entry(broker).or_default().topics += 1;
            }
        }
        Ok(held)
    }

    async fn delete_topic(&self, bootstrap: &str, topic: &str) -> Result<(), AdminError> {
        let name = parse(topic)?;
        let client = self.client(bootstrap).await?;
        outcome(client.delete_topics(std::slice::from_ref(&name)).await, &name)
    }
}

fn parse(topic: &str) -> Result<TopicName, AdminError> {
    TopicName::parse(topic).map_err(|error| AdminError::Refused {
        code: ErrorCode::InvalidTopicException.name().to_owned(),
        sentence: error.to_string(),
    })
}

fn kafka_topic(topic: &client::Topic, config: config::Found) -> KafkaTopic {
    let count = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    let replicas = topic.partitions.values().map(|partition| partition.replicas.len()).max();
    KafkaTopic {
        id: topic.id.to_string(),
        partitions: count(topic.partitions.len()),
        replicas: count(replicas.unwrap_or(0)),
        config,
    }
}

/// The configuration of a resource, apart what was set for it and what was not.
async fn described(
    client: &Client,
    resource: &ConfigResource,
) -> Result<config::Found, AdminError> {
    let own = match resource {
        ConfigResource::Topic(_) => ConfigSource::Topic,
        ConfigResource::AllBrokers => ConfigSource::AllBrokers,
    };
    let mut found = config::Found::default();
    for (key, value) in client.describe_configs(resource).await.map_err(failed)? {
        let keys = if value.source == own { &mut found.set } else { &mut found.inherited };
        keys.extend(value.value.map(|value| (key, value)));
    }
    Ok(found)
}

fn outcome<T>(answer: Result<Outcomes<T>, CallError>, topic: &TopicName) -> Result<(), AdminError> {
    match answer.map_err(unanswered)?.get(topic) {
        Some(Ok(_)) => Ok(()),
        Some(Err(refusal)) => Err(refused(refusal)),
        None => Err(AdminError::Unreachable(format!("the answer does not mention {topic}"))),
    }
}

/// A call that is about one thing, which is refused as a whole.
fn failed(error: CallError) -> AdminError {
    match error.refusal() {
        Some(refusal) => refused(refusal),
        None => unanswered(error),
    }
}

fn unanswered(error: CallError) -> AdminError {
    AdminError::Unreachable(error.to_string())
}

/// What may be answered otherwise in a moment is as good as no answer.
fn refused(refusal: &Refusal) -> AdminError {
    if refusal.code.is_retriable() {
        return AdminError::Unreachable(refusal.to_string());
    }
    let code = refusal.code.name().to_owned();
    let sentence = refusal.message.clone().unwrap_or_else(|| code.clone());
    AdminError::Refused { code, sentence }
}
