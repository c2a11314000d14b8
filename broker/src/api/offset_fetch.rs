//! OffsetFetch: the offsets that groups committed.

use std::{collections::BTreeSet, sync::Arc};

use bytestring::ByteString;
use node::{
    coordinator::{
        GroupError, GroupId,
        answer::{CommittedOffset, FetchedOffset},
        request::{GroupPartition, WantedOffset},
    },
    metadata::Image,
};
use protocol::{
    ErrorCode,
    messages::{
        OffsetFetchRequest, OffsetFetchResponse,
        offset_fetch::{
            OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
            OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
            OffsetFetchResponseTopic, OffsetFetchResponseTopics,
        },
    },
};
use types::{LeaderEpoch, Offset, PartitionIndex, TopicId, Uuid};

use super::{call::Call, error_codes::Coded};
use crate::{network::Order, shell::Shell};

/// The first version that has an error for the group as a whole.
const GROUP_ERROR: i16 = 2;
/// The first version that asks for several groups.
const GROUPS: i16 = 8;
/// The first version that names topics by id.
const BY_ID: i16 = 10;

/// Offsets of a group: of these partitions, in their order, or all there are.
type Fetch<'a> =
    &'a dyn Fn(&GroupId, Option<&[WantedOffset]>) -> Result<Vec<FetchedOffset>, GroupError>;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: OffsetFetchRequest) -> Order {
    let (image, is_stable) = (shell.node.image(), request.require_stable);
    let reading = Reading {
        image: &image,
        version: call.version,
        fetch: &|group, wanted| match wanted {
            Some(wanted) => shell.node.fetch_offsets(group, wanted, is_stable),
            None => shell.node.fetch_all_offsets(group, is_stable),
        },
    };
    let response = reading.response(request);
    call.answer::<OffsetFetchRequest>(&shell.desk, &response);
    Order::Alone
}

/// One request on its way through the groups.
struct Reading<'a> {
    image: &'a Image,
    version: i16,
    fetch: Fetch<'a>,
}

impl Reading<'_> {
    fn response(&self, request: OffsetFetchRequest) -> OffsetFetchResponse {
        if self.version >= GROUPS {
            let groups = request.groups.into_iter().map(|group| self.group(group));
            let groups = groups.collect();
            return OffsetFetchResponse { groups, ..OffsetFetchResponse::default() };
        }
        let topics = request.topics.map(|topics| topics.into_iter().map(newer).collect());
        let group = OffsetFetchRequestGroup {
            group_id: request.group_id,
            topics,
            ..OffsetFetchRequestGroup::default()
        };
        let found = self.group(group);
        OffsetFetchResponse {
            topics: found.topics.into_iter().map(older).collect(),
            error_code: found.error_code,
            ..OffsetFetchResponse::default()
        }
    }

    fn group(&self, asked: OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        let group = GroupId(asked.group_id.clone());
        let found = match asked.topics {
            None => self.all(&group),
            Some(topics) => self.some(&group, topics),
        };
        let (topics, error_code) = match found {
            Ok(topics) => (topics, 0),
            Err(error) => (Vec::new(), error.number()),
        };
        OffsetFetchResponseGroup { group_id: asked.group_id, topics, error_code }
    }

    fn all(&self, group: &GroupId) -> Result<Vec<OffsetFetchResponseTopics>, GroupError> {
        let mut topics: Vec<OffsetFetchResponseTopics> = Vec::new();
        for offset in (self.fetch)(group, None)? {
            let partition = found(&offset);
            let name = offset.partition.topic;
            match topics.last_mut() {
                Some(last) if last.name == name => last.partitions.push(partition),
                Some(_) | None => topics.push(OffsetFetchResponseTopics {
                    topic_id: self.id_of(&name),
                    name,
                    partitions: vec![partition],
                }),
            }
        }
        if self.version >= BY_ID {
            // What has no id any more cannot be named.
            topics.retain(|topic| !topic.topic_id.is_zero());
        }
        Ok(topics)
    }

    fn some(
        &self,
        group: &GroupId,
        asked: Vec<OffsetFetchRequestTopics>,
    ) -> Result<Vec<OffsetFetchResponseTopics>, GroupError> {
        let asked = once(asked);
        let wanted: Vec<WantedOffset> =
            asked.iter().filter_map(|topic| self.wanted(topic)).flatten().collect();
        let mut offsets = match (self.fetch)(group, Some(&wanted)) {
            Ok(offsets) => offsets.into_iter(),
            Err(error) if self.version < GROUP_ERROR => {
                return Ok(asked.into_iter().map(|topic| refused(topic, error.code())).collect());
            }
            Err(error) => return Err(error),
        };
        let described = asked.into_iter().map(|topic| {
            if self.name(&topic).is_none() {
                return refused(topic, ErrorCode::UnknownTopicId);
            }
            let partitions = offsets.by_ref().take(topic.partition_indexes.len());
            let partitions = partitions.map(|offset| found(&offset)).collect();
            OffsetFetchResponseTopics { name: topic.name, topic_id: topic.topic_id, partitions }
        });
        Ok(described.collect())
    }

    /// The partitions as the group knows them, by the topic's name, if it has one.
    fn wanted<'a>(
        &self,
        topic: &'a OffsetFetchRequestTopics,
    ) -> Option<impl Iterator<Item = WantedOffset> + use<'a>> {
        let name = self.name(topic)?;
        let id = self.id_of(&name);
        let topic_id = (!id.is_zero()).then_some(TopicId(id));
        let indexes = topic.partition_indexes.iter();
        Some(indexes.map(move |index| {
            let partition =
                GroupPartition { topic: name.clone(), partition: PartitionIndex(*index) };
            WantedOffset { partition, topic_id }
        }))
    }

    fn name(&self, topic: &OffsetFetchRequestTopics) -> Option<ByteString> {
        if self.version < BY_ID {
            return Some(topic.name.clone());
        }
        let known = self.image.topics.get(TopicId(topic.topic_id))?;
        Some(known.name.as_str().into())
    }

    fn id_of(&self, name: &str) -> Uuid {
        self.image.topics.named(name).map_or(Uuid::ZERO, |topic| topic.id.0)
    }
}

