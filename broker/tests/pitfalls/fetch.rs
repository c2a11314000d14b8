//! Pitfalls 20, 21, 22 and 27: Fetch.

use std::time::Duration;

use protocol::{
    ErrorCode, Records,
    messages::{
        DeleteRecordsRequest, DeleteTopicsRequest, FetchRequest,
        delete_records::{DeleteRecordsPartition, DeleteRecordsTopic},
        delete_topics::DeleteTopicState,
        fetch::{FetchPartition, ForgottenTopic},
    },
    records::BatchView,
};
use tokio::time::timeout;
use types::Offset;

use crate::{code, data, stored, support::*};

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_20_a_fetch_from_within_a_batch_gets_all_of_it() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["a", "b", "c"])), 13).await;
    for offset in 0..3 {
        let answer = peer.ask(&fetch("chat", id, 0, offset, 0), 16).await;
        let found = stored(&answer);
        assert_eq!(BatchView::parse(&found).unwrap().base_offset(), Offset(0));
        assert_eq!(values(&answer), ["a", "b", "c"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_20_the_first_batch_comes_whole_however_small_the_limits() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 2).await;
    for partition in 0..2 {
        peer.ask(&produce("chat", id, partition, 1, batch(&["a", "b"])), 13).await;
    }
    let mut request = fetch("chat", id, 0, 0, 0);
    request.max_bytes = 1;
    request.topics[0].partitions[0].partition_max_bytes = 1;
    let second = FetchPartition { partition: 1, ..request.topics[0].partitions[0].clone() };
    request.topics[0].partitions.push(second);
    for version in 4..=16 {
        let answer = peer.ask(&request, version).await;
        assert_eq!(values(&answer), ["a", "b"]);
        let rest = &answer.responses[0].partitions[1];
        assert_eq!(rest.error_code, 0);
        assert_eq!(rest.records.as_ref().map(Records::size), Some(0), "empty, and never null");
        assert_eq!(rest.high_watermark, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_20_the_bounds_are_told_with_and_without_records() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["a", "b"])), 13).await;
    for (version, offset) in (5..=16).flat_map(|version| [(version, 0), (version, 2)]) {
        let answer = peer.ask(&fetch("chat", id, 0, offset, 0), version).await;
        let data = data(&answer);
        assert_eq!(
            (data.high_watermark, data.last_stable_offset, data.log_start_offset),
            (2, 2, 0)
        );
        assert_eq!(data.preferred_read_replica, -1);
        assert!(data.records.is_some());
    }
}

fn of_three(id: types::Uuid) -> FetchRequest {
    let mut request = fetch("chat", id, 0, 0, 0);
    for partition in 1..3 {
        let more = FetchPartition { partition, ..request.topics[0].partitions[0].clone() };
        request.topics[0].partitions.push(more);
    }
    request
}

