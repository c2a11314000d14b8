//! Topics are created, grow and are deleted; configuration and producer ids.

use types::{PartitionIndex, ProducerId};

use super::*;
use crate::{image::ConfigResource, records::MetadataRecord};

#[test]
fn a_topic_is_laid_out_over_the_brokers_that_serve() {
    let mut cluster = Cluster::serving([1, 2, 3]);
    cluster.fence(3, &CLEAN);
    let created = cluster.create(topic("chat", counts(6, 2))).unwrap();
    assert_eq!((created.partitions, created.replicas), (6, 2));
    let topic = cluster.image().topics.named("chat").unwrap();
    for (_, partition) in topic.partitions() {
        assert_eq!(partition.isr, partition.replicas);
        assert_eq!(partition.leader, partition.replicas.first().copied());
        assert!(!partition.replicas.contains(&BrokerId(3)));
    }
    let led = |broker| topic.partitions().filter(|(_, p)| p.leader == Some(broker)).count();
    assert_eq!((led(BrokerId(1)), led(BrokerId(2))), (3, 3));
}

#[test]
fn minus_one_stands_for_the_defaults() {
    let mut cluster = Cluster::serving([1]);
    let created = cluster.create(topic("chat", counts(-1, -1))).unwrap();
    assert_eq!((created.partitions, created.replicas), (4, 1));
}

#[test]
fn a_fenced_broker_named_by_the_user_is_a_replica_out_of_sync() {
    let mut cluster = Cluster::serving([1, 2]);
    cluster.fence(1, &CLEAN);
    cluster.create(topic("chat", manual(&[&[1, 2]]))).unwrap();
    assert_eq!(cluster.lead("chat", 0), (Some(2), vec![2], 0));
}

#[test]
fn what_is_wrong_with_a_topic_is_said_as_kafka_says_it() {
    let unregistered = "The manual partition assignment includes broker 9, but no such broker is \
                        registered.";
    let uneven = "The manual partition assignment includes a partition with 1 replica(s), but \
                  this is not consistent with previous partitions, which have 2 replica(s).";
    let too_many = "Unable to replicate the partition 3 time(s): The target replication factor \
                    of 3 cannot be reached because only 2 broker(s) are registered or some brokers \
                    have all their log directories cordoned.";
    for (name, layout, expected) in [
        ("chat", counts(1, 1), "Topic 'chat' already exists."),
        ("a_b", counts(1, 1), "Topic 'a_b' collides with existing topic: a.b"),
        (
            "__cluster_metadata",
            counts(1, 1),
            "Creation of internal topic __cluster_metadata is prohibited.",
        ),
        ("x", counts(0, 1), "Number of partitions was set to an invalid non-positive value."),
        (
            "x",
            counts(1, 0),
            "Replication factor must be larger than 0, or -1 to use the default value.",
        ),
        ("x", counts(1, 3), too_many),
        ("x", manual(&[&[]]), "The manual partition assignment includes an empty replica list."),
        ("x", manual(&[&[9]]), unregistered),
        (
            "x",
            manual(&[&[1, 1]]),
            "The manual partition assignment includes the broker 1 more than once.",
        ),
        ("x", manual(&[&[1, 2], &[1]]), uneven),
    ] {
        let mut cluster = Cluster::serving([1, 2]);
        cluster.create(topic("chat", counts(1, 1))).unwrap();
        cluster.create(topic("a.b", counts(1, 1))).unwrap();
        let before = cluster.image().clone();
        assert_eq!(cluster.create(topic(name, layout)).unwrap_err().to_string(), expected);
        assert_eq!(cluster.image(), &before);
    }
}

#[test]
fn a_manual_layout_has_no_counts_and_no_gaps() {
    let mut cluster = Cluster::serving([1]);
    let mut layout = |partitions, replicas, numbers: &[i32]| {
        let assignments = numbers.iter().map(|&number| (number, ids(&[1]))).collect();
        let layout = Layout::Manual { partitions, replicas, assignments };
        cluster.create(topic("chat", layout)).unwrap_err()
    };
    assert_eq!(layout(-1, 1, &[0]), CreateTopicError::ManualWithReplicas);
    assert_eq!(layout(1, -1, &[0]), CreateTopicError::ManualWithPartitions);
    assert_eq!(layout(-1, -1, &[0, 0]), CreateTopicError::RepeatedPartition(0));
    assert_eq!(layout(-1, -1, &[0, 2]), CreateTopicError::Gap);
}

#[test]
fn the_same_name_twice_in_a_request_is_refused_once_and_others_are_created() {
    let cluster = Cluster::serving([1]);
    let request = ["a", "b", "a"].map(|name| topic(name, counts(1, 1)));
    let decision = create_topics(cluster.image(), &CLEAN, &request, false).unwrap();
    let outcomes: Vec<_> =
        decision.answer.iter().map(|topic| (topic.name.as_str(), topic.outcome.is_ok())).collect();
    assert_eq!(outcomes, [("a", false), ("b", true)]);
    assert_eq!(decision.records.len(), 2);
}

