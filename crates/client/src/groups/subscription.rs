//! What members and their leader say to each other, in the words of Kafka's consumers.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use protocol::{
    DecodeError,
    consumer_protocol::{
        AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
        OwnedPartitions,
    },
};
use types::{PartitionIndex, TopicName, TopicPartition};

use super::assignor::Subscription;

/// The subscription in bytes.
pub(super) fn write(
    topics: &BTreeSet<TopicName>,
    owned: &BTreeSet<TopicPartition>,
    generation: i32,
) -> Bytes {
    let owned = by_topic(owned).into_iter();
    let subscription = ConsumerProtocolSubscription {
        topics: topics.iter().map(|topic| topic.as_str().into()).collect(),
        user_data: None,
        owned_partitions: owned
            .map(|(topic, partitions)| OwnedPartitions { topic: topic.into(), partitions })
            .collect(),
        generation_id: generation,
        rack_id: None,
    };
    subscription.write().expect("names of topics are short and their number is a person's")
}

/// What a member says; names that no topic can have are left out.
pub(super) fn read(bytes: Bytes, instance: Option<String>) -> Result<Subscription, DecodeError> {
    let found = ConsumerProtocolSubscription::read(bytes)?;
    let owned = found.owned_partitions.iter();
    Ok(Subscription {
        instance,
        topics: found.topics.iter().filter_map(|name| TopicName::parse(name).ok()).collect(),
        owned: owned.flat_map(|it| partitions(&it.topic, &it.partitions)).collect(),
        generation: found.generation_id,
    })
}

/// The assignment in bytes.
pub(super) fn write_assignment(assigned: &BTreeSet<TopicPartition>) -> Bytes {
    let assigned = by_topic(assigned).into_iter();
    let assignment = ConsumerProtocolAssignment {
        assigned_partitions: assigned
            .map(|(topic, partitions)| AssignedPartitions { topic: topic.into(), partitions })
            .collect(),
        user_data: None,
    };
    assignment.write().expect("names of topics are short")
}

/// What a member shall read. A member that gets nothing may get no bytes at all.
pub(super) fn read_assignment(bytes: Bytes) -> Result<BTreeSet<TopicPartition>, DecodeError> {
    if bytes.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found = ConsumerProtocolAssignment::read(bytes)?;
    let assigned = found.assigned_partitions.iter();
    Ok(assigned.flat_map(|it| partitions(&it.topic, &it.partitions)).collect())
}

fn by_topic(partitions: &BTreeSet<TopicPartition>) -> BTreeMap<&str, Vec<i32>> {
    let mut by_topic: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        by_topic.entry(partition.topic.as_str()).or_default().push(partition.partition.0);
    }
    by_topic
}

fn partitions(topic: &str, numbers: &[i32]) -> Vec<TopicPartition> {
    let Ok(topic) = TopicName::parse(topic) else { return Vec::new() };
    let of =
        |number: &i32| TopicPartition { topic: topic.clone(), partition: PartitionIndex(*number) };
    numbers.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> BTreeSet<TopicPartition> {
        partitions("chat", &[0, 2]).into_iter().chain(partitions("events", &[1])).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let topics = BTreeSet::from([TopicName::parse("chat").unwrap()]);
        let found = read(write(&topics, &some(), 7), Some("a".into())).unwrap();
        let instance = Some("a".to_owned());
        assert_eq!(found, Subscription { instance, topics, owned: some(), generation: 7 });
        assert_eq!(read_assignment(write_assignment(&some())).unwrap(), some());
    }

    #[test]
    fn no_bytes_are_no_partitions_and_other_bytes_an_error() {
        assert_eq!(read_assignment(Bytes::new()).unwrap(), BTreeSet::new());
        assert!(read_assignment(Bytes::from_static(b"\0")).is_err());
    }
}
