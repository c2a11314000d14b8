//! OffsetDelete: offsets of a group to be forgotten.

use std::sync::Arc;

use bytestring::ByteString;
use node::{
    coordinator::{
        GroupError, GroupId,
        request::{DeleteOffsets, GroupPartition, Request},
    },
    metadata::Image,
};
use protocol::{
    ErrorCode,
    messages::{
        OffsetDeleteRequest, OffsetDeleteResponse,
        offset_delete::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
    },
};
use types::PartitionIndex;

use super::{
    call::Call,
    desk::Desk,
    error_codes::Coded,
    groups::{Then, ask, has_partition, number},
};
use crate::{network::Order, shell::Shell};

/// The answer, in which those partitions have no error that the coordinator decides about.
pub(super) struct Shape(Vec<OffsetDeleteResponseTopic>);

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: OffsetDeleteRequest) -> Order {
    // The coordinator is asked even about nothing: whether there is such a group is for it to say.
    let (shape, deletion) = deletion(&shell.node.image(), request);
    ask(shell, call, Then::OffsetDelete(shape), Request::DeleteOffsets(deletion))
}

fn deletion(image: &Image, request: OffsetDeleteRequest) -> (Shape, DeleteOffsets) {
    let mut wanted = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let indexes = topic.partitions.iter().map(|one| one.partition_index);
        let partitions = indexes.map(|index| take(image, &topic.name, index, &mut wanted));
        let partitions = partitions.collect();
        topics.push(OffsetDeleteResponseTopic { name: topic.name, partitions });
    }
    (Shape(topics), DeleteOffsets { group: GroupId(request.group_id), partitions: wanted })
}

fn take(
    image: &Image,
    topic: &ByteString,
    index: i32,
    wanted: &mut Vec<GroupPartition>,
) -> OffsetDeleteResponsePartition {
    let error = if has_partition(image, topic, index) {
        let partition = PartitionIndex(index);
        wanted.push(GroupPartition { topic: topic.clone(), partition });
        ErrorCode::None
    } else {
        ErrorCode::UnknownTopicOrPartition
    };
    OffsetDeleteResponsePartition { partition_index: index, error_code: error as i16 }
}

pub(super) fn answer(
    desk: &Desk,
    call: Call,
    shape: Shape,
    outcome: Result<Vec<Result<(), GroupError>>, GroupError>,
) {
    call.answer::<OffsetDeleteRequest>(desk, &shape.response(outcome));
}

impl Shape {
    fn response(
        self,
        outcome: Result<Vec<Result<(), GroupError>>, GroupError>,
    ) -> OffsetDeleteResponse {
        let outcomes = match outcome {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let error_code = error.number();
                return OffsetDeleteResponse { error_code, ..OffsetDeleteResponse::default() };
            }
        };
        let mut topics = self.0;
        let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        let asked = partitions.filter(|partition| partition.error_code == 0);
        for (partition, outcome) in asked.zip(&outcomes) {
            partition.error_code = number(outcome);
        }
        OffsetDeleteResponse { topics, ..OffsetDeleteResponse::default() }
    }
}

#[cfg(test)]
mod tests {
    use protocol::messages::offset_delete::{
        OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
    };
    use types::{TopicId, Uuid};

    use super::*;
    use crate::api::groups::image_of;

    fn deletion_of(topics: &[(&str, &[i32])]) -> (Shape, DeleteOffsets) {
        let partitions = |indexes: &[i32]| {
            let partition = |index: &i32| OffsetDeleteRequestPartition { partition_index: *index };
            indexes.iter().map(partition).collect()
        };
        let topic = |(name, indexes): &(&str, &[i32])| OffsetDeleteRequestTopic {
            name: (*name).into(),
            partitions: partitions(indexes),
        };
        let topics = topics.iter().map(topic).collect();
        let image = image_of(&[(TopicId(Uuid::from_u128(7)), "chat", 2)]);
        deletion(&image, OffsetDeleteRequest { group_id: "readers".into(), topics })
    }

    #[test]
    fn what_does_not_exist_is_refused_and_the_rest_is_forgotten() {
        let (shape, deletion) = deletion_of(&[("gone", &[0]), ("chat", &[2, 0, 1])]);
        assert_eq!(deletion.partitions.len(), 2);
        let response = shape.response(Ok(vec![Ok(()), Err(GroupError::SubscribedToTopic)]));
        let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
        let errors: Vec<i16> = partitions.map(|partition| partition.error_code).collect();
        assert_eq!(errors, [3, 3, 0, 86]);
    }

    #[test]
    fn an_error_of_the_group_is_told_alone() {
        let (shape, _) = deletion_of(&[("gone", &[0]), ("chat", &[0])]);
        let response = shape.response(Err(GroupError::GroupNotFound));
        assert_eq!(response, OffsetDeleteResponse { error_code: 69, ..Default::default() });
    }
}
