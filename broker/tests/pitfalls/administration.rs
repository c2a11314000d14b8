//! Pitfalls 33 and 34: topics are created, described and deleted. What concerns their configuration
//! stands with the tests of configuration.

use protocol::{
    ErrorCode,
    messages::{
        CreateTopicsRequest, DeleteTopicsRequest, DescribeTopicPartitionsRequest, MetadataRequest,
        create_topics::CreatableTopic,
        delete_topics::DeleteTopicState,
        describe_topic_partitions::{Cursor, TopicRequest},
    },
};
use types::Uuid;

use crate::{code, data, produced, support::*, topic};

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_minus_one_is_the_brokers_default_and_the_answer_says_which() {
    let running = start_with("num.partitions=3\n").await;
    let mut peer = running.connect().await;
    for version in 4..=7 {
        let wanted = CreatableTopic {
            num_partitions: -1,
            replication_factor: -1,
            ..topic(&format!("made-{version}"), &[])
        };
        let request = CreateTopicsRequest { topics: vec![wanted], ..Default::default() };
        let answer = peer.ask(&request, version).await;
        let made = &answer.topics[0];
        assert_eq!(made.error_code, 0);
        let told = if version >= 5 { (3, 1) } else { (-1, -1) };
        assert_eq!((made.num_partitions, made.replication_factor), told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_names_that_cannot_be_are_refused_each_with_its_reason() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("my.topic", 1).await;
    let long = "x".repeat(250);
    let (invalid, request) = (ErrorCode::InvalidTopicException, ErrorCode::InvalidRequest);
    let cases = [
        ("my_topic", invalid, "collides with existing topic"),
        ("my.topic", ErrorCode::TopicAlreadyExists, "already exists"),
        ("no/topic", invalid, "invalid"),
        ("..", invalid, "invalid"),
        ("", invalid, "invalid"),
        (&long, invalid, "invalid"),
        ("__cluster_metadata", request, "prohibited"),
    ];
    for (name, error, reason) in cases {
        let request = CreateTopicsRequest { topics: vec![topic(name, &[])], ..Default::default() };
        let answer = peer.ask(&request, 7).await;
        assert_eq!(answer.topics[0].error_code, code(error), "{name}");
        let message = answer.topics[0].error_message.as_deref().unwrap();
        assert!(message.contains(reason), "{name}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_a_topic_that_is_named_twice_is_refused_once() {
    let running = start().await;
    let mut peer = running.connect().await;
    let topics = vec![topic("twice", &[]), topic("once", &[]), topic("twice", &[])];
    let request = CreateTopicsRequest { topics, ..Default::default() };
    let answer = peer.ask(&request, 7).await;
    let told: Vec<_> = answer.topics.iter().map(|topic| (&*topic.name, topic.error_code)).collect();
    assert_eq!(told, [("twice", code(ErrorCode::InvalidRequest)), ("once", 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_what_is_only_validated_is_answered_and_not_made() {
    let running = start_with("auto.create.topics.enable=false\n").await;
    let mut peer = running.connect().await;
    let request = CreateTopicsRequest {
        topics: vec![topic("chat", &[])],
        validate_only: true,
        ..Default::default()
    };
    let answer = peer.ask(&request, 7).await;
    assert_eq!((answer.topics[0].error_code, answer.topics[0].num_partitions), (0, 1));
    let all = MetadataRequest { topics: None, ..Default::default() };
    assert!(peer.ask(&all, 12).await.topics.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_clients_do_not_write_to_kafkas_own_topics() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("__consumer_offsets", 1).await;
    let request = produce("__consumer_offsets", id, 0, 1, batch(&["forged"]));
    let answer = produced(&mut peer, &request).await;
    assert_eq!(answer.error_code, code(ErrorCode::InvalidTopicException));
    let all = MetadataRequest { topics: None, ..Default::default() };
    assert!(peer.ask(&all, 12).await.topics[0].is_internal);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_34_topics_are_described_a_page_at_a_time() {
    let running = start_with("max.request.partition.size.limit=3\n").await;
    let mut peer = running.connect().await;
    for (name, partitions) in [("b", 4), ("a", 2), ("c", 1)] {
        peer.create(name, partitions).await;
    }
    let mut request = DescribeTopicPartitionsRequest::default();
    let mut pages = Vec::new();
    loop {
        let answer = peer.ask(&request, 0).await;
        let of = |topic: &protocol::messages::describe_topic_partitions::
            DescribeTopicPartitionsResponseTopic| {
            let partitions = topic.partitions.iter().map(|one| one.partition_index);
            (topic.name.as_ref().unwrap().to_string(), partitions.collect::<Vec<_>>())
        };
        pages.push(answer.topics.iter().map(of).collect::<Vec<_>>());
        let Some(next) = answer.next_cursor else { break };
        request.cursor = Some(next);
    }
    let page = |topics: &[(&str, &[i32])]| -> Vec<(String, Vec<i32>)> {
        topics.iter().map(|(name, all)| ((*name).to_owned(), all.to_vec())).collect()
    };
    let expected =
        [page(&[("a", &[0, 1]), ("b", &[0])]), page(&[("b", &[1, 2, 3])]), page(&[("c", &[0])])];
    assert_eq!(pages, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_34_a_page_of_some_topics_has_at_least_one_partition_and_only_those() {
    let running = start().await;
    let mut peer = running.connect().await;
    for name in ["a", "b", "c"] {
        peer.create(name, 2).await;
    }
    let topics = ["c", "a"].map(|name| TopicRequest { name: name.into() }).to_vec();
    let mut request = DescribeTopicPartitionsRequest {
        topics,
        response_partition_limit: 0,
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let answer = peer.ask(&request, 0).await;
        let topic = &answer.topics[0];
        assert_eq!((answer.topics.len(), topic.partitions.len()), (1, 1));
        seen.push((topic.name.clone().unwrap(), topic.partitions[0].partition_index));
        let Some(next) = answer.next_cursor else { break };
        request.cursor = Some(next);
    }
    let expected = [("a", 0), ("a", 1), ("c", 0), ("c", 1)];
    assert_eq!(seen, expected.map(|(name, index)| (name.into(), index)));
    request.cursor = Some(Cursor { topic_name: "a".into(), partition_index: -1 });
    let answer = peer.ask(&request, 0).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::InvalidRequest));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_34_topics_are_deleted_by_id_and_come_again_as_others() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    produced(&mut peer, &produce("chat", id, 0, 1, batch(&["old"]))).await;
    let by_id = |id| DeleteTopicsRequest {
        topics: vec![DeleteTopicState { name: None, topic_id: id }],
        ..Default::default()
    };
    let answer = peer.ask(&by_id(id), 6).await;
    assert_eq!(answer.responses[0].error_code, 0);
    assert_eq!(answer.responses[0].name.as_deref(), Some("chat"));

    let again = peer.create("chat", 1).await;
    assert_ne!(again, id);
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(data(&answer).error_code, code(ErrorCode::UnknownTopicId), "who knew the old one");
    let stale = produced(&mut peer, &produce("chat", id, 0, 1, batch(&["late"]))).await;
    assert_eq!(stale.error_code, code(ErrorCode::UnknownTopicId));
    let answer = peer.ask(&fetch("chat", again, 0, 0, 0), 16).await;
    assert_eq!(values(&answer), Vec::<String>::new());
    let answer = peer.ask(&by_id(id), 6).await;
    assert_eq!(answer.responses[0].error_code, code(ErrorCode::UnknownTopicId));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_34_a_topic_that_is_named_unclearly_does_not_spoil_the_others() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let state =
        |name: Option<&str>, topic_id| DeleteTopicState { name: name.map(Into::into), topic_id };
    let request = DeleteTopicsRequest {
        topics: vec![
            state(Some("chat"), id),
            state(None, Uuid::ZERO),
            state(Some("gone"), Uuid::ZERO),
            state(None, id),
        ],
        ..Default::default()
    };
    let answer = peer.ask(&request, 6).await;
    let told: Vec<i16> = answer.responses.iter().map(|topic| topic.error_code).collect();
    let invalid = code(ErrorCode::InvalidRequest);
    assert_eq!(told, [invalid, invalid, code(ErrorCode::UnknownTopicOrPartition), 0]);
}
