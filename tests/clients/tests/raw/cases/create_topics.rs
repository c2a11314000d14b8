//! CreateTopics.

use super::too_long;
use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| request(Vec::new())),
        Case::one("a topic", |talk| request(vec![topic(&talk.name("new"), 2, 1)])),
        Case::one("the broker's defaults", |talk| request(vec![topic(&talk.name("new"), -1, -1)])),
        Case::one("only looked at", |talk| CreateTopicsRequest {
            validate_only: true,
            ..request(vec![topic(&talk.name("new"), 2, 1)])
        }),
        Case::one("a topic that exists", |_| request(vec![topic(TOPIC, 1, 1)])),
        Case::one("a topic twice", |talk| {
            request(vec![topic(&talk.name("new"), 1, 1), topic(&talk.name("new"), 2, 1)])
        }),
        Case::one("an empty name", |_| request(vec![topic("", 1, 1)])),
        Case::one("a name of one dot", |_| request(vec![topic(".", 1, 1)])),
        Case::one("a name with a blank", |_| request(vec![topic("a b", 1, 1)])),
        Case::one("a name that is too long", |_| request(vec![topic(&too_long(), 1, 1)])),
        Case::one("no partitions", |talk| request(vec![topic(&talk.name("new"), 0, 1)])),
        Case::one("-2 partitions", |talk| request(vec![topic(&talk.name("new"), -2, 1)])),
        Case::one("no replicas", |talk| request(vec![topic(&talk.name("new"), 1, 0)])),
        Case::one("more replicas than brokers", |talk| {
            request(vec![topic(&talk.name("new"), 1, 3)])
        }),
        configured("a key", "retention.ms", Some("1000")),
        configured("a key that does not exist", "retention.years", Some("1")),
        configured("a value that is no number", "retention.ms", Some("long")),
        configured("a key without a value", "retention.ms", None),
        assigned("replicas on a broker that does not exist", 0, &[4711]),
        assigned("partitions that do not begin with 0", 1, &[0]),
        assigned("replicas on nobody", 0, &[]),
        Case::one("an assignment and a number of partitions", |talk| {
            request(vec![CreatableTopic {
                assignments: vec![assignment(0, &[0])],
                ..topic(&talk.name("new"), 1, 1)
            }])
        }),
    ]
}

fn configured(name: &'static str, key: &'static str, value: Option<&'static str>) -> Case {
    Case::one(name, move |talk| {
        let config = CreatableTopicConfig { name: key.into(), value: value.map(Into::into) };
        request(vec![CreatableTopic { configs: vec![config], ..topic(&talk.name("new"), 1, 1) }])
    })
}

fn assigned(name: &'static str, partition: i32, brokers: &'static [i32]) -> Case {
    Case::one(name, move |talk| {
        let assignments = vec![assignment(partition, brokers)];
        request(vec![CreatableTopic { assignments, ..topic(&talk.name("new"), -1, -1) }])
    })
}

fn assignment(partition_index: i32, brokers: &[i32]) -> CreatableReplicaAssignment {
    CreatableReplicaAssignment { partition_index, broker_ids: brokers.to_vec() }
}

fn request(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { topics, ..CreateTopicsRequest::default() }
}

fn topic(name: &str, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic { name: name.into(), num_partitions, replication_factor, ..Default::default() }
}