fn partitions(answer: &protocol::messages::FetchResponse) -> Vec<i32> {
    let all = answer.responses.iter().flat_map(|topic| &topic.partitions);
    all.map(|partition| partition.partition_index).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_21_a_session_answers_what_has_changed() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 3).await;
    let begun = peer.ask(&FetchRequest { session_epoch: 0, ..of_three(id) }, 16).await;
    assert_ne!(begun.session_id, 0);
    assert_eq!(partitions(&begun), [0, 1, 2]);
    peer.ask(&produce("chat", id, 2, 1, batch(&["news"])), 13).await;
    let mut next = FetchRequest { topics: Vec::new(), ..of_three(id) };
    (next.session_id, next.session_epoch) = (begun.session_id, 1);
    let changed = peer.ask(&next, 16).await;
    assert_eq!(changed.session_id, begun.session_id);
    assert_eq!(partitions(&changed), [2]);

    next.session_epoch = 2;
    let forgotten = ForgottenTopic { topic_id: id, partitions: vec![2], ..Default::default() };
    next.forgotten_topics_data = vec![forgotten];
    peer.ask(&produce("chat", id, 1, 1, batch(&["more"])), 13).await;
    assert_eq!(partitions(&peer.ask(&next, 16).await), [1], "2 has records that nobody wants");
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_21_sessions_that_do_not_fit_have_errors_of_their_own() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 3).await;
    let begun = peer.ask(&FetchRequest { session_epoch: 0, ..of_three(id) }, 16).await;
    let mut next = FetchRequest { topics: Vec::new(), ..of_three(id) };
    (next.session_id, next.session_epoch) = (begun.session_id, 7);
    let wrong = peer.ask(&next, 16).await;
    assert_eq!(wrong.error_code, code(ErrorCode::InvalidFetchSessionEpoch));
    next.session_epoch = 1;
    let by_name = peer.ask(&next, 12).await;
    assert_eq!(by_name.error_code, code(ErrorCode::FetchSessionTopicIdError));
    next.session_id = begun.session_id.wrapping_add(1);
    let unknown = peer.ask(&next, 16).await;
    assert_eq!(unknown.error_code, code(ErrorCode::FetchSessionIdNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_21_without_a_session_every_partition_is_answered_every_time() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 3).await;
    for version in 7..=16 {
        for _ in 0..2 {
            let request = FetchRequest { session_id: 0, session_epoch: -1, ..of_three(id) };
            let answer = peer.ask(&request, version).await;
            assert_eq!((answer.session_id, partitions(&answer)), (0, vec![0, 1, 2]));
        }
    }
    let mut with_unknown = FetchRequest { session_id: 0, session_epoch: -1, ..of_three(id) };
    with_unknown.topics[0].partitions[1].partition = 9;
    for version in [7, 12, 13, 16] {
        let answer = peer.ask(&with_unknown, version).await;
        assert_eq!(answer.responses.len(), 1, "one entry for the topic in version {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_22_a_fetch_waits_for_records_and_is_woken_by_them() {
    let running = start().await;
    let mut producer = running.connect().await;
    let mut consumer = running.connect().await;
    let id = producer.create("chat", 1).await;
    consumer.send(&fetch("chat", id, 0, 0, 60_000), 16).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    producer.ask(&produce("chat", id, 0, 1, batch(&["hello"])), 13).await;
    assert_eq!(values(&consumer.receive::<FetchRequest>(16).await), ["hello"]);
    let answer = consumer.ask(&fetch("chat", id, 0, 1, 50), 16).await;
    assert_eq!(values(&answer), Vec::<String>::new(), "empty, not null, after the wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_22_the_least_bytes_are_counted_over_all_partitions() {
    let running = start().await;
    let mut producer = running.connect().await;
    let mut consumer = running.connect().await;
    let id = producer.create("chat", 3).await;
    let size = i32::try_from(batch(&["x"]).len()).unwrap();
    let enough = FetchRequest { min_bytes: 2 * size, max_wait_ms: 60_000, ..of_three(id) };
    consumer.send(&enough, 16).await;
    producer.ask(&produce("chat", id, 0, 1, batch(&["x"])), 13).await;
    let early = timeout(Duration::from_millis(200), consumer.stream.readable()).await;
    assert!(early.is_err(), "one batch is not enough");
    producer.ask(&produce("chat", id, 2, 1, batch(&["x"])), 13).await;
    let answer = consumer.receive::<FetchRequest>(16).await;
    let sizes: Vec<usize> = answer.responses[0]
        .partitions
        .iter()
        .map(|partition| partition.records.as_ref().unwrap().size())
        .collect();
    assert_eq!(sizes, [batch(&["x"]).len(), 0, batch(&["x"]).len()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_22_a_fetch_does_not_wait_for_a_topic_that_is_gone() {
    let running = start().await;
    let mut other = running.connect().await;
    let mut consumer = running.connect().await;
    let id = other.create("chat", 1).await;
    consumer.send(&fetch("chat", id, 0, 0, 60_000), 16).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let topics = vec![DeleteTopicState { name: None, topic_id: id }];
    other.ask(&DeleteTopicsRequest { topics, ..Default::default() }, 6).await;
    let answer = consumer.receive::<FetchRequest>(16).await;
    assert_eq!(data(&answer).error_code, code(ErrorCode::UnknownTopicId));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_27_offsets_outside_the_log_are_out_of_range_at_both_ends() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    for _ in 0..3 {
        peer.ask(&produce("chat", id, 0, -1, batch(&["a"])), 13).await;
    }
    let partition = DeleteRecordsPartition { partition_index: 0, offset: 2 };
    let topic = DeleteRecordsTopic { name: "chat".into(), partitions: vec![partition] };
    let request = DeleteRecordsRequest { topics: vec![topic], timeout_ms: 5000 };
    let answer = peer.ask(&request, 2).await;
    assert_eq!(answer.topics[0].partitions[0].low_watermark, 2);
    let outside = code(ErrorCode::OffsetOutOfRange);
    for (offset, error) in [(0, outside), (1, outside), (2, 0), (3, 0), (4, outside)] {
        for version in 4..=16 {
            let answer = peer.ask(&fetch("chat", id, 0, offset, 0), version).await;
            let data = data(&answer);
            assert_eq!(data.error_code, error, "offset {offset} in version {version}");
            assert!(data.records.is_some());
        }
    }
}