/// Every partition once, so that an answer is no larger than what there is to tell.
fn once(mut topics: Vec<OffsetFetchRequestTopics>) -> Vec<OffsetFetchRequestTopics> {
    let mut seen = BTreeSet::new();
    for topic in &mut topics {
        let (name, id) = (&topic.name, topic.topic_id);
        topic.partition_indexes.retain(|index| seen.insert((id, name.clone(), *index)));
    }
    topics
}

fn found(offset: &FetchedOffset) -> OffsetFetchResponsePartitions {
    let partition_index = offset.partition.partition.0;
    match &offset.committed {
        Ok(Some(committed)) => describe(partition_index, committed),
        Ok(None) => nothing(partition_index, ErrorCode::None),
        Err(error) => nothing(partition_index, error.code()),
    }
}

fn describe(partition_index: i32, committed: &CommittedOffset) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: committed.offset.0,
        committed_leader_epoch: committed.leader_epoch.0,
        metadata: Some(committed.metadata.clone()),
        error_code: ErrorCode::None as i16,
    }
}

fn nothing(partition_index: i32, error: ErrorCode) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: Offset::NONE.0,
        committed_leader_epoch: LeaderEpoch::NONE.0,
        metadata: Some(ByteString::new()),
        error_code: error as i16,
    }
}

