//! The one connection to a cluster, shared by everyone who asks about its topics.
//!
//! What many ask at once goes out as one request: a pass over a thousand topics is a handful of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use client::{Client, Config, ConfigSource, ErrorCode, Refusal, Wanted};
use types::TopicName;

use crate::batch::Batch;
use crate::kafka::{kafka_topic, refused, sorted_by, unanswered};
use crate::world::{AdminError, KafkaTopic, NewTopic};

/// A pass must not wait long for a cluster that does not answer: the next one asks again.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(2);
const REQUEST_WAIT_MAX: Duration = Duration::from_secs(10);

/// What a cluster says of a topic; nothing when there is none.
type Described = Result<Option<KafkaTopic>, AdminError>;
/// The id of a topic that was made.
type Created = Result<String, AdminError>;

/// The way to one cluster.
pub(crate) struct Link {
    bootstrap: String,
    client: Mutex<Option<Arc<Client>>>,
    descriptions: Batch<TopicName, (), Described>,
    creations: Batch<TopicName, client::NewTopic, Created>,
}

impl Link {
    /// To the cluster at this address; nothing is connected yet.
    pub(crate) fn to(bootstrap: &str) -> Self {
        Self {
            bootstrap: bootstrap.to_owned(),
            client: Mutex::default(),
            descriptions: Batch::default(),
            creations: Batch::default(),
        }
    }

    /// The client, connected.
    pub(crate) async fn client(&self) -> Result<Arc<Client>, AdminError> {
        if let Some(client) = self.known().as_ref() {
            return Ok(Arc::clone(client));
        }
        let addresses: Result<Vec<client::Address>, _> =
            self.bootstrap.split(',').map(str::parse).collect();
        let addresses = addresses.map_err(|error| AdminError::Unreachable(error.to_string()))?;
        let config = Config {
            client_id: "klamm-operator".to_owned(),
            connect_deadline: CONNECT_WAIT_MAX,
            request_deadline: REQUEST_WAIT_MAX,
            ..Config::new(addresses)
        };
        let client = Arc::new(Client::connect(config).await.map_err(unanswered)?);
        Ok(Arc::clone(self.known().get_or_insert(client)))
    }

    fn known(&self) -> MutexGuard<'_, Option<Arc<Client>>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the cluster knows of a topic.
    pub(crate) async fn describe(self: Arc<Self>, topic: TopicName) -> Described {
        let link = Arc::clone(&self);
        let call = move |topics: BTreeMap<TopicName, ()>| {
            let link = Arc::clone(&link);
            async move {
                let names: Vec<TopicName> = topics.into_keys().collect();
                link.describe_all(&names).await.unwrap_or_else(|error| failed_all(&names, &error))
            }
        };
        let answer = self.descriptions.ask(topic.clone(), (), call).await;
        answer.unwrap_or_else(|| Err(unmentioned(&topic)))
    }

    async fn describe_all(
        &self,
        names: &[TopicName],
    ) -> Result<BTreeMap<TopicName, Described>, AdminError> {
        let client = self.client().await?;
        let cluster = client.cluster(Wanted::Topics(names)).await.map_err(unanswered)?;
        let found = cluster.topics.iter().filter(|(_, topic)| topic.is_ok());
        let found: Vec<TopicName> = found.map(|(name, _)| name.clone()).collect();
        let mut configs = if found.is_empty() {
            BTreeMap::new()
        } else {
            client.describe_topic_configs(&found).await.map_err(unanswered)?
        };
        let described = names.iter().map(|name| {
            let described = match (cluster.topics.get(name), configs.remove(name)) {
                (Some(Ok(topic)), Some(Ok(values))) => {
                    Ok(Some(kafka_topic(topic, sorted_by(ConfigSource::Topic, values))))
                }
                (Some(Ok(_)), None) => Err(unmentioned(name)),
                (Some(Err(refusal)), _) => no_topic(refusal),
                (Some(Ok(_)), Some(Err(refusal))) => no_topic(&refusal),
                (None, _) => Ok(None),
            };
            (name.clone(), described)
        });
        Ok(described.collect())
    }

    /// Makes a topic.
    pub(crate) async fn create(self: Arc<Self>, name: TopicName, topic: &NewTopic) -> Created {
        let new = client::NewTopic {
            name: name.clone(),
            partitions: Some(topic.partitions),
            replicas: Some(i16::try_from(topic.replicas).unwrap_or(i16::MAX)),
            assignment: BTreeMap::new(),
            config: topic.config.clone(),
        };
        let link = Arc::clone(&self);
        let call = move |topics: BTreeMap<TopicName, client::NewTopic>| {
            let link = Arc::clone(&link);
            async move {
                let names: Vec<TopicName> = topics.keys().cloned().collect();
                let topics: Vec<client::NewTopic> = topics.into_values().collect();
                link.create_all(&topics).await.unwrap_or_else(|error| failed_all(&names, &error))
            }
        };
        let answer = self.creations.ask(name.clone(), new, call).await;
        answer.unwrap_or_else(|| Err(unmentioned(&name)))
    }

    async fn create_all(
        &self,
        topics: &[client::NewTopic],
    ) -> Result<BTreeMap<TopicName, Created>, AdminError> {
        let client = self.client().await?;
        let outcomes = client.create_topics(topics).await.map_err(unanswered)?;
        let created = outcomes.into_iter().map(|(name, outcome)| {
            let id = outcome.map(|created| created.id.to_string());
            (name, id.map_err(|refusal| refused(&refusal)))
        });
        Ok(created.collect())
    }
}

fn no_topic(refusal: &Refusal) -> Described {
    let is_missing = refusal.code == ErrorCode::UnknownTopicOrPartition;
    if is_missing { Ok(None) } else { Err(refused(refusal)) }
}

fn failed_all<T>(
    names: &[TopicName],
    error: &AdminError,
) -> BTreeMap<TopicName, Result<T, AdminError>> {
    names.iter().map(|name| (name.clone(), Err(error.clone()))).collect()
}

fn unmentioned(topic: &TopicName) -> AdminError {
    AdminError::Unreachable(format!("the answer does not mention {topic}"))
}