#[test]
fn two_names_of_one_request_can_collide() {
    let cluster = Cluster::serving([1]);
    let request = ["a.b", "a_b", "ab"].map(|name| topic(name, counts(1, 1)));
    let decision = create_topics(cluster.image(), &CLEAN, &request, false).unwrap();
    let created = |position: usize| decision.answer[position].outcome.is_ok();
    assert_eq!((created(0), created(1), created(2)), (true, false, true));
}

#[test]
fn a_request_is_only_validated_when_that_is_asked_for() {
    let cluster = Cluster::serving([1]);
    let request = [topic("chat", counts(3, 1))];
    let decision = create_topics(cluster.image(), &CLEAN, &request, true).unwrap();
    assert!(decision.records.is_empty());
    assert_eq!(decision.answer[0].outcome.as_ref().unwrap().partitions, 3);
}

#[test]
fn an_absurd_number_of_partitions_is_refused_before_it_is_laid_out() {
    let cluster = Cluster::serving([1]);
    let request = [topic("chat", counts(i32::MAX, 1))];
    assert_eq!(create_topics(cluster.image(), &CLEAN, &request, false), Err(TooManyRecords));
    let fits = [topic("chat", counts(9_999, 1))];
    let decision = create_topics(cluster.image(), &CLEAN, &fits, false).unwrap();
    assert_eq!(decision.records.len(), RECORDS_MAX);
}

#[test]
fn a_topics_configuration_is_written_before_its_partitions() {
    let mut cluster = Cluster::serving([1]);
    let mut with = |key: &str, value: Option<&str>| {
        let configs = vec![(key.to_owned(), value.map(str::to_owned))];
        cluster.create(CreateTopic { configs, ..topic("chat", counts(1, 1)) })
    };
    let error = with("retention.ms", None).unwrap_err();
    assert_eq!(error.to_string(), "Null value not supported for topic configs: retention.ms");
    let error = with("retention.ms", Some("soon")).unwrap_err();
    assert_eq!(error, CreateTopicError::Config("retention.ms cannot be soon".into()));
    with("retention.ms", Some("5")).unwrap();
    let resource = ConfigResource::topic("chat");
    assert_eq!(cluster.image().configs.value(&resource, "retention.ms"), Some("5"));
}

#[test]
fn a_value_that_fits_no_record_is_refused() {
    let mut cluster = Cluster::serving([1]);
    let mut with = |size| {
        let configs = vec![("cleanup.policy".to_owned(), Some("x".repeat(size)))];
        cluster.create(CreateTopic { configs, ..topic("chat", counts(1, 1)) })
    };
    let error = with(32_768).unwrap_err().to_string();
    assert_eq!(error, "A configuration of 32768 bytes exceeds the limit of 32767.");
    assert!(with(32_767).is_ok());
    assert!(cluster.image().to_records().iter().all(|record| record.encode().is_ok()));
}

#[test]
fn a_request_with_megabytes_of_configuration_is_refused() {
    let cluster = Cluster::serving([1]);
    let large = |number| CreateTopic {
        configs: vec![("cleanup.policy".to_owned(), Some("x".repeat(32_000)))],
        ..topic(&format!("topic-{number}"), counts(1, 1))
    };
    let request: Vec<_> = (0..200).map(large).collect();
    assert!(create_topics(cluster.image(), &CLEAN, &request[..100], false).is_ok());
    assert_eq!(create_topics(cluster.image(), &CLEAN, &request, false), Err(TooManyRecords));
}

#[test]
fn topics_are_deleted_by_name_and_by_id() {
    let mut cluster = Cluster::serving([1]);
    cluster.create(topic("chat", counts(1, 1))).unwrap();
    let news = cluster.create(topic("news", counts(1, 1))).unwrap();
    let request = [
        TopicRef::Name("chat".into()),
        TopicRef::Id(news.id),
        TopicRef::Name("gone".into()),
        TopicRef::Id(TopicId(Uuid::from_u128(1))),
    ];
    let decision = delete_topics(cluster.image(), &request).unwrap();
    let outcomes: Vec<_> =
        cluster.write(decision).into_iter().map(|result| result.outcome.err()).collect();
    let (name, id) = (DeleteTopicError::UnknownName, DeleteTopicError::UnknownId);
    assert_eq!(outcomes, [None, None, Some(name), Some(id)]);
    assert!(cluster.image().topics.is_empty());
}

