//! The cluster, its topics, producers, quorum and features, as clients see them described.

use std::time::Duration;

use protocol::{
    ErrorCode,
    messages::{
        DescribeClusterRequest, DescribeProducersRequest, DescribeQuorumRequest,
        DescribeTopicPartitionsRequest, FindCoordinatorRequest, OffsetForLeaderEpochRequest,
        UpdateFeaturesRequest,
        describe_producers::TopicRequest,
        describe_quorum::{RequestedPartition, RequestedTopic},
        describe_topic_partitions::{self, Cursor},
        find_coordinator::Coordinator,
        offset_for_leader_epoch::{OffsetForLeaderPartition, OffsetForLeaderTopic},
        update_features::FeatureUpdateKey,
    },
    records::{BatchBuilder, Compression},
};
use types::{ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::{api_versions, code, support::*};

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_is_described_in_every_version() {
    let running = start_with("broker.rack=r1\n").await;
    let mut peer = running.connect().await;
    for version in 0..=2 {
        let mut request = DescribeClusterRequest {
            include_fenced_brokers: version == 2,
            ..DescribeClusterRequest::default()
        };
        let answer = peer.ask(&request, version).await;
        assert_eq!((answer.error_code, &*answer.cluster_id), (0, "AAAAAAAAAAAAAAAAAAAAZw"));
        let [broker] = &answer.brokers[..] else { panic!("one broker was expected") };
        assert_eq!((answer.controller_id, broker.broker_id, broker.is_fenced), (1, 1, false));
        assert_eq!(broker.port, i32::from(running.broker.addresses()[0].port()));
        assert_eq!(broker.rack.as_deref(), Some("r1"));
        assert_eq!(answer.cluster_authorized_operations, i32::MIN);
        request.include_cluster_authorized_operations = true;
        let answer = peer.ask(&request, version).await;
        assert_eq!(answer.cluster_authorized_operations, 0x1fa0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_does_not_describe_controllers() {
    let running = start().await;
    let mut peer = running.connect().await;
    let mut request = DescribeClusterRequest { endpoint_type: 2, ..Default::default() };
    for version in 1..=2 {
        let answer = peer.ask(&request, version).await;
        assert_eq!(answer.error_code, code(ErrorCode::MismatchedEndpointType));
        assert!(answer.error_message.unwrap().ends_with("of type CONTROLLER"));
    }
    request.endpoint_type = 7;
    let answer = peer.ask(&request, 2).await;
    assert_eq!(answer.error_code, code(ErrorCode::UnsupportedEndpointType));
}

#[tokio::test(flavor = "multi_thread")]
async fn described_topics_say_what_is_wrong_with_them() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 2).await;
    let topics = ["nosuch", "chat", "no/such", "chat"].map(named).to_vec();
    let request = DescribeTopicPartitionsRequest { topics, ..Default::default() };
    let answer = peer.ask(&request, 0).await;
    let [chat, invalid, unknown] = &answer.topics[..] else { panic!("{answer:?}") };
    assert_eq!((chat.name.as_deref(), chat.topic_id, chat.error_code), (Some("chat"), id, 0));
    assert_eq!(chat.topic_authorized_operations, 0xdf8);
    assert_eq!(chat.partitions[1].leader_id, 1);
    assert_eq!(chat.partitions[1].eligible_leader_replicas, Some(Vec::new()));
    assert_eq!(invalid.error_code, code(ErrorCode::InvalidTopicException));
    assert_eq!(unknown.error_code, code(ErrorCode::UnknownTopicOrPartition));
    assert_eq!(answer.next_cursor, None);

    let cursor = Cursor { topic_name: "other".into(), partition_index: 0 };
    let request = DescribeTopicPartitionsRequest { cursor: Some(cursor), ..request };
    let answer = peer.ask(&request, 0).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::InvalidRequest));
}

