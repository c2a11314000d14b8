//! The APIs as clients see them, on the wire of a real broker.

#[path = "api/configuration.rs"]
mod configuration;
#[path = "api/description.rs"]
mod description;
#[path = "api/metrics.rs"]
mod metrics;
mod support;

use protocol::{
    ApiKey, ErrorCode,
    messages::{
        ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest,
        DeleteTopicsRequest, DescribeLogDirsRequest, InitProducerIdRequest, ProduceRequest,
        create_partitions::CreatePartitionsTopic,
        create_topics::CreatableTopic,
        delete_records::{DeleteRecordsPartition, DeleteRecordsTopic},
        delete_topics::DeleteTopicState,
        describe_log_dirs::DescribableLogDirTopic,
    },
};
use support::*;
use types::Uuid;

fn api_versions() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: "test".into(),
        client_software_version: "1.0".into(),
    }
}

fn code(error: ErrorCode) -> i16 {
    error as i16
}

#[tokio::test(flavor = "multi_thread")]
async fn api_versions_name_the_served_apis_in_every_version() {
    let running = start().await;
    let mut peer = running.connect().await;
    for version in 0..=4 {
        let answer = peer.ask(&api_versions(), version).await;
        assert_eq!(answer.error_code, 0);
        let keys: Vec<i16> = answer.api_keys.iter().map(|api| api.api_key).collect();
        let expected = [
            0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 33, 35, 37,
            42, 44, 47, 55, 57, 60, 61, 74, 75,
        ];
        assert_eq!(keys, expected);
        assert_eq!(answer.api_keys[0].min_version, 0);
        if version >= 3 {
            let metadata = &answer.finalized_features;
            assert!(metadata.iter().any(|feature| feature.name == "metadata.version"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_or_not_a_request_ends_its_connection_only() {
    let running = start().await;
    let mut honest = running.connect().await;
    let garbage: Vec<Vec<u8>> = vec![
        header(ApiKey::EndTxn, 0),
        header(ApiKey::JoinGroup, 10),
        header(ApiKey::Metadata, 14),
        header(ApiKey::Metadata, -1),
        header(ApiKey::ApiVersions, 3),
        b"\x7f\xff\0\0\0\0\0\0\xff\xff".to_vec(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        Vec::new(),
        [header(ApiKey::Produce, 3), vec![0xff, 0xff, 0, 1, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]]
            .concat(),
        [header(ApiKey::Fetch, 4), vec![0xff; 40]].concat(),
    ];
    for frame in garbage {
        let mut hostile = running.connect().await;
        let mut whole = u32::try_from(frame.len()).unwrap().to_be_bytes().to_vec();
        whole.extend(&frame);
        hostile.send_bytes(&whole).await;
        assert!(hostile.is_closed().await, "{frame:?}");
    }
    assert_eq!(honest.ask(&api_versions(), 4).await.error_code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_come_back_through_every_version_of_produce_and_fetch() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let mut offset = 0;
    for version in 3..=13 {
        let records = batch(&["one", "two"]);
        let answer = peer.ask(&produce("chat", id, 0, -1, records), version).await;
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!((partition.error_code, partition.base_offset), (0, offset), "{version}");
        offset += 2;
    }
    for version in 4..=18 {
        let answer = peer.ask(&fetch("chat", id, 0, offset - 1, 100), version).await;
        assert_eq!(answer.error_code, 0);
        assert_eq!(values(&answer), ["one", "two"], "whole batches in version {version}");
        assert_eq!(answer.responses[0].partitions[0].high_watermark, offset);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn produce_errors_say_what_is_wrong() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let mut told = async |request: &ProduceRequest, version| {
        let answer = peer.ask(request, version).await;
        answer.responses[0].partition_responses[0].error_code
    };
    let good = batch(&["x"]);
    let other = Uuid::from_u128(77);
    let unknown = told(&produce("", other, 0, 1, good.clone()), 13).await;
    assert_eq!(unknown, code(ErrorCode::UnknownTopicId));
    let unknown = told(&produce("nosuch", other, 0, 1, good.clone()), 12).await;
    assert_eq!(unknown, code(ErrorCode::UnknownTopicOrPartition));
    let unknown = told(&produce("no/such", other, 0, 1, good.clone()), 12).await;
    assert_eq!(unknown, code(ErrorCode::UnknownTopicOrPartition));
    let acks = told(&produce("chat", id, 0, 2, good.clone()), 13).await;
    assert_eq!(acks, code(ErrorCode::InvalidRequiredAcks));
    let acks = told(&produce("nosuch", other, 0, 2, good.clone()), 12).await;
    assert_eq!(acks, code(ErrorCode::UnknownTopicOrPartition), "the topic is looked for first");
    let mut format = good.to_vec();
    format[16] = 3;
    let format = told(&produce("chat", id, 0, 1, format.into()), 13).await;
    assert_eq!(format, code(ErrorCode::CorruptMessage), "there never was a format 3");
    let mut damaged = good.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = told(&produce("chat", id, 0, 1, damaged.into()), 13).await;
    assert_eq!(damaged, code(ErrorCode::CorruptMessage));
    let nothing = told(&produce("chat", id, 0, 1, Default::default()), 13).await;
    assert_eq!(nothing, code(ErrorCode::InvalidRecord));
    let mut transactional = produce("chat", id, 0, 1, good);
    transactional.transactional_id = Some("t".into());
    let transactional = told(&transactional, 13).await;
    assert_eq!(transactional, code(ErrorCode::TransactionalIdAuthorizationFailed));
}

/// What librdkafka 2.12 to 2.16 sends for all topics: an array's length of four bytes where one is
/// meant, so that three bytes are left when the request has been read.
#[tokio::test(flavor = "multi_thread")]
async fn metadata_for_all_topics_as_librdkafka_asks_are_answered() {
    let running = start().await;
    let mut peer = running.connect().await;
    let header = b"\0\0\0\x19\0\x03\0\x0d\0\0\0\x03\0\x07rdkafka\0";
    peer.send_bytes(&[&header[..], b"\0\0\0\0\x01\0\0"].concat()).await;
    let answer = peer.receive_bytes().await.unwrap();
    assert_eq!(answer[..4], [0, 0, 0, 3], "the correlation id comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn producers_get_ids_of_their_own_but_no_transactions() {
    let running = start().await;
    let mut peer = running.connect().await;
    let request = InitProducerIdRequest { transactional_id: None, ..Default::default() };
    for version in 1..=4 {
        assert_eq!(peer.ask(&request, version).await.error_code, 0);
    }
    let first = peer.ask(&request, 5).await;
    let second = peer.ask(&request, 0).await;
    assert_eq!((first.error_code, second.error_code), (0, 0));
    assert_ne!(first.producer_id, second.producer_id);
    let transactional =
        InitProducerIdRequest { transactional_id: Some("t".into()), ..Default::default() };
    let refused = peer.ask(&transactional, 5).await;
    assert_eq!(refused.error_code, code(ErrorCode::TransactionalIdAuthorizationFailed));
    let half = InitProducerIdRequest { producer_id: 7, ..request.clone() };
    let unnamed = InitProducerIdRequest { transactional_id: Some("".into()), ..request };
    for wrong in [half, unnamed] {
        assert_eq!(peer.ask(&wrong, 5).await.error_code, code(ErrorCode::InvalidRequest));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_created_grown_and_deleted() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let again = CreatableTopic {
        name: "chat".into(),
        num_partitions: 1,
        replication_factor: 1,
        ..Default::default()
    };
    let several = CreatableTopic { name: "two".into(), replication_factor: 2, ..again.clone() };
    let request = CreateTopicsRequest { topics: vec![again, several], ..Default::default() };
    let answer = peer.ask(&request, 7).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::TopicAlreadyExists));
    assert_eq!(answer.topics[1].error_code, code(ErrorCode::InvalidReplicationFactor));

    let grow = CreatePartitionsTopic { name: "chat".into(), count: 3, assignments: None };
    let request = CreatePartitionsRequest { topics: vec![grow], ..Default::default() };
    assert_eq!(peer.ask(&request, 3).await.results[0].error_code, 0);
    let refused = peer.ask(&request, 3).await;
    assert_eq!(refused.results[0].error_code, code(ErrorCode::InvalidPartitions));
    let answer = peer.ask(&produce("chat", id, 2, 1, batch(&["x"])), 13).await;
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);

    let topics = vec![DeleteTopicState { name: None, topic_id: id }];
    let request = DeleteTopicsRequest { topics, ..Default::default() };
    let answer = peer.ask(&request, 6).await;
    assert_eq!(answer.responses[0].error_code, 0);
    assert_eq!(answer.responses[0].name.as_deref(), Some("chat"));
    let answer = peer.ask(&request, 6).await;
    assert_eq!(answer.responses[0].error_code, code(ErrorCode::UnknownTopicId));
    assert_ne!(peer.create("chat", 1).await, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_what_the_controller_decides_has_its_answers() {
    let running = start().await;
    let mut peer = running.connect().await;
    for version in 2..=7 {
        let topic = |name: String| CreatableTopic {
            name: name.into(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        };
        let topics = vec![topic(format!("made-{version}")), topic("bad/name".to_owned())];
        let answer = peer.ask(&CreateTopicsRequest { topics, ..Default::default() }, version).await;
        assert_eq!(answer.topics[0].error_code, 0);
        assert_eq!(answer.topics[1].error_code, code(ErrorCode::InvalidTopicException));
        if version >= 5 {
            let configs = answer.topics[0].configs.as_ref().unwrap();
            assert!(configs.iter().any(|config| config.name == "retention.ms"));
        }
    }
    for version in 0..=3 {
        let grown = |name: &str| CreatePartitionsTopic {
            name: name.into(),
            count: i32::from(version) + 2,
            assignments: None,
        };
        let topics = vec![grown("made-2"), grown("nosuch")];
        let request = CreatePartitionsRequest { topics, ..Default::default() };
        let answer = peer.ask(&request, version).await;
        assert_eq!(answer.results[0].error_code, 0);
        assert_eq!(answer.results[1].error_code, code(ErrorCode::UnknownTopicOrPartition));
    }
    for version in 1..=6 {
        let names = [format!("made-{}", version + 1), "nosuch".to_owned()];
        let state = |name: &String| DeleteTopicState {
            name: Some(name.as_str().into()),
            topic_id: Uuid::ZERO,
        };
        let request = DeleteTopicsRequest {
            topics: if version == 6 { names.iter().map(state).collect() } else { Vec::new() },
            topic_names: names.iter().map(|name| name.as_str().into()).collect(),
            ..Default::default()
        };
        let answer = peer.ask(&request, version).await;
        assert_eq!(answer.responses[0].error_code, 0, "version {version}");
        let unknown = code(ErrorCode::UnknownTopicOrPartition);
        assert_eq!(answer.responses[1].error_code, unknown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_deleted_in_every_version_and_refusals_say_why() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, -1, batch(&["a", "b", "c", "d"])), 13).await;
    for version in 0..=2 {
        let partition =
            |partition_index, offset| DeleteRecordsPartition { partition_index, offset };
        let topic = |name: &str, partitions| DeleteRecordsTopic { name: name.into(), partitions };
        let offset = i64::from(version) + 1;
        let request = DeleteRecordsRequest {
            topics: vec![
                topic("chat", vec![partition(0, 77), partition(0, offset)]),
                topic("nosuch", vec![partition(0, 0)]),
                topic("bad/name", vec![partition(0, 0)]),
            ],
            timeout_ms: 5000,
        };
        let answer = peer.ask(&request, version).await;
        let mut told = answer.topics.iter().flat_map(|topic| {
            let name = topic.name.to_string();
            topic
                .partitions
                .iter()
                .map(move |one| (name.clone(), one.low_watermark, one.error_code))
        });
        let unknown = code(ErrorCode::UnknownTopicOrPartition);
        assert_eq!(told.next(), Some(("bad/name".to_owned(), -1, unknown)));
        // Of a partition named twice the last one counts.
        assert_eq!(told.next(), Some(("chat".to_owned(), offset, 0)));
        assert_eq!(told.next(), Some(("nosuch".to_owned(), -1, unknown)));
        assert_eq!(told.next(), None);
    }
    let answer = peer.ask(&fetch("chat", id, 0, 2, 0), 16).await;
    let refused = &answer.responses[0].partitions[0];
    assert_eq!(refused.error_code, code(ErrorCode::OffsetOutOfRange));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_is_described_with_its_room_and_what_partitions_take_of_it() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 2).await;
    peer.ask(&produce("chat", id, 1, -1, batch(&["a"])), 13).await;
    let wanted =
        |topic: &str, partitions| DescribableLogDirTopic { topic: topic.into(), partitions };
    for version in 1..=5 {
        let all = peer.ask(&DescribeLogDirsRequest { topics: None }, version).await;
        let folder = &all.results[0];
        assert_eq!((folder.error_code, folder.is_cordoned), (0, false));
        assert_eq!(folder.log_dir, running.folder.path().to_str().unwrap());
        let sizes: Vec<_> = folder.topics[0].partitions.iter().collect();
        assert_eq!((folder.topics[0].name.as_ref(), sizes.len()), ("chat", 2));
        let log = running.folder.path().join("chat-1/00000000000000000000.log");
        let size = i64::try_from(std::fs::metadata(log).unwrap().len()).unwrap();
        assert_eq!((sizes[0].partition_size, sizes[1].partition_size), (0, size));
        assert_eq!((sizes[1].offset_lag, sizes[1].is_future_key), (0, false));
        let has_room = folder.total_bytes > 0 && folder.usable_bytes >= 0;
        assert_eq!(has_room, version >= 4, "{folder:?}");

        let topics = Some(vec![wanted("chat", vec![1, 7]), wanted("nosuch", vec![0])]);
        let some = peer.ask(&DescribeLogDirsRequest { topics }, version).await;
        let topics = &some.results[0].topics;
        assert_eq!((topics.len(), topics[0].partitions.len()), (1, 1));
        let none = DescribeLogDirsRequest { topics: Some(Vec::new()) };
        assert!(peer.ask(&none, version).await.results[0].topics.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_led_by_nobody_known_are_refused_in_every_version() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = Uuid::from_u128(77);
    for version in 4..=18 {
        let answer = peer.ask(&fetch("nosuch", id, 0, 0, 60_000), version).await;
        let error = answer.responses[0].partitions[0].error_code;
        let unknown = if version >= 13 {
            ErrorCode::UnknownTopicId
        } else {
            ErrorCode::UnknownTopicOrPartition
        };
        assert_eq!(error, code(unknown), "version {version}");
    }
    for version in 3..=13 {
        let answer = peer.ask(&produce("nosuch", id, 0, 1, batch(&["x"])), version).await;
        assert_ne!(answer.responses[0].partition_responses[0].error_code, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_broker_has_everything_when_it_starts_again() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, -1, batch(&["kept"])), 13).await;
    // One waits for records; the stop does not wait for it.
    peer.send(&fetch("chat", id, 0, 1, 60_000), 16).await;
    tokio::time::timeout(PATIENCE, running.broker.stop()).await.unwrap().unwrap();
    assert!(peer.is_closed().await);
    assert!(running.folder.path().join(".kafka_cleanshutdown").exists());
    let broker = start_in(running.folder.path(), "").await;
    let mut peer = connect(&broker).await;
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(values(&answer), ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_show_what_was_produced() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["a", "b"])), 13).await;
    let mut broken = batch(&["c"]).to_vec();
    broken[30] ^= 1;
    peer.ask(&produce("chat", id, 0, 1, broken.into()), 13).await;
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    let size = values(&answer).len();
    assert_eq!(size, 2);
    let text = metrics::metrics(&running).await;
    for line in [
        "kafka_server_brokertopicmetrics_messagesin_total 2",
        "kafka_server_brokertopicmetrics_messagesin_total{topic=\"chat\"} 2",
        "kafka_server_brokertopicmetrics_totalproducerequests_total{topic=\"chat\"} 2",
        "kafka_server_brokertopicmetrics_failedproducerequests_total{topic=\"chat\"} 1",
        "kafka_server_brokertopicmetrics_totalfetchrequests_total{topic=\"chat\"} 1",
        "kafka_network_requestmetrics_requests_total{request=\"Produce\"} 2",
        "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"} 2",
        "kafka_server_kafkaserver_brokerstate 3",
        "kafka_cluster_partition_underminisr{topic=\"chat\",partition=\"0\"} 0",
        "kafka_controller_kafkacontroller_activecontrollercount 1",
        "kafka_log_log_logendoffset{topic=\"chat\",partition=\"0\"} 2",
        "kafka_server_replicamanager_leadercount 1",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
}
