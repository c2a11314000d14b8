//! Pitfall 30: committed offsets.

use protocol::messages::{
    DeleteGroupsRequest, ListOffsetsRequest, OffsetDeleteRequest,
    list_offsets::{ListOffsetsPartition, ListOffsetsTopic},
    offset_delete::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_an_offset_comes_back_with_its_metadata_through_every_version() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    for version in 2..=10 {
        let (offset, text) = (i64::from(version), format!("written in {version} – \u{1F600}"));
        let answer = peer.ask(&commit(GROUP, chat, offset, &text), version).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0, "version {version}");
        for version in 1..=10 {
            let found = committed(&mut peer, GROUP, chat, version).await;
            assert_eq!(found, (offset, text.clone()), "version {version}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_metadata_that_are_too_long_are_refused() {
    let running = ready(start_with(&format!("{QUICK}offset.metadata.max.bytes=4\n")).await).await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    for version in 2..=10 {
        let answer = peer.ask(&commit(GROUP, chat, 7, "12345"), version).await;
        let error = answer.topics[0].partitions[0].error_code;
        assert_eq!(error, code(ErrorCode::OffsetMetadataTooLarge));
        let answer = peer.ask(&commit(GROUP, chat, 7, "1234"), version).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_who_is_no_member_commits_for_a_group_that_has_none() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    for version in 2..=10 {
        for group in ["", "never seen", "emptied"] {
            let answer = peer.ask(&commit(group, chat, 7, ""), version).await;
            assert_eq!(answer.topics[0].partitions[0].error_code, 0, "{group:?} in {version}");
            assert_eq!(committed(&mut peer, group, chat, 5).await.0, 7);
        }
        let of_a_generation =
            OffsetCommitRequest { generation_id_or_member_epoch: 3, ..commit("new", chat, 7, "") };
        let answer = peer.ask(&of_a_generation, version).await;
        let error = answer.topics[0].partitions[0].error_code;
        let not_found =
            if version < 9 { ErrorCode::IllegalGeneration } else { ErrorCode::GroupIdNotFound };
        assert_eq!(error, code(not_found), "version {version}");
    }
    let mut member = Member::alone(&running, NEWEST).await;
    let answer = peer.ask(&commit(GROUP, chat, 9, ""), 9).await;
    let error = answer.topics[0].partitions[0].error_code;
    assert_eq!(error, code(ErrorCode::UnknownMemberId), "it has members");
    assert_eq!(member.commit(chat.0, chat.1).await, 0);
    member.leave().await;
    let answer = peer.ask(&commit(GROUP, chat, 9, ""), 9).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 0, "it has none any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_a_group_keeps_its_offsets_over_generations_and_restarts() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    let mut member = Member::alone(&running, NEWEST).await;
    assert_eq!(member.commit(chat.0, chat.1).await, 0);
    member.leave().await;
    Member::alone(&running, NEWEST).await;
    assert_eq!(committed(&mut peer, GROUP, chat, 9).await.0, 7);
    running.broker.stop().await.unwrap();
    let broker = start_in(running.folder.path(), QUICK).await;
    let running = ready(Running { broker, folder: running.folder }).await;
    let mut peer = running.connect().await;
    assert_eq!(committed(&mut peer, GROUP, chat, 9).await.0, 7);
}

/// A client of an old version says itself how long its offsets are kept, which this test can wait
/// for; those of a topic that a member reads are kept in any case.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_offsets_are_kept_as_long_as_the_group_reads_the_topic() {
    let more = format!("{QUICK}offsets.retention.check.interval.ms=50\n");
    let running = ready(start_with(&more).await).await;
    let mut peer = running.connect().await;
    let (chat, other) =
        (("chat", peer.create("chat", 1).await), ("other", peer.create("other", 1).await));
    let mut member = Member::of(&running, NEWEST).await;
    // It reads "chat": version 0 of what consumers tell each other.
    member.protocols = vec![("range", b"\0\0\0\0\0\x01\0\x04chat\xff\xff\xff\xff")];
    member.come_in().await;
    for topic in [chat, other] {
        let request = OffsetCommitRequest {
            generation_id_or_member_epoch: member.generation,
            member_id: member.id.clone(),
            retention_time_ms: 100,
            ..commit(GROUP, topic, 7, "")
        };
        let answer = peer.ask(&request, 4).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    }
    while committed(&mut peer, GROUP, other, 9).await.0 == 7 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(committed(&mut peer, GROUP, chat, 9).await.0, 7);
    member.leave().await;
    while committed(&mut peer, GROUP, chat, 9).await.0 == 7 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_no_topics_are_all_topics() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    for name in ["one", "two"] {
        let id = peer.create(name, 1).await;
        peer.ask(&commit(GROUP, (name, id), 7, ""), 9).await;
    }
    let all = [("one".to_owned(), 7), ("two".to_owned(), 7)];
    for version in 2..=9 {
        assert_eq!(all_offsets(&mut peer, GROUP, version).await.unwrap(), all);
        assert_eq!(all_offsets(&mut peer, "never seen", version).await.unwrap(), []);
    }
    assert_eq!(all_offsets(&mut peer, GROUP, 10).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_several_groups_are_asked_for_at_once() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    for (group, offset) in [("a", 1), ("b", 2)] {
        peer.ask(&commit(group, chat, offset, ""), 9).await;
    }
    for version in 8..=10 {
        let topic = || OffsetFetchRequestTopics {
            name: "chat".into(),
            topic_id: chat.1,
            partition_indexes: vec![0, 9],
        };
        let group = |name: &str| OffsetFetchRequestGroup {
            group_id: name.into(),
            topics: Some(vec![topic()]),
            ..Default::default()
        };
        let groups = vec![group("a"), group("b"), group("c")];
        let request = OffsetFetchRequest { groups, ..Default::default() };
        let answer = peer.ask(&request, version).await;
        let offsets: Vec<Vec<i64>> = answer
            .groups
            .iter()
            .map(|group| {
                group.topics[0].partitions.iter().map(|one| one.committed_offset).collect()
            })
            .collect();
        assert_eq!(offsets, [[1, -1], [2, -1], [-1, -1]], "version {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_topics_and_partitions_that_do_not_exist_are_refused_one_by_one() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let missing = Uuid::from_u128(1);
    for version in 2..=10 {
        let mut request = commit(GROUP, ("chat", id), 7, "");
        let mut beyond = request.topics[0].partitions[0].clone();
        beyond.partition_index = 1;
        request.topics[0].partitions.push(beyond);
        request.topics.extend(commit(GROUP, ("gone", missing), 7, "").topics);
        let answer = peer.ask(&request, version).await;
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        let errors: Vec<i16> = partitions.map(|partition| partition.error_code).collect();
        let unknown = code(ErrorCode::UnknownTopicOrPartition);
        let gone = if version < 10 { unknown } else { code(ErrorCode::UnknownTopicId) };
        assert_eq!(errors, [0, unknown, gone], "version {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_what_was_forgotten_does_not_come_back_with_a_restart() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    for group in ["kept", "forgotten", "deleted"] {
        peer.ask(&commit(group, chat, 7, ""), 9).await;
    }
    let partitions = vec![OffsetDeleteRequestPartition { partition_index: 0 }];
    let topics = vec![OffsetDeleteRequestTopic { name: "chat".into(), partitions }];
    let request = OffsetDeleteRequest { group_id: "forgotten".into(), topics };
    let answer = peer.ask(&request, 0).await;
    assert_eq!((answer.error_code, answer.topics[0].partitions[0].error_code), (0, 0));
    let request = DeleteGroupsRequest { groups_names: vec!["deleted".into()] };
    assert_eq!(peer.ask(&request, 2).await.results[0].error_code, 0);
    running.broker.stop().await.unwrap();
    let broker = start_in(running.folder.path(), QUICK).await;
    let running = ready(Running { broker, folder: running.folder }).await;
    let mut peer = running.connect().await;
    for (group, offset) in [("kept", 7), ("forgotten", -1), ("deleted", -1)] {
        assert_eq!(committed(&mut peer, group, chat, 9).await.0, offset, "{group}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_a_group_lies_in_the_partition_that_javas_hash_of_its_name_says() {
    let running = start_quick().await;
    let mut peer = running.connect().await;
    let chat = ("chat", peer.create("chat", 1).await);
    // The hash of the last one is the smallest integer, which has no positive counterpart.
    for (group, partition) in [("group", 47), ("\u{1F600}", 49), ("polygenelubricants", 0)] {
        assert_eq!(end(&mut peer, partition).await, 0, "{group}");
        peer.ask(&commit(group, chat, 7, ""), 9).await;
        assert_eq!(end(&mut peer, partition).await, 1, "{group}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_30_before_there_are_groups_a_broker_is_no_coordinator() {
    let running = start().await;
    let mut member = Member::of(&running, NEWEST).await;
    let not = code(ErrorCode::NotCoordinator);
    assert_eq!(member.join().await.error_code, not);
    member.id = "anybody".into();
    assert_eq!(member.heartbeat().await, not);
    let mut peer = running.connect().await;
    for version in 2..=9 {
        // It is created for that.
        if let Err(error) = all_offsets(&mut peer, GROUP, version).await {
            assert!([not, code(ErrorCode::CoordinatorLoadInProgress)].contains(&error));
        }
    }
}

/// The end of a partition of `__consumer_offsets`.
async fn end(peer: &mut Peer, partition_index: i32) -> i64 {
    let partition = ListOffsetsPartition { partition_index, timestamp: -1, ..Default::default() };
    let topic = ListOffsetsTopic { name: "__consumer_offsets".into(), partitions: vec![partition] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
    let found = &peer.ask(&request, 7).await.topics[0].partitions[0];
    assert_eq!(found.error_code, 0);
    found.offset
}