fn named(name: &str) -> describe_topic_partitions::TopicRequest {
    describe_topic_partitions::TopicRequest { name: name.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_producers_of_a_partition_are_described() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 2).await;
    let builder = BatchBuilder::new(Compression::NONE);
    let mut builder = builder.producer(ProducerId(77), ProducerEpoch(3), Sequence(0));
    builder.push(Timestamp(1000), None, Some(b"a"), &[]);
    builder.push(Timestamp(2000), None, Some(b"b"), &[]);
    let answer = peer.ask(&produce("chat", id, 0, 1, builder.build()), 13).await;
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);

    let chat = TopicRequest { name: "chat".into(), partition_indexes: vec![0, 1, 2] };
    let invalid = TopicRequest { name: "no/such".into(), partition_indexes: vec![0] };
    let request = DescribeProducersRequest { topics: vec![chat, invalid] };
    let answer = peer.ask(&request, 0).await;
    let [written, empty, unknown] = &answer.topics[0].partitions[..] else { panic!("{answer:?}") };
    let [producer] = &written.active_producers[..] else { panic!("{written:?}") };
    assert_eq!((producer.producer_id, producer.producer_epoch), (77, 3));
    assert_eq!((producer.last_sequence, producer.coordinator_epoch), (1, -1));
    assert_eq!(producer.current_txn_start_offset, -1);
    assert!(producer.last_timestamp >= 2000);
    assert_eq!((empty.error_code, &empty.active_producers[..]), (0, &[][..]));
    assert_eq!(unknown.error_code, code(ErrorCode::UnknownTopicOrPartition));
    let invalid = &answer.topics[1].partitions[0];
    assert_eq!(invalid.error_code, code(ErrorCode::InvalidTopicException));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quorum_is_described_in_every_version() {
    let running = start().await;
    let mut peer = running.connect().await;
    let asked = |topic: &str| DescribeQuorumRequest {
        topics: vec![RequestedTopic {
            topic_name: topic.into(),
            partitions: vec![RequestedPartition { partition_index: 0 }],
        }],
    };
    for version in 0..=2 {
        let answer = peer.ask(&asked("__cluster_metadata"), version).await;
        assert_eq!(answer.error_code, 0);
        let quorum = &answer.topics[0].partitions[0];
        assert_eq!((quorum.error_code, quorum.leader_id), (0, 1));
        assert!(quorum.leader_epoch > 0 && quorum.high_watermark > 0);
        let [voter] = &quorum.current_voters[..] else { panic!("{quorum:?}") };
        assert_eq!((voter.replica_id, voter.log_end_offset), (1, quorum.high_watermark));
        assert_eq!(voter.last_fetch_timestamp > 0, version >= 1);
        assert_eq!(voter.replica_directory_id.is_zero(), version < 2);
        assert!(quorum.observers.is_empty());
        if version == 2 {
            let listener = &answer.nodes[0].listeners[0];
            assert_eq!((&*listener.name, listener.port), ("CONTROLLER", 29099));
        }
        let answer = peer.ask(&asked("chat"), version).await;
        let unknown = answer.topics[0].partitions[0].error_code;
        assert_eq!(unknown, code(ErrorCode::UnknownTopicOrPartition));
    }
}

