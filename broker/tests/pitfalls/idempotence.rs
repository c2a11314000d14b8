//! Pitfalls 12 and 13: idempotent producers.

use protocol::{
    ErrorCode,
    messages::{DescribeProducersRequest, describe_producers::TopicRequest},
};

use crate::{code, idempotent, produced, support::*};

/// Sends one batch of a producer; the error and the offset it was told.
macro_rules! sent {
    ($peer:expr, $id:expr, $batch:expr) => {{
        let answer = produced(&mut $peer, &produce("chat", $id, 0, -1, $batch)).await;
        (answer.error_code, answer.base_offset)
    }};
}

const LARGEST: i32 = i32::MAX;

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_12_each_of_the_last_five_batches_gets_its_first_offset_again() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    for sequence in 0..6 {
        let batch = idempotent(7, 0, 2 * sequence, &["a", "b"]);
        assert_eq!(sent!(peer, id, batch), (0, 2 * i64::from(sequence)));
    }
    for sequence in (1..6).rev() {
        let batch = idempotent(7, 0, 2 * sequence, &["a", "b"]);
        assert_eq!(sent!(peer, id, batch), (0, 2 * i64::from(sequence)));
    }
    let forgotten = sent!(peer, id, idempotent(7, 0, 0, &["a", "b"]));
    assert_eq!(forgotten, (code(ErrorCode::OutOfOrderSequenceNumber), -1));
    assert_eq!(sent!(peer, id, idempotent(7, 0, 12, &["c"])), (0, 12), "nothing came twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_12_sequences_wrap_from_the_largest_number_to_zero() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    assert_eq!(sent!(peer, id, idempotent(7, 0, LARGEST, &["a"])), (0, 0));
    assert_eq!(sent!(peer, id, idempotent(7, 0, 0, &["b"])), (0, 1));
    assert_eq!(sent!(peer, id, idempotent(7, 0, LARGEST, &["a"])), (0, 0), "the same again");
    // One batch may lie across the wrap.
    assert_eq!(sent!(peer, id, idempotent(8, 0, LARGEST, &["a", "b", "c"])), (0, 2));
    assert_eq!(sent!(peer, id, idempotent(8, 0, 2, &["d"])), (0, 5));
}

/// What is known of a producer may have expired, so that an unknown one may begin anywhere.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_12_an_unknown_producer_may_begin_with_any_sequence() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    assert_eq!(sent!(peer, id, idempotent(7, 3, 1000, &["a"])), (0, 0));
    let gap = sent!(peer, id, idempotent(7, 3, 1002, &["c"]));
    assert_eq!(gap, (code(ErrorCode::OutOfOrderSequenceNumber), -1));
    assert_eq!(sent!(peer, id, idempotent(7, 3, 1001, &["b"])), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_12_a_new_epoch_begins_at_zero_and_ends_the_older_ones() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    assert_eq!(sent!(peer, id, idempotent(7, 0, 0, &["a"])), (0, 0));
    let late = sent!(peer, id, idempotent(7, 1, 1, &["b"]));
    assert_eq!(late, (code(ErrorCode::OutOfOrderSequenceNumber), -1));
    assert_eq!(sent!(peer, id, idempotent(7, 1, 0, &["b"])), (0, 1));
    let stale = sent!(peer, id, idempotent(7, 0, 1, &["c"]));
    assert_eq!(stale, (code(ErrorCode::InvalidProducerEpoch), -1));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_12_producers_are_known_after_a_stop_and_after_a_crash() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    for sequence in 0..5 {
        sent!(peer, id, idempotent(7, 0, sequence, &["x"]));
    }
    running.broker.stop().await.unwrap();
    // Without the marker of a clean stop the log is recovered, as after a crash.
    for is_clean in [true, false] {
        if !is_clean {
            std::fs::remove_file(running.folder.path().join(".kafka_cleanshutdown")).unwrap();
        }
        let broker = start_in(running.folder.path(), "").await;
        let mut peer = connect(&broker).await;
        for sequence in 0..5 {
            let again = sent!(peer, id, idempotent(7, 0, sequence, &["x"]));
            assert_eq!(again, (0, i64::from(sequence)), "clean: {is_clean}");
        }
        let gap = sent!(peer, id, idempotent(7, 0, 6, &["x"]));
        assert_eq!(gap, (code(ErrorCode::OutOfOrderSequenceNumber), -1));
        broker.stop().await.unwrap();
    }
}

/// A producer is as old as its last batch came in, whatever time its records carry.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_13_a_producer_of_old_records_is_not_an_old_producer() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    sent!(peer, id, idempotent(7, 0, 0, &["from 1970"]));
    let topic = TopicRequest { name: "chat".into(), partition_indexes: vec![0] };
    let request = DescribeProducersRequest { topics: vec![topic] };
    let answer = peer.ask(&request, 0).await;
    let producer = &answer.topics[0].partitions[0].active_producers[0];
    let year_2020 = 1_577_836_800_000;
    assert!(producer.last_timestamp > year_2020, "{producer:?}");
}
