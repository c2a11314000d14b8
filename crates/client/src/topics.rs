//! Topics: made, grown and taken away.

use std::collections::BTreeMap;

use protocol::messages::{
    create_partitions::{
        CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
    },
    create_topics::{
        CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
        CreateTopicsRequest,
    },
    delete_topics::{DeleteTopicState, DeleteTopicsRequest},
};
use types::{BrokerId, PartitionIndex, TopicId, TopicName};

use crate::{CallError, Client, Refusal};

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: TopicName,
    /// How many partitions it shall have; the broker's default when nothing is said.
    pub partitions: Option<i32>,
    /// How many brokers shall hold each; the broker's default when nothing is said.
    pub replicas: Option<i16>,
    /// Which brokers shall hold each, instead of the two numbers; empty: the cluster decides.
    pub assignment: BTreeMap<PartitionIndex, Vec<BrokerId>>,
    /// Its configuration, by Kafka's keys.
    pub config: BTreeMap<String, String>,
}

/// A topic as it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id; zero from brokers that do not say it.
    pub id: TopicId,
    /// How many partitions it has, when the broker says it.
    pub partitions: Option<i32>,
    /// How many brokers hold each, when the broker says it.
    pub replicas: Option<i16>,
}

/// What became of each topic.
pub type Outcomes<T> = BTreeMap<TopicName, Result<T, Refusal>>;

impl Client {
    /// Creates topics.
    ///
    /// # Errors
    /// There is no response.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
    ) -> Result<Outcomes<CreatedTopic>, CallError> {
        self.send_new_topics(topics, false).await
    }

    /// Says what creating topics would do.
    ///
    /// # Errors
    /// There is no response.
    pub async fn validate_topics(
        &self,
        topics: &[NewTopic],
    ) -> Result<Outcomes<CreatedTopic>, CallError> {
        self.send_new_topics(topics, true).await
    }

    async fn send_new_topics(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Result<Outcomes<CreatedTopic>, CallError> {
        let request = CreateTopicsRequest {
            topics: topics.iter().map(creatable).collect(),
            timeout_ms: self.deadline_ms(),
            validate_only,
        };
        let response = self.call(&request).await?;
        Ok(outcomes(&response.topics, |it| Some(&it.name), created))
    }

    /// Deletes topics by name.
    ///
    /// # Errors
    /// There is no response.
    pub async fn delete_topics(&self, names: &[TopicName]) -> Result<Outcomes<()>, CallError> {
        // Before version 6 names stand alone; each version takes only its own of the two fields.
        let by_state = self.version_of::<DeleteTopicsRequest>().await?.is_none_or(|it| it >= 6);
        let (states, plain) = if by_state { (names, &[][..]) } else { (&[][..], names) };
        let state = |name: &TopicName| DeleteTopicState {
            name: Some(name.as_str().into()),
            ..Default::default()
        };
        let request = DeleteTopicsRequest {
            topics: states.iter().map(state).collect(),
            topic_names: plain.iter().map(|name| name.as_str().into()).collect(),
            timeout_ms: self.deadline_ms(),
        };
        let response = self.call(&request).await?;
        Ok(outcomes(
            &response.responses,
            |it| it.name.as_deref(),
            |it| Refusal::check(it.error_code, it.error_message.as_deref()),
        ))
    }

    /// Gives a topic more partitions, up to `count` in all; `assignment` names the brokers of each
    /// new one, or is empty.
    ///
    /// # Errors
    /// There is no response.
    pub async fn create_partitions(
        &self,
        name: &TopicName,
        count: i32,
        assignment: &[Vec<BrokerId>],
    ) -> Result<Outcomes<()>, CallError> {
        self.send_partitions(name, count, assignment, false).await
    }

    /// Says what giving a topic more partitions would do.
    ///
    /// # Errors
    /// There is no response.
    pub async fn validate_partitions(
        &self,
        name: &TopicName,
        count: i32,
    ) -> Result<Outcomes<()>, CallError> {
        self.send_partitions(name, count, &[], true).await
    }

    async fn send_partitions(
        &self,
        name: &TopicName,
        count: i32,
        assignment: &[Vec<BrokerId>],
        validate_only: bool,
    ) -> Result<Outcomes<()>, CallError> {
        let assigned =
            |brokers: &Vec<BrokerId>| CreatePartitionsAssignment { broker_ids: numbers(brokers) };
        let assignments =
            (!assignment.is_empty()).then(|| assignment.iter().map(assigned).collect());
        let topic = CreatePartitionsTopic { name: name.as_str().into(), count, assignments };
        let request = CreatePartitionsRequest {
            topics: vec![topic],
            timeout_ms: self.deadline_ms(),
            validate_only,
        };
        let response = self.call(&request).await?;
        Ok(outcomes(
            &response.results,
            |it| Some(&it.name),
            |it| Refusal::check(it.error_code, it.error_message.as_deref()),
        ))
    }
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let assignment = topic.assignment.iter().map(|(partition, brokers)| {
        CreatableReplicaAssignment { partition_index: partition.0, broker_ids: numbers(brokers) }
    });
    let config = topic.config.iter().map(|(name, value)| CreatableTopicConfig {
        name: name.as_str().into(),
        value: Some(value.as_str().into()),
    });
    CreatableTopic {
        name: topic.name.as_str().into(),
        num_partitions: topic.partitions.unwrap_or(-1),
        replication_factor: topic.replicas.unwrap_or(-1),
        assignments: assignment.collect(),
        configs: config.collect(),
    }
}

fn numbers(brokers: &[BrokerId]) -> Vec<i32> {
    brokers.iter().map(|broker| broker.0).collect()
}

fn created(result: &CreatableTopicResult) -> Result<CreatedTopic, Refusal> {
    Refusal::check(result.error_code, result.error_message.as_deref())?;
    Ok(CreatedTopic {
        id: TopicId(result.topic_id),
        partitions: (result.num_partitions >= 0).then_some(result.num_partitions),
        replicas: (result.replication_factor >= 0).then_some(result.replication_factor),
    })
}

/// By name what a response says; a name that nobody asked for cannot be told and is left out.
fn outcomes<R, T>(
    results: &[R],
    name: impl Fn(&R) -> Option<&str>,
    outcome: impl Fn(&R) -> Result<T, Refusal>,
) -> Outcomes<T> {
    let named = |result| Some((TopicName::parse(name(result)?).ok()?, outcome(result)));
    results.iter().filter_map(named).collect()
}
