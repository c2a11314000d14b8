//! The offsets that a group has committed: read, set and deleted.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    ApiKey, ErrorCode,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
        OffsetFetchRequest, OffsetFetchResponse,
        offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_delete::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
        offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    },
};
use types::{LeaderEpoch, Offset, PartitionIndex, TopicName, TopicPartition};

use super::member::Identity;
use crate::{CallError, Client, Refusal};

/// What a group has committed for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The offset of the record that is read next.
    pub offset: Offset,
    /// The epoch in which the record before it was written, if somebody said so.
    pub leader_epoch: LeaderEpoch,
    /// What whoever committed it had to say.
    pub metadata: String,
}

/// What became of each partition.
pub type PartitionOutcomes = BTreeMap<TopicPartition, Result<(), Refusal>>;

/// From version 10 on topics go by their ids, which offsets of a topic that is gone do not have.
pub(super) const BY_NAME: i16 = 9;

impl Client {
    /// What a group has committed for these partitions, or for all.
    ///
    /// # Errors
    /// The coordinator did not answer, or refused.
    pub async fn committed_offsets(
        &self,
        group: &str,
        partitions: Option<&BTreeSet<TopicPartition>>,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, CallError> {
        let topics = partitions.map(|partitions| {
            let topics = by_topic(partitions).into_iter();
            let topics = topics.map(|(name, partition_indexes)| OffsetFetchRequestTopics {
                name: name.into(),
                partition_indexes,
                ..Default::default()
            });
            topics.collect()
        });
        let wanted =
            OffsetFetchRequestGroup { group_id: group.into(), topics, ..Default::default() };
        let request = OffsetFetchRequest { groups: vec![wanted], ..Default::default() };
        let code = |response: &OffsetFetchResponse| {
            response.groups.first().map_or(0, |group| group.error_code)
        };
        let response = self.ask_any_coordinator(group, &request, BY_NAME, code).await?;
        let refused = |refusal| CallError::Refused { api: ApiKey::OffsetFetch, refusal };
        Refusal::check(code(&response), None).map_err(refused)?;
        let mut found = BTreeMap::new();
        for topic in response.groups.iter().flat_map(|group| &group.topics) {
            let Ok(name) = TopicName::parse(&topic.name) else { continue };
            for partition in &topic.partitions {
                Refusal::check(partition.error_code, None).map_err(refused)?;
                if partition.committed_offset < 0 {
                    continue;
                }
                let committed = CommittedOffset {
                    offset: Offset(partition.committed_offset),
                    leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                    metadata: partition.metadata.as_deref().unwrap_or_default().to_owned(),
                };
                found.insert(place(&name, partition.partition_index), committed);
            }
        }
        Ok(found)
    }

    /// Sets offsets of a group that has no members.
    ///
    /// # Errors
    /// The coordinator did not answer.
    pub async fn commit_offsets(
        &self,
        group: &str,
        offsets: &BTreeMap<TopicPartition, Offset>,
    ) -> Result<PartitionOutcomes, CallError> {
        let request = commit_request(group, &Identity::default(), offsets);
        let response = self.ask_any_coordinator(group, &request, BY_NAME, first_error).await?;
        Ok(commit_outcomes(&response))
    }

    /// Deletes what a group has committed for these partitions.
    ///
    /// # Errors
    /// The coordinator did not answer, or refused them all.
    pub async fn delete_offsets(
        &self,
        group: &str,
        partitions: &BTreeSet<TopicPartition>,
    ) -> Result<PartitionOutcomes, CallError> {
        let of = |number: i32| OffsetDeleteRequestPartition { partition_index: number };
        let topics = by_topic(partitions).into_iter();
        let topics = topics.map(|(name, numbers)| OffsetDeleteRequestTopic {
            name: name.into(),
            partitions: numbers.into_iter().map(of).collect(),
        });
        let request = OffsetDeleteRequest { group_id: group.into(), topics: topics.collect() };
        let code = |response: &OffsetDeleteResponse| response.error_code;
        let response = self.ask_any_coordinator(group, &request, i16::MAX, code).await?;
        Refusal::check(response.error_code, None)
            .map_err(|refusal| CallError::Refused { api: ApiKey::OffsetDelete, refusal })?;
        let partitions = response.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|it| (&topic.name, it.partition_index, it.error_code))
        });
        Ok(outcomes(partitions))
    }
}

/// Sets offsets as a member, or as nobody in particular.
pub(super) fn commit_request(
    group: &str,
    identity: &Identity,
    offsets: &BTreeMap<TopicPartition, Offset>,
) -> OffsetCommitRequest {
    let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
    for (partition, offset) in offsets {
        let committed = OffsetCommitRequestPartition {
            partition_index: partition.partition.0,
            committed_offset: offset.0,
            committed_metadata: Some("".into()),
            ..Default::default()
        };
        let name = partition.topic.as_str();
        match topics.last_mut() {
            Some(topic) if *topic.name == *name => topic.partitions.push(committed),
            _ => topics.push(OffsetCommitRequestTopic {
                name: name.into(),
                partitions: vec![committed],
                ..Default::default()
            }),
        }
    }
    OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: identity.generation,
        member_id: identity.member.as_str().into(),
        group_instance_id: identity.instance.as_deref().map(Into::into),
        topics,
        ..Default::default()
    }
}

pub(super) fn commit_outcomes(response: &OffsetCommitResponse) -> PartitionOutcomes {
    outcomes(response.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|it| (&topic.name, it.partition_index, it.error_code))
    }))
}

/// The first error that a partition has.
fn first_error(response: &OffsetCommitResponse) -> i16 {
    let mut codes =
        response.topics.iter().flat_map(|topic| &topic.partitions).map(|it| it.error_code);
    codes.find(|code| *code != ErrorCode::None.code()).unwrap_or_default()
}

fn outcomes<'a, N: AsRef<str> + 'a>(
    partitions: impl Iterator<Item = (&'a N, i32, i16)>,
) -> PartitionOutcomes {
    let each = partitions.filter_map(|(name, number, code)| {
        let name = TopicName::parse(name.as_ref()).ok()?;
        Some((place(&name, number), Refusal::check(code, None)))
    });
    each.collect()
}

fn place(topic: &TopicName, number: i32) -> TopicPartition {
    TopicPartition { topic: topic.clone(), partition: PartitionIndex(number) }
}

fn by_topic(partitions: &BTreeSet<TopicPartition>) -> BTreeMap<&str, Vec<i32>> {
    let mut by_topic: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        by_topic.entry(partition.topic.as_str()).or_default().push(partition.partition.0);
    }
    by_topic
}
