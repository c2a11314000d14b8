//! A running cluster, asked over Kafka's protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use client::{
    CallError, Client, ConfigResource, ConfigSource, ErrorCode, Outcomes, Refusal, Wanted,
};
use types::{BrokerId, TopicName};

use crate::config;
use crate::link::Link;
use crate::world::{
    AdminError, ConfigChanges, HeldAlone, KafkaAdmin, KafkaTopic, NewTopic, TopicChange,
};

/// Asks clusters, and keeps one link to each.
#[derive(Default)]
pub struct Kafka {
    links: Mutex<BTreeMap<String, Arc<Link>>>,
}

impl Kafka {
    async fn client(&self, bootstrap: &str) -> Result<Arc<Client>, AdminError> {
        self.link(bootstrap).client().await
    }

    fn link(&self, bootstrap: &str) -> Arc<Link> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let link = links.entry(bootstrap.to_owned());
        Arc::clone(link.or_insert_with(|| Arc::new(Link::to(bootstrap))))
    }
}

impl KafkaAdmin for Kafka {
    async fn describe(
        &self,
        bootstrap: &str,
        topic: &str,
    ) -> Result<Option<KafkaTopic>, AdminError> {
        self.link(bootstrap).describe(parse(topic)?).await
    }

    async fn create_topic(
        &self,
        bootstrap: &str,
        topic: &NewTopic,
    ) -> Result<Option<KafkaTopic>, AdminError> {
        let name = parse(&topic.name)?;
        match self.link(bootstrap).create(name, topic).await {
            Ok(id) => Ok(Some(KafkaTopic {
                id,
                partitions: topic.partitions,
                replicas: topic.replicas,
                config: config::Found { set: topic.config.clone(), ..config::Found::default() },
            })),
            // The broker we ask may learn a moment later what the controller has done already.
            Err(AdminError::Refused { code, .. })
                if code == ErrorCode::TopicAlreadyExists.name() =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn validate_change(
        &self,
        bootstrap: &str,
        topic: &str,
        change: &TopicChange,
    ) -> Result<(), AdminError> {
        let name = parse(topic)?;
        let client = self.client(bootstrap).await?;
        if !change.config.is_empty() {
            let resource = ConfigResource::Topic(name.clone());
            client.validate_configs(&resource, &change.config).await.map_err(failed)?;
        }
        match change.partitions {
            Some(total) => outcome(client.validate_partitions(&name, total).await, &name),
            None => Ok(()),
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

pub(crate) fn kafka_topic(topic: &client::Topic, config: config::Found) -> KafkaTopic {
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
    Ok(sorted_by(own, client.describe_configs(resource).await.map_err(failed)?))
}

/// What this source has set, and what holds beside it.
pub(crate) fn sorted_by(
    own: ConfigSource,
    values: BTreeMap<String, client::ConfigValue>,
) -> config::Found {
    let mut found = config::Found::default();
    for (key, value) in values {
        let keys = if value.source == own { &mut found.set } else { &mut found.inherited };
        keys.extend(value.value.map(|value| (key, value)));
    }
    found
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

pub(crate) fn unanswered(error: CallError) -> AdminError {
    AdminError::Unreachable(error.to_string())
}

/// What may be answered otherwise in a moment is as good as no answer.
pub(crate) fn refused(refusal: &Refusal) -> AdminError {
    if refusal.code.is_retriable() {
        return AdminError::Unreachable(refusal.to_string());
    }
    let code = refusal.code.name().to_owned();
    let sentence = refusal.message.clone().unwrap_or_else(|| code.clone());
    AdminError::Refused { code, sentence }
}
