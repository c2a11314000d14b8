//! OffsetCommit: offsets to be remembered; topics go by name, from version 10 on by id.

use std::{sync::Arc, time::Duration};

use bytestring::ByteString;
use node::{
    coordinator::{
        GroupError, GroupId,
        request::{Commit, CommitOffset, GroupPartition, Request},
    },
    metadata::{Image, image::Topic},
};
use protocol::{
    ErrorCode,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse,
        offset_commit::{
            OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponsePartition,
            OffsetCommitResponseTopic,
        },
    },
};
use types::{LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicId};

use super::{
    call::Call,
    desk::Desk,
    error_codes::Coded,
    groups::{Then, ask, caller, kept, number},
};
use crate::{network::Order, shell::Shell};

/// The first version that can say that there is no such group.
const SAYS_NOT_FOUND: i16 = 9;
/// The first version that names topics by id.
const BY_ID: i16 = 10;

/// The answer, in which those offsets have no error that the coordinator decides about.
pub(super) struct Shape(Vec<OffsetCommitResponseTopic>);

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: OffsetCommitRequest) -> Order {
    let image = shell.node.image();
    let (shape, commit) = commit(&image, request, call.version, call.now.wall);
    if commit.offsets.is_empty() {
        answer(&shell.desk, call, shape, &[]);
        return Order::Alone;
    }
    ask(shell, call, Then::OffsetCommit(shape), Request::Commit(commit))
}

/// What the coordinator is asked to remember, and the answer to what it never hears of because
/// there is no such topic or partition.
fn commit(
    image: &Image,
    request: OffsetCommitRequest,
    version: i16,
    now: Timestamp,
) -> (Shape, Commit) {
    let by_id = version >= BY_ID;
    let mut offsets = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let (known, unknown) = if by_id {
            (image.topics.get(TopicId(topic.topic_id)), ErrorCode::UnknownTopicId)
        } else {
            (image.topics.named(&topic.name), ErrorCode::UnknownTopicOrPartition)
        };
        topics.push(match known {
            Some(known) => take(known, topic, now, &mut offsets),
            None => refuse(topic, unknown),
        });
    }
    let commit = Commit {
        group: GroupId(kept(&request.group_id)),
        caller: caller(
            request.member_id,
            request.group_instance_id,
            request.generation_id_or_member_epoch,
        ),
        retention: u64::try_from(request.retention_time_ms).ok().map(Duration::from_millis),
        offsets,
    };
    (Shape(topics), commit)
}

fn take(
    known: &Topic,
    topic: OffsetCommitRequestTopic,
    now: Timestamp,
    offsets: &mut Vec<CommitOffset>,
) -> OffsetCommitResponseTopic {
    let name = ByteString::from(known.name.as_str());
    let mut partitions = Vec::with_capacity(topic.partitions.len());
    for one in topic.partitions {
        let partition = PartitionIndex(one.partition_index);
        let error = if known.partition(partition).is_some() {
            let partition = GroupPartition { topic: name.clone(), partition };
            offsets.push(offset(partition, known.id, &one, now));
            ErrorCode::None
        } else {
            ErrorCode::UnknownTopicOrPartition
        };
        partitions.push(described(one.partition_index, error));
    }
    OffsetCommitResponseTopic { name: topic.name, topic_id: topic.topic_id, partitions }
}

fn offset(
    partition: GroupPartition,
    topic_id: TopicId,
    one: &OffsetCommitRequestPartition,
    now: Timestamp,
) -> CommitOffset {
    CommitOffset {
        partition,
        topic_id: Some(topic_id),
        offset: Offset(one.committed_offset),
        leader_epoch: LeaderEpoch(one.committed_leader_epoch),
        metadata: one.committed_metadata.as_ref().map(kept).unwrap_or_default(),
        committed_at: now,
    }
}

fn refuse(topic: OffsetCommitRequestTopic, error: ErrorCode) -> OffsetCommitResponseTopic {
    let partitions = topic.partitions.iter().map(|one| described(one.partition_index, error));
    OffsetCommitResponseTopic {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

fn described(partition_index: i32, error: ErrorCode) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition { partition_index, error_code: error as i16 }
}

pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcomes: &[Result<(), GroupError>]) {
    let response = shape.response(call.version, outcomes);
    call.answer::<OffsetCommitRequest>(desk, &response);
}

