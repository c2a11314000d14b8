//! Where many partitions begin, end or reach a timestamp, with one question to each leader.

use std::collections::BTreeMap;

use protocol::{
    ApiKey, ErrorCode,
    messages::list_offsets::{
        ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
    },
};
use tokio::time::{Instant, sleep};
use types::{BrokerId, LeaderEpoch, Offset, PartitionIndex, TopicName, TopicPartition};

use crate::{
    CallError, Client, FoundOffset, Isolation, Moment, PartitionError, Refusal, Wanted,
    partitions::timestamp, place::RETRY_PAUSE,
};

/// What is asked of one leader.
type Asked<'a> = Vec<(&'a TopicPartition, Moment)>;

/// The offset of a moment, none when no record is that late.
type Found = Option<FoundOffset>;

impl Client {
    /// The offset of a moment in each partition, none where no record is that late. The latest
    /// offset is where somebody ends who reads with this isolation.
    ///
    /// # Errors
    /// Nobody could tell within the deadline for one of them.
    pub async fn list_offsets(
        &self,
        wanted: &BTreeMap<TopicPartition, Moment>,
        isolation: Isolation,
    ) -> Result<BTreeMap<TopicPartition, Found>, PartitionError> {
        let give_up = Instant::now() + self.config().request_deadline;
        let mut found = BTreeMap::new();
        loop {
            let left: Asked<'_> = wanted
                .iter()
                .filter(|(partition, _)| !found.contains_key(*partition))
                .map(|(partition, moment)| (partition, *moment))
                .collect();
            if left.is_empty() {
                return Ok(found);
            }
            let Err(error) = self.ask_leaders(&left, isolation, &mut found).await else { continue };
            if !error.is_retriable() || Instant::now() + RETRY_PAUSE > give_up {
                return Err(error);
            }
            sleep(RETRY_PAUSE).await;
            self.refresh(&left).await?;
        }
    }

    /// Learns who leads these partitions.
    async fn refresh(&self, partitions: &Asked<'_>) -> Result<(), CallError> {
        let mut topics: Vec<TopicName> =
            partitions.iter().map(|(partition, _)| partition.topic.clone()).collect();
        topics.dedup();
        match self.cluster(Wanted::Topics(&topics)).await {
            // Whoever is being started again cannot be reached for a while.
            Ok(_) | Err(CallError::Connect(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn ask_leaders(
        &self,
        partitions: &Asked<'_>,
        isolation: Isolation,
        found: &mut BTreeMap<TopicPartition, Found>,
    ) -> Result<(), PartitionError> {
        let is_led = |(partition, _): &(&TopicPartition, Moment)| {
            self.known().leader(&partition.topic, partition.partition).is_some()
        };
        if !partitions.iter().all(is_led) {
            self.refresh(partitions).await?;
        }
        let cluster = self.known();
        let mut by_leader: BTreeMap<BrokerId, Asked<'_>> = BTreeMap::new();
        for (partition, moment) in partitions {
            let leader = cluster.leader(&partition.topic, partition.partition);
            let (_, leader) = leader.ok_or_else(|| no_leader(partition))?;
            by_leader.entry(leader).or_default().push((*partition, *moment));
        }
        for (leader, asked) in by_leader {
            let response = self.call_broker(leader, &self.request(&asked, isolation)).await?;
            for topic in &response.topics {
                for answer in &topic.partitions {
                    let is_meant = |(partition, _): &&(&TopicPartition, Moment)| {
                        *partition.topic.as_str() == *topic.name
                            && partition.partition == PartitionIndex(answer.partition_index)
                    };
                    let Some((partition, _)) = asked.iter().find(is_meant) else { continue };
                    found.insert((*partition).clone(), read(partition, answer)?);
                }
            }
            if let Some((partition, _)) = asked.iter().find(|(it, _)| !found.contains_key(*it)) {
                return Err(nothing_said(partition));
            }
        }
        Ok(())
    }

    fn request(&self, asked: &Asked<'_>, isolation: Isolation) -> ListOffsetsRequest {
        let mut topics: Vec<ListOffsetsTopic> = Vec::new();
        for (partition, moment) in asked {
            let wanted = ListOffsetsPartition {
                partition_index: partition.partition.0,
                timestamp: moment.number(),
                ..Default::default()
            };
            match topics.last_mut() {
                Some(topic) if topic.name == partition.topic.as_str() => {
                    topic.partitions.push(wanted);
                }
                _ => {
                    let name = partition.topic.as_str().into();
                    topics.push(ListOffsetsTopic { name, partitions: vec![wanted] });
                }
            }
        }
        ListOffsetsRequest {
            replica_id: -1,
            isolation_level: isolation.number(),
            topics,
            timeout_ms: self.deadline_ms(),
        }
    }
}

fn read(
    partition: &TopicPartition,
    answer: &ListOffsetsPartitionResponse,
) -> Result<Found, PartitionError> {
    Refusal::check(answer.error_code, None).map_err(|refusal| refused(partition, refusal))?;
    Ok((answer.offset >= 0).then(|| FoundOffset {
        offset: Offset(answer.offset),
        timestamp: timestamp(answer.timestamp),
        leader_epoch: LeaderEpoch(answer.leader_epoch),
    }))
}

fn refused(partition: &TopicPartition, refusal: Refusal) -> PartitionError {
    let TopicPartition { topic, partition } = partition.clone();
    PartitionError::Refused { topic, partition, refusal }
}

fn no_leader(partition: &TopicPartition) -> PartitionError {
    let TopicPartition { topic, partition } = partition.clone();
    PartitionError::NoLeader { topic, partition }
}

/// The answer leaves out what was asked about.
fn nothing_said(partition: &TopicPartition) -> PartitionError {
    let message = Some(format!("{} does not mention it", ApiKey::ListOffsets));
    refused(partition, Refusal { code: ErrorCode::UnknownServerError, message })
}
