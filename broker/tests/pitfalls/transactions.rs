//! Pitfall 16: what is read of transactions. This broker lets no client begin one yet, so that the
//! log is written by hand, as Kafka would have written it, while the broker is stopped.

use std::{fs::OpenOptions, io::Write as _};

use bytes::Bytes;
use protocol::{
    messages::{
        ListOffsetsRequest,
        list_offsets::{ListOffsetsPartition, ListOffsetsTopic},
    },
    records::{
        BatchBuilder, Compression,
        control::{ControlRecord, EndTxnMarker},
    },
};
use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::{data, stored, support::*};

const COMMITTED: i8 = 1;

fn builder(offset: i64, producer: i64, sequence: i32) -> BatchBuilder {
    let builder = BatchBuilder::new(Compression::NONE).base_offset(Offset(offset));
    let (id, sequence) = (ProducerId(producer), Sequence(sequence));
    let builder = builder.producer(id, ProducerEpoch(0), sequence).transactional();
    builder.partition_leader_epoch(LeaderEpoch(0))
}

fn record(offset: i64, producer: i64, sequence: i32) -> Bytes {
    let mut builder = builder(offset, producer, sequence);
    builder.push(Timestamp(1000), None, Some(format!("{producer}").as_bytes()), &[]);
    builder.build()
}

fn marker(offset: i64, producer: i64, end: fn(EndTxnMarker) -> ControlRecord) -> Bytes {
    let mut builder = builder(offset, producer, -1).control();
    builder.push_control(Timestamp(1000), &end(EndTxnMarker { coordinator_epoch: 0 }));
    builder.build()
}

/// A broker that finds two aborted transactions, a committed one, and one that is open: the second
/// aborted one began first.
async fn with_transactions() -> (Running, types::Uuid) {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["plain"])), 13).await;
    running.broker.stop().await.unwrap();
    let folder = running.folder;
    std::fs::remove_file(folder.path().join(".kafka_cleanshutdown")).unwrap();
    let log = folder.path().join("chat-0/00000000000000000000.log");
    let mut log = OpenOptions::new().append(true).open(log).unwrap();
    let batches = [
        record(1, 11, 0),
        record(2, 12, 0),
        record(3, 13, 0),
        marker(4, 12, ControlRecord::Abort),
        record(5, 12, 1),
        marker(6, 12, ControlRecord::Abort),
        marker(7, 13, ControlRecord::Commit),
        marker(8, 11, ControlRecord::Abort),
        record(9, 14, 0),
    ];
    log.write_all(&batches.concat()).unwrap();
    let broker = start_in(folder.path(), "").await;
    (Running { broker, folder }, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_16_a_reader_of_committed_records_stops_at_the_first_open_transaction() {
    let (running, id) = with_transactions().await;
    let mut peer = running.connect().await;
    let mut request = fetch("chat", id, 0, 0, 0);
    let answer = peer.ask(&request, 16).await;
    let all = data(&answer);
    assert_eq!((all.high_watermark, all.last_stable_offset), (10, 9));
    let last = protocol::records::batches(&stored(&answer)).last().unwrap().unwrap().last_offset();
    assert_eq!(last, Offset(9), "who reads all gets the open one too");
    assert_eq!(all.aborted_transactions, None);

    request.isolation_level = COMMITTED;
    for version in 4..=16 {
        let answer = peer.ask(&request, version).await;
        let batches = stored(&answer);
        let last = protocol::records::batches(&batches).last().unwrap().unwrap().last_offset();
        assert_eq!(last, Offset(8), "version {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_16_the_aborted_ones_ascend_for_each_producer_and_cover_what_is_returned() {
    let (running, id) = with_transactions().await;
    let mut peer = running.connect().await;
    for (from, expected) in
        [(0, vec![(11, 1), (12, 2), (12, 5)]), (5, vec![(11, 1), (12, 5)]), (7, vec![(11, 1)])]
    {
        let mut request = fetch("chat", id, 0, from, 0);
        request.isolation_level = COMMITTED;
        let answer = peer.ask(&request, 16).await;
        let aborted = data(&answer).aborted_transactions.as_ref().unwrap();
        let mut listed: Vec<(i64, i64)> =
            aborted.iter().map(|one| (one.producer_id, one.first_offset)).collect();
        let mut ascending = listed.clone();
        ascending.sort_by_key(|(producer, _)| *producer);
        assert!(ascending.is_sorted(), "by first offset for each producer: {listed:?}");
        listed.sort();
        assert_eq!(listed, expected, "from {from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_16_the_end_for_a_reader_of_committed_records_is_the_last_stable_offset() {
    let (running, _) = with_transactions().await;
    let mut peer = running.connect().await;
    for (isolation_level, end) in [(0, 10), (COMMITTED, 9)] {
        let partition = ListOffsetsPartition { timestamp: -1, ..Default::default() };
        let topic = ListOffsetsTopic { name: "chat".into(), partitions: vec![partition] };
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level,
            topics: vec![topic],
            ..Default::default()
        };
        for version in 2..=11 {
            let answer = peer.ask(&request, version).await;
            assert_eq!(answer.topics[0].partitions[0].offset, end, "version {version}");
        }
    }
}