impl Shape {
    fn response(self, version: i16, outcomes: &[Result<(), GroupError>]) -> OffsetCommitResponse {
        let mut topics = self.0;
        let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        let asked = partitions.filter(|partition| partition.error_code == 0);
        for (partition, outcome) in asked.zip(outcomes) {
            partition.error_code = match outcome {
                // What the client takes for its generation is that of a group that is gone.
                Err(GroupError::GroupNotFound) if version < SAYS_NOT_FOUND => {
                    GroupError::IllegalGeneration.number()
                }
                outcome => number(outcome),
            };
        }
        OffsetCommitResponse { topics, ..OffsetCommitResponse::default() }
    }
}

#[cfg(test)]
mod tests {
    use types::Uuid;

    use super::*;
    use crate::api::groups::image_of;

    const CHAT: TopicId = TopicId(Uuid::from_u128(7));
    const NOW: Timestamp = Timestamp(1000);

    fn partition(index: i32, offset: i64, metadata: Option<&str>) -> OffsetCommitRequestPartition {
        OffsetCommitRequestPartition {
            partition_index: index,
            committed_offset: offset,
            committed_leader_epoch: 3,
            committed_metadata: metadata.map(Into::into),
        }
    }

    fn request(topics: Vec<OffsetCommitRequestTopic>) -> OffsetCommitRequest {
        let group_id = "readers".into();
        OffsetCommitRequest { group_id, topics, ..OffsetCommitRequest::default() }
    }

    fn commit_in(version: i16, request: OffsetCommitRequest) -> (Shape, Commit) {
        commit(&image_of(&[(CHAT, "chat", 2)]), request, version, NOW)
    }

    fn named(
        name: &str,
        partitions: Vec<OffsetCommitRequestPartition>,
    ) -> OffsetCommitRequestTopic {
        OffsetCommitRequestTopic { name: name.into(), partitions, ..Default::default() }
    }

    fn errors(response: &OffsetCommitResponse) -> Vec<i16> {
        let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|partition| partition.error_code).collect()
    }

    #[test]
    fn an_offset_reaches_the_coordinator_with_all_that_is_known_of_it() {
        let topics = vec![named("chat", vec![partition(1, 9, Some("note"))])];
        let (_, commit) = commit_in(9, request(topics));
        let partition = GroupPartition { topic: "chat".into(), partition: PartitionIndex(1) };
        let expected = CommitOffset {
            partition,
            topic_id: Some(CHAT),
            offset: Offset(9),
            leader_epoch: LeaderEpoch(3),
            metadata: "note".into(),
            committed_at: NOW,
        };
        assert_eq!(commit.offsets, [expected]);
        assert_eq!(commit.retention, None);
    }

    #[test]
    fn metadata_that_are_null_are_empty() {
        let (_, commit) = commit_in(9, request(vec![named("chat", vec![partition(0, 1, None)])]));
        assert_eq!(commit.offsets[0].metadata, "");
    }

    #[test]
    fn old_clients_say_how_long_offsets_are_kept() {
        let topics = vec![named("chat", vec![partition(0, 1, None)])];
        let request = OffsetCommitRequest { retention_time_ms: 5000, ..request(topics) };
        assert_eq!(commit_in(4, request).1.retention, Some(Duration::from_secs(5)));
    }

    #[test]
    fn what_does_not_exist_is_refused_and_the_rest_is_committed() {
        let partitions =
            || vec![partition(5, 1, None), partition(0, 2, None), partition(1, 3, None)];
        let topics = vec![named("gone", partitions()), named("chat", partitions())];
        let (shape, commit) = commit_in(9, request(topics));
        assert_eq!(commit.offsets.len(), 2);
        let outcomes = [Ok(()), Err(GroupError::OffsetMetadataTooLarge)];
        assert_eq!(errors(&shape.response(9, &outcomes)), [3, 3, 3, 3, 0, 12]);
    }

    #[test]
    fn a_group_that_is_not_there_has_another_generation_for_old_clients() {
        for (version, error) in [(8, 22), (9, 69)] {
            let topics = vec![named("chat", vec![partition(0, 1, None)])];
            let (shape, _) = commit_in(version, request(topics));
            let response = shape.response(version, &[Err(GroupError::GroupNotFound)]);
            assert_eq!(errors(&response), [error]);
        }
    }

    #[test]
    fn topics_go_by_id_from_version_10_on() {
        let by_id = |id| OffsetCommitRequestTopic {
            topic_id: id,
            partitions: vec![partition(0, 1, None)],
            ..Default::default()
        };
        let topics = vec![by_id(Uuid::from_u128(8)), by_id(CHAT.0)];
        let (shape, commit) = commit_in(10, request(topics));
        assert_eq!(commit.offsets[0].partition.topic, "chat");
        let response = shape.response(10, &[Ok(())]);
        assert_eq!(response.topics[1].topic_id, CHAT.0);
        assert_eq!(errors(&response), [100, 0]);
    }
}