#[test]
fn a_topic_that_is_to_be_deleted_twice_stays() {
    let mut cluster = Cluster::serving([1]);
    let chat = TopicRef::Id(cluster.create(topic("chat", counts(1, 1))).unwrap().id);
    cluster.create(topic("news", counts(1, 1))).unwrap();
    let named = |name: &str| TopicRef::Name(name.into());
    let refusals = |request: &[TopicRef]| -> Vec<String> {
        let decision = delete_topics(cluster.image(), request).unwrap();
        assert_eq!(decision.records, []);
        let answers = decision.answer.into_iter();
        answers.map(|result| result.outcome.unwrap_err().to_string()).collect()
    };
    assert_eq!(refusals(&[named("news"), named("news")]), ["Duplicate topic name."]);
    assert_eq!(refusals(&[chat.clone(), chat.clone()]), ["Duplicate topic id."]);
    let twice = "The provided topic name maps to an ID that was already supplied.";
    assert_eq!(refusals(&[named("chat"), chat]), [twice, twice]);
}

#[test]
fn a_topic_grows_where_its_partitions_are_fewest() {
    let mut cluster = Cluster::serving([1, 2, 3]);
    cluster.create(topic("chat", manual(&[&[1], &[1]]))).unwrap();
    let growth = [growth("chat", 4, None)];
    let decision = create_partitions(cluster.image(), &growth, false).unwrap();
    assert_eq!(cluster.write(decision)[0].outcome, Ok(()));
    let topic = cluster.image().topics.named("chat").unwrap();
    let mut new: Vec<_> =
        [2, 3].map(|index| topic.partition(PartitionIndex(index)).unwrap().replicas.clone()).into();
    new.sort();
    assert_eq!(new, [ids(&[2]), ids(&[3])]);
}

#[test]
fn a_topic_that_is_to_grow_twice_is_refused_once_and_stays() {
    let mut cluster = Cluster::serving([1, 2]);
    cluster.create(topic("chat", counts(2, 1))).unwrap();
    let twice = [growth("chat", 3, None), growth("chat", 4, None)];
    let decision = create_partitions(cluster.image(), &twice, false).unwrap();
    assert!(decision.records.is_empty());
    let outcomes: Vec<_> = decision.answer.into_iter().map(|result| result.outcome).collect();
    assert_eq!(outcomes, [Err(AddPartitionsError::Repeated)]);
}

#[test]
fn a_topic_only_grows() {
    let mut cluster = Cluster::serving([1, 2]);
    cluster.create(topic("chat", counts(2, 1))).unwrap();
    let error = |growth| {
        let decision = create_partitions(cluster.image(), &[growth], false).unwrap();
        assert!(decision.records.is_empty());
        decision.answer[0].outcome.clone().unwrap_err().to_string()
    };
    assert_eq!(error(growth("chat", 2, None)), "Topic already has 2 partition(s).");
    let shrinks = "The topic chat currently has 2 partition(s); 1 would not be an increase.";
    assert_eq!(error(growth("chat", 1, None)), shrinks);
    let unknown = "This server does not host this topic-partition.";
    assert_eq!(error(growth("gone", 3, None)), unknown);
    let assignments = Some(vec![ids(&[1]), ids(&[2])]);
    let expected =
        "Attempted to add 1 additional partition(s), but only 2 assignment(s) were specified.";
    assert_eq!(error(growth("chat", 3, assignments)), expected);
    let grown = create_partitions(cluster.image(), &[growth("chat", i32::MAX, None)], false);
    assert_eq!(grown, Err(TooManyRecords));
}

#[test]
fn producer_ids_come_in_blocks_that_never_overlap() {
    let mut cluster = Cluster::serving([1]);
    let epoch = cluster.epoch(1);
    for first in [0, 1000, 2000] {
        let decision = allocate_producer_ids(cluster.image(), BrokerId(1), epoch).unwrap();
        assert_eq!(cluster.write(decision).first, ProducerId(first));
    }
    let stale = allocate_producer_ids(cluster.image(), BrokerId(1), BrokerEpoch(epoch.0 - 1));
    assert!(matches!(stale, Err(AllocateError::Broker(BrokerEpochError::Stale { .. }))));
}

#[test]
fn a_topic_record_comes_before_those_that_need_it() {
    let cluster = Cluster::serving([1]);
    let request = [topic("chat", counts(2, 1))];
    let decision = create_topics(cluster.image(), &CLEAN, &request, false).unwrap();
    let types: Vec<_> = decision.records.iter().map(MetadataRecord::type_name).collect();
    assert_eq!(types, ["TopicRecord", "PartitionRecord", "PartitionRecord"]);
}

fn growth(topic: &str, count: i32, assignments: Option<Vec<Vec<BrokerId>>>) -> AddPartitions {
    AddPartitions { topic: topic.into(), count, assignments, seed: 3 }
}