fn refused(topic: OffsetFetchRequestTopics, error: ErrorCode) -> OffsetFetchResponseTopics {
    let partitions = topic.partition_indexes.iter().map(|index| nothing(*index, error));
    OffsetFetchResponseTopics {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

/// A topic of an old version as the new ones have it.
fn newer(topic: OffsetFetchRequestTopic) -> OffsetFetchRequestTopics {
    OffsetFetchRequestTopics {
        name: topic.name,
        partition_indexes: topic.partition_indexes,
        ..OffsetFetchRequestTopics::default()
    }
}

/// A topic of an answer as the old versions have it.
fn older(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let partition = |one: OffsetFetchResponsePartitions| OffsetFetchResponsePartition {
        partition_index: one.partition_index,
        committed_offset: one.committed_offset,
        committed_leader_epoch: one.committed_leader_epoch,
        metadata: one.metadata,
        error_code: one.error_code,
    };
    OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic.partitions.into_iter().map(partition).collect(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Message;
    use types::Timestamp;

    use super::*;
    use crate::api::groups::image_of;

    const CHAT: Uuid = Uuid::from_u128(7);

    /// A group that has committed offset 5 in partition 1 of "chat" and 9 in "gone", which is.
    fn fetch(
        group: &GroupId,
        wanted: Option<&[WantedOffset]>,
    ) -> Result<Vec<FetchedOffset>, GroupError> {
        if group.0 == "elsewhere" {
            return Err(GroupError::NotCoordinator);
        }
        let all = [("chat", 1, 5), ("gone", 0, 9)].map(|(topic, index, offset)| {
            let partition =
                GroupPartition { topic: topic.into(), partition: PartitionIndex(index) };
            (partition, offset)
        });
        let found = |partition: &GroupPartition| {
            let offset = all.iter().find(|(one, _)| one == partition).map(|(_, offset)| *offset);
            FetchedOffset { partition: partition.clone(), committed: Ok(offset.map(committed)) }
        };
        Ok(match wanted {
            Some(wanted) => wanted.iter().map(|one| found(&one.partition)).collect(),
            None => all.iter().map(|(partition, _)| found(partition)).collect(),
        })
    }

    fn committed(offset: i64) -> CommittedOffset {
        CommittedOffset {
            offset: Offset(offset),
            leader_epoch: LeaderEpoch(2),
            metadata: "note".into(),
            committed_at: Timestamp(0),
            expires_at: None,
            topic_id: None,
        }
    }

    fn ask(version: i16, request: OffsetFetchRequest) -> OffsetFetchResponse {
        let image = image_of(&[(TopicId(CHAT), "chat", 2)]);
        let response = Reading { image: &image, version, fetch: &fetch }.response(request);
        assert!(response.to_bytes(version).is_ok(), "{response:?} in {version}");
        response
    }

    fn old(group: &str, topics: Option<&[(&str, &[i32])]>) -> OffsetFetchRequest {
        let topic = |(name, indexes): &(&str, &[i32])| OffsetFetchRequestTopic {
            name: (*name).into(),
            partition_indexes: indexes.to_vec(),
        };
        OffsetFetchRequest {
            group_id: group.into(),
            topics: topics.map(|topics| topics.iter().map(topic).collect()),
            ..OffsetFetchRequest::default()
        }
    }

    fn new(groups: Vec<OffsetFetchRequestGroup>) -> OffsetFetchRequest {
        OffsetFetchRequest { groups, ..OffsetFetchRequest::default() }
    }

    fn group(name: &str, topics: Option<Vec<OffsetFetchRequestTopics>>) -> OffsetFetchRequestGroup {
        OffsetFetchRequestGroup { group_id: name.into(), topics, ..Default::default() }
    }

    /// Partitions with their offsets and errors.
    fn told(topics: &[OffsetFetchResponseTopics]) -> Vec<(i32, i64, i16)> {
        let partitions = topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|one| (one.partition_index, one.committed_offset, one.error_code)).collect()
    }

    #[test]
    fn a_partition_without_an_offset_has_none_and_no_error() {
        for version in 1..=7 {
            let response = ask(version, old("readers", Some(&[("chat", &[0, 1])])));
            let partitions = &response.topics[0].partitions;
            assert_eq!((partitions[0].committed_offset, partitions[0].error_code), (-1, 0));
            assert_eq!(partitions[0].metadata.as_deref(), Some(""));
            assert_eq!(partitions[1].committed_offset, 5);
            assert_eq!(partitions[1].committed_leader_epoch, 2);
            assert_eq!(partitions[1].metadata.as_deref(), Some("note"));
        }
    }

    #[test]
    fn no_topics_are_all_topics() {
        for version in 2..=7 {
            let response = ask(version, old("readers", None));
            let names: Vec<&str> = response.topics.iter().map(|topic| &*topic.name).collect();
            assert_eq!(names, ["chat", "gone"], "version {version}");
        }
    }

    #[test]
    fn an_error_of_the_group_stands_at_the_group_or_in_the_first_version_at_each_partition() {
        let first = ask(1, old("elsewhere", Some(&[("chat", &[0, 1])])));
        let errors: Vec<i16> =
            first.topics[0].partitions.iter().map(|partition| partition.error_code).collect();
        assert_eq!(errors, [16, 16]);
        let second = ask(2, old("elsewhere", Some(&[("chat", &[0, 1])])));
        assert_eq!((second.error_code, second.topics.len()), (16, 0));
    }

    #[test]
    fn several_groups_are_asked_for_at_once_each_with_its_own_error() {
        let topic = OffsetFetchRequestTopics {
            name: "chat".into(),
            partition_indexes: vec![1],
            ..Default::default()
        };
        for version in 8..=9 {
            let groups =
                vec![group("elsewhere", None), group("readers", Some(vec![topic.clone()]))];
            let response = ask(version, new(groups));
            assert_eq!(response.groups[0].error_code, 16);
            assert_eq!(told(&response.groups[1].topics), [(1, 5, 0)]);
        }
    }

    #[test]
    fn topics_go_by_id_from_version_10_on() {
        let topic = |id| OffsetFetchRequestTopics {
            topic_id: id,
            partition_indexes: vec![1],
            ..Default::default()
        };
        let topics = vec![topic(Uuid::from_u128(8)), topic(CHAT)];
        let response = ask(10, new(vec![group("readers", Some(topics))]));
        let told = told(&response.groups[0].topics);
        assert_eq!(told, [(1, -1, 100), (1, 5, 0)]);
        let all = ask(10, new(vec![group("readers", None)]));
        let ids: Vec<Uuid> = all.groups[0].topics.iter().map(|topic| topic.topic_id).collect();
        assert_eq!(ids, [CHAT], "a topic that is gone has no id");
    }

    #[test]
    fn a_partition_that_is_named_often_is_told_once() {
        let response = ask(7, old("readers", Some(&[("chat", &[1, 1]), ("chat", &[1])])));
        let partitions = response.topics.iter().map(|topic| topic.partitions.len());
        assert_eq!(partitions.sum::<usize>(), 1);
    }
}
