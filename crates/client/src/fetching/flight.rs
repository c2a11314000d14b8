//! One request to one broker, for all partitions that it leads, and the answer.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use protocol::{
    Records,
    messages::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData},
};
use types::{BrokerId, LeaderEpoch, Offset, PartitionIndex, TopicId, TopicName, TopicPartition};

use super::{FetchedBatches, FetcherConfig};
use crate::{CallError, Client, PartitionError, Refusal, client::milliseconds};

/// What is to be read.
#[derive(Debug, Default)]
pub(super) struct Flight {
    topics: BTreeMap<TopicName, (TopicId, Partitions)>,
}

/// From where on each partition is read, and in whose reign.
type Partitions = BTreeMap<PartitionIndex, (Offset, LeaderEpoch)>;

/// What came of it, for each partition and the offset that was asked for.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) leader: BrokerId,
    pub(super) answers: Vec<(TopicPartition, Offset, Answer)>,
}

#[derive(Debug)]
pub(super) enum Answer {
    /// Batches, if there are some.
    Batches(Option<FetchedBatches>),
    Failed(PartitionError),
}

impl Flight {
    pub(super) fn add(
        &mut self,
        partition: &TopicPartition,
        id: TopicId,
        offset: Offset,
        epoch: LeaderEpoch,
    ) {
        let (_, partitions) =
            self.topics.entry(partition.topic.clone()).or_insert((id, BTreeMap::new()));
        partitions.insert(partition.partition, (offset, epoch));
    }

    pub(super) async fn fly(
        self,
        client: Arc<Client>,
        leader: BrokerId,
        config: FetcherConfig,
    ) -> Landed {
        let request = self.request(config);
        let deadline = client.config().request_deadline + config.wait_max;
        let answers = match client.call_broker_within(leader, &request, deadline).await {
            Ok(response) => self.answers(response, config),
            Err(error) => self.unanswered(&error),
        };
        Landed { leader, answers }
    }

    fn request(&self, config: FetcherConfig) -> FetchRequest {
        let topics = self.topics.iter().map(|(name, (id, partitions))| FetchTopic {
            topic: name.as_str().into(),
            topic_id: id.0,
            partitions: partitions
                .iter()
                .map(|(number, (offset, epoch))| FetchPartition {
                    partition: number.0,
                    current_leader_epoch: epoch.0,
                    fetch_offset: offset.0,
                    partition_max_bytes: config.partition_bytes_max,
                    ..Default::default()
                })
                .collect(),
        });
        FetchRequest {
            max_wait_ms: milliseconds(config.wait_max),
            min_bytes: 1,
            max_bytes: config.bytes_max,
            isolation_level: config.isolation.number(),
            topics: topics.collect(),
            ..Default::default()
        }
    }

    fn answers(
        &self,
        response: FetchResponse,
        config: FetcherConfig,
    ) -> Vec<(TopicPartition, Offset, Answer)> {
        if let Err(refusal) = Refusal::check(response.error_code, None) {
            let api = protocol::ApiKey::Fetch;
            return self.unanswered(&CallError::Refused { api, refusal });
        }
        let mut answers = Vec::new();
        for topic in response.responses {
            // Depending on the version there is the name or the id.
            let found = self.topics.iter().find(|(name, (id, _))| {
                if topic.topic.is_empty() {
                    id.0 == topic.topic_id
                } else {
                    *name.as_str() == *topic.topic
                }
            });
            let Some((name, (_, wanted))) = found else { continue };
            for data in topic.partitions {
                let number = PartitionIndex(data.partition_index);
                if let Some((offset, _)) = wanted.get(&number) {
                    let partition = TopicPartition { topic: name.clone(), partition: number };
                    let answer = answer(&partition, *offset, data, config);
                    answers.push((partition, *offset, answer));
                }
            }
        }
        answers
    }

    fn unanswered(&self, error: &CallError) -> Vec<(TopicPartition, Offset, Answer)> {
        let each = self.topics.iter().flat_map(|(name, (_, partitions))| {
            partitions.iter().map(|(number, (offset, _))| {
                let partition = TopicPartition { topic: name.clone(), partition: *number };
                (partition, *offset, Answer::Failed(PartitionError::Call(error.clone())))
            })
        });
        each.collect()
    }
}

fn answer(
    partition: &TopicPartition,
    offset: Offset,
    data: PartitionData,
    config: FetcherConfig,
) -> Answer {
    if let Err(refusal) = Refusal::check(data.error_code, None) {
        let TopicPartition { topic, partition } = partition.clone();
        return Answer::Failed(PartitionError::Refused { topic, partition, refusal });
    }
    let bytes = match data.records {
        Some(Records::Bytes(bytes)) => bytes,
        Some(Records::Slot { .. }) => unreachable!("what is read from the wire has no slots"),
        None => Bytes::new(),
    };
    let aborted = data.aborted_transactions.unwrap_or_default();
    Answer::Batches(FetchedBatches::new(
        partition.clone(),
        offset,
        bytes,
        config.isolation,
        &aborted,
    ))
}