fn update(feature: &str, level: i16) -> UpdateFeaturesRequest {
    let update = FeatureUpdateKey {
        feature: feature.into(),
        max_version_level: level,
        ..FeatureUpdateKey::default()
    };
    UpdateFeaturesRequest { feature_updates: vec![update], ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_keeps_the_level_in_force_and_gets_no_other() {
    let running = start().await;
    let mut peer = running.connect().await;
    for version in 0..=2 {
        for (feature, level) in [("metadata.version", 30), ("kraft.version", 1)] {
            let answer = peer.ask(&update(feature, level), version).await;
            assert_eq!((answer.error_code, answer.error_message), (0, None));
            assert_eq!(answer.results.len(), usize::from(version < 2));
        }
        let answer = peer.ask(&update("transaction.version", 2), version).await;
        assert_eq!(answer.error_code, code(ErrorCode::InvalidUpdateVersion));
        let message = answer.error_message.unwrap();
        assert!(message.ends_with("Local controller 1 does not support this feature."));
        assert!(answer.results.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_finalised_level_is_a_supported_one() {
    let running = start().await;
    let answer = running.connect().await.ask(&api_versions(), 4).await;
    let levels: Vec<(&str, i16)> = answer
        .finalized_features
        .iter()
        .map(|feature| (&*feature.name, feature.max_version_level))
        .collect();
    assert_eq!(levels, [("metadata.version", 30), ("kraft.version", 1)]);
    for (name, level) in levels {
        let mut supported = answer.supported_features.iter();
        let supported = supported.find(|feature| feature.name == name).unwrap();
        assert!((supported.min_version..=supported.max_version).contains(&level));
    }
    assert!(answer.finalized_features_epoch > 0, "it is an offset of the metadata log");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_transactional_id_is_told_at_once_that_there_is_no_coordinator() {
    let running = start().await;
    let mut peer = running.connect().await;
    let error = ErrorCode::ClusterAuthorizationFailed;
    assert!(!error.is_retriable());
    for version in 1..=6 {
        for answer in find_coordinators(&mut peer, 1, version).await {
            assert_eq!((answer.error_code, answer.node_id), (code(error), -1));
            assert!(answer.error_message.unwrap().contains("no transactions yet"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_a_group_is_sent_to_the_leader_of_its_partition_once_there_is_one() {
    let running = start().await;
    let mut peer = running.connect().await;
    let first = find_coordinators(&mut peer, 0, 0).await;
    assert_eq!(first[0].error_code, code(ErrorCode::CoordinatorNotAvailable));
    assert_eq!(first[0].node_id, -1);
    // Asking has the topic created that groups are kept in.
    while find_coordinators(&mut peer, 0, 0).await[0].error_code != 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for version in 0..=6 {
        for answer in find_coordinators(&mut peer, 0, version).await {
            assert_eq!((answer.error_code, answer.node_id), (code(ErrorCode::None), 1));
            assert_eq!((&*answer.host, answer.port > 0), ("127.0.0.1", true));
        }
    }
}

/// Asks for two coordinators where a version can, else for one.
async fn find_coordinators(peer: &mut Peer, key_type: i8, version: i16) -> Vec<Coordinator> {
    let keys = || vec!["k".into(), "l".into()];
    let request = match version {
        0..=3 => FindCoordinatorRequest { key: "k".into(), key_type, ..Default::default() },
        _ => FindCoordinatorRequest { coordinator_keys: keys(), key_type, ..Default::default() },
    };
    let answer = peer.ask(&request, version).await;
    if version > 3 {
        let told = answer.coordinators.iter().map(|one| one.key.clone());
        assert_eq!(told.collect::<Vec<_>>(), keys());
        return answer.coordinators;
    }
    vec![Coordinator {
        key: "k".into(),
        node_id: answer.node_id,
        host: answer.host,
        port: answer.port,
        error_code: answer.error_code,
        error_message: answer.error_message,
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_epoch_is_told_in_every_version() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["a", "b"])), 13).await;
    let unknown = code(ErrorCode::UnknownTopicOrPartition);
    // Partition, the epoch believed in, the epoch asked for; the error, the epoch and its end.
    let cases = [
        (0, 0, 0, (0, 0, 2)),
        (0, -1, 0, (0, 0, 2)),
        (0, -1, 7, (0, -1, -1)),
        (0, -1, -1, (0, -1, -1)),
        (0, 1, 0, (code(ErrorCode::UnknownLeaderEpoch), -1, -1)),
        (9, -1, 0, (unknown, -1, -1)),
    ];
    for version in 2..=4 {
        for (partition, current_leader_epoch, leader_epoch, expected) in cases {
            let partition =
                OffsetForLeaderPartition { partition, current_leader_epoch, leader_epoch };
            let topic = OffsetForLeaderTopic { topic: "chat".into(), partitions: vec![partition] };
            let request = OffsetForLeaderEpochRequest { topics: vec![topic], replica_id: -1 };
            let answer = peer.ask(&request, version).await;
            let end = &answer.topics[0].partitions[0];
            assert_eq!((end.error_code, end.leader_epoch, end.end_offset), expected);
        }
    }
}
