//! Pitfalls 23 and 24: the ends of epochs, and offsets by time.

use protocol::{
    ErrorCode,
    messages::{
        DeleteRecordsRequest, ListOffsetsRequest, OffsetForLeaderEpochRequest,
        delete_records::{DeleteRecordsPartition, DeleteRecordsTopic},
        list_offsets::{ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsTopic},
        offset_for_leader_epoch::{EpochEndOffset, OffsetForLeaderPartition, OffsetForLeaderTopic},
    },
    records::{BatchBuilder, Codec, Compression},
};
use types::Timestamp;

use crate::{code, data, produced, support::*};

async fn end_of_epoch(peer: &mut Peer, current: i32, leader_epoch: i32) -> EpochEndOffset {
    let partition =
        OffsetForLeaderPartition { partition: 0, current_leader_epoch: current, leader_epoch };
    let topic = OffsetForLeaderTopic { topic: "chat".into(), partitions: vec![partition] };
    let request = OffsetForLeaderEpochRequest { topics: vec![topic], replica_id: -1 };
    peer.ask(&request, 4).await.topics[0].partitions[0].clone()
}

/// A leader that has come back leads in later epochs; in some of them it wrote nothing.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_23_an_epoch_ends_where_the_next_one_that_is_known_begins() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    produced(&mut peer, &produce("chat", id, 0, 1, batch(&["a", "b"]))).await;
    let mut broker = running.broker;
    for _ in 0..2 {
        broker.stop().await.unwrap();
        broker = start_in(running.folder.path(), "").await;
    }
    let mut peer = connect(&broker).await;
    let leader = data(&peer.ask(&fetch_in_epoch(id, 0), 16).await).current_leader.leader_epoch;
    assert!(leader >= 2, "each start is an epoch of its own");

    let (none, fenced) = (0, code(ErrorCode::FencedLeaderEpoch));
    let unknown = code(ErrorCode::UnknownLeaderEpoch);
    // The epoch believed in, the epoch asked for; the error, the epoch and its end.
    let before_writing = [
        (leader, 0, (none, 0, 2)),
        (leader, leader - 1, (none, 0, 2)),
        (leader, leader, (none, leader, 2)),
        (-1, leader + 1, (none, -1, -1)),
        (leader - 1, 0, (fenced, -1, -1)),
        (leader + 1, 0, (unknown, -1, -1)),
    ];
    for (current, asked, expected) in before_writing {
        let end = end_of_epoch(&mut peer, current, asked).await;
        assert_eq!((end.error_code, end.leader_epoch, end.end_offset), expected);
    }
    produced(&mut peer, &produce("chat", id, 0, 1, batch(&["c"]))).await;
    for (asked, expected) in [(0, (0, 2)), (leader - 1, (0, 2)), (leader, (leader, 3))] {
        let end = end_of_epoch(&mut peer, leader, asked).await;
        assert_eq!((end.leader_epoch, end.end_offset), expected);
    }
}

fn fetch_in_epoch(id: types::Uuid, epoch: i32) -> protocol::messages::FetchRequest {
    let mut request = fetch("chat", id, 0, 0, 0);
    request.topics[0].partitions[0].current_leader_epoch = epoch;
    request
}

/// A consumer that has read what the leader never had learns where they part ways.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_23_a_fetch_from_beyond_the_end_of_an_epoch_is_told_where_it_diverges() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    produced(&mut peer, &produce("chat", id, 0, 1, batch(&["a", "b"]))).await;
    running.broker.stop().await.unwrap();
    let broker = start_in(running.folder.path(), "").await;
    let mut peer = connect(&broker).await;
    produced(&mut peer, &produce("chat", id, 0, 1, batch(&["c"]))).await;
    let mut request = fetch("chat", id, 0, 3, 0);
    request.topics[0].partitions[0].last_fetched_epoch = 0;
    let answer = peer.ask(&request, 16).await;
    let diverging = &data(&answer).diverging_epoch;
    assert_eq!((diverging.epoch, diverging.end_offset), (0, 2));
}

async fn listed(peer: &mut Peer, timestamp: i64, version: i16) -> ListOffsetsPartitionResponse {
    let partition = ListOffsetsPartition { timestamp, ..Default::default() };
    let topic = ListOffsetsTopic { name: "chat".into(), partitions: vec![partition] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
    peer.ask(&request, version).await.topics[0].partitions[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_24_a_time_is_searched_inside_of_compressed_batches() {
    for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let running = start().await;
        let mut peer = running.connect().await;
        let id = peer.create("chat", 1).await;
        for times in [[1000, 3000, 2000], [5000, 4000, 6000]] {
            let mut builder = BatchBuilder::new(Compression::new(codec));
            for time in times {
                builder.push(Timestamp(time), None, Some(b"x"), &[]);
            }
            produced(&mut peer, &produce("chat", id, 0, 1, builder.build())).await;
        }
        // The first record that is not older, in the order of the log.
        let found = [
            (0, 0, 1000),
            (1000, 0, 1000),
            (1001, 1, 3000),
            (3001, 3, 5000),
            (5001, 5, 6000),
            (6001, -1, -1),
            (-3, 5, 6000),
        ];
        for (wanted, offset, timestamp) in found {
            for version in 7..=11 {
                let answer = listed(&mut peer, wanted, version).await;
                assert_eq!((answer.error_code, answer.offset), (0, offset), "{codec}: {wanted}");
                assert_eq!(answer.timestamp, timestamp, "{codec}: {wanted}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_24_the_ends_are_told_in_every_version_that_knows_them() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    for times in [[1000, 1000], [1000, 2000]] {
        let mut builder = BatchBuilder::new(Compression::NONE);
        for time in times {
            builder.push(Timestamp(time), None, Some(b"x"), &[]);
        }
        produced(&mut peer, &produce("chat", id, 0, 1, builder.build())).await;
    }
    let partition = DeleteRecordsPartition { partition_index: 0, offset: 1 };
    let topic = DeleteRecordsTopic { name: "chat".into(), partitions: vec![partition] };
    let request = DeleteRecordsRequest { topics: vec![topic], timeout_ms: 5000 };
    peer.ask(&request, 2).await;
    for (timestamp, least, offset) in [(-1, 1, 4), (-2, 1, 1), (-3, 7, 3), (-4, 8, 1)] {
        for version in 1..=11 {
            let answer = listed(&mut peer, timestamp, version).await;
            let expected = if version < least {
                (code(ErrorCode::UnsupportedVersion), -1)
            } else {
                (0, offset)
            };
            let told = (answer.error_code, answer.offset);
            assert_eq!(told, expected, "{timestamp} in version {version}");
        }
    }
}
