//! Pitfalls 10, 11, 14 and 15: Produce.

use bytes::Bytes;
use protocol::{
    ErrorCode,
    messages::FetchRequest,
    records::{BatchBuilder, BatchView, Codec, Compression, TimestampType},
};
use types::{LeaderEpoch, Offset, Timestamp};

use crate::{code, configured, data, forged, idempotent, only, produced, stored, support::*};

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_10_base_offset_and_epoch_are_the_leaders_and_the_checksum_stays() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["before"])), 13).await;
    let mut builder = BatchBuilder::new(Compression::NONE).partition_leader_epoch(LeaderEpoch(77));
    builder.push(Timestamp(1000), None, Some(b"x"), &[]);
    let sent = builder.build();
    peer.ask(&produce("chat", id, 0, 1, sent.clone()), 13).await;
    let found = stored(&peer.ask(&fetch("chat", id, 0, 1, 0), 16).await);
    let (sent, found) = (BatchView::parse(&sent).unwrap(), BatchView::parse(&found).unwrap());
    assert_eq!((found.base_offset(), found.partition_leader_epoch()), (Offset(1), LeaderEpoch(0)));
    assert_eq!(found.crc(), sent.crc());
    assert!(found.crc_is_valid());
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_10_append_time_changes_attributes_times_and_checksum() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = configured(&mut peer, "chat", &[("message.timestamp.type", "LogAppendTime")]).await;
    let sent = batch(&["a", "b"]);
    let answer = produced(&mut peer, &produce("chat", id, 0, 1, sent.clone())).await;
    assert!(answer.log_append_time_ms > 1000);
    let found = stored(&peer.ask(&fetch("chat", id, 0, 0, 0), 16).await);
    let found = BatchView::parse(&found).unwrap();
    assert_eq!(found.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(found.max_timestamp(), Timestamp(answer.log_append_time_ms));
    assert!(found.crc_is_valid() && found.crc() != BatchView::parse(&sent).unwrap().crc());
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_11_what_is_not_one_valid_batch_is_refused() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let good = batch(&["a", "b"]);
    let two = [&good[..], &good].concat();
    let put = |at: usize, with: &'static [u8]| {
        forged(&good, |bytes| bytes[at..at + with.len()].copy_from_slice(with))
    };
    let mut damaged = good.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let invalid = code(ErrorCode::InvalidRecord);
    let cases: [(&str, Bytes, i16); 11] = [
        ("nothing", Bytes::new(), invalid),
        ("two batches", two.into(), invalid),
        ("half a batch", good.slice(..good.len() - 1), invalid),
        ("a base offset", put(0, &[0, 0, 0, 0, 0, 0, 0, 1]), invalid),
        ("offsets without records", put(23, &[0, 0, 0, 2]), invalid),
        ("no records", put(57, &[0, 0, 0, 0]), invalid),
        ("more records than offsets", put(57, &[0, 0, 0, 3]), invalid),
        ("a control batch", put(21, &[0, 0x20]), invalid),
        ("no sequence", idempotent(7, 0, -1, &["x"]), invalid),
        ("the leader's time", put(21, &[0, 0x08]), code(ErrorCode::InvalidTimestamp)),
        ("changed on its way", damaged.into(), code(ErrorCode::CorruptMessage)),
    ];
    for (what, batch, error) in cases {
        let answer = produced(&mut peer, &produce("chat", id, 0, 1, batch)).await;
        assert_eq!((answer.error_code, answer.base_offset), (error, -1), "{what}");
        assert!(answer.error_message.is_some(), "{what}");
        // As Kafka, which reads so much of a request before it asks the log.
        let is_the_logs =
            !["nothing", "two batches", "half a batch", "changed on its way"].contains(&what);
        assert_eq!(answer.log_start_offset, if is_the_logs { 0 } else { -1 }, "{what}");
    }
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(data(&answer).high_watermark, 0, "nothing of all this is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_11_records_without_key_are_named_on_a_compacted_topic() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = configured(&mut peer, "chat", &[("cleanup.policy", "compact")]).await;
    for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut builder = BatchBuilder::new(Compression::new(codec));
        builder.push(Timestamp(1000), Some(b"k"), Some(b"v"), &[]);
        builder.push(Timestamp(1000), None, Some(b"v"), &[]);
        builder.push(Timestamp(1000), Some(b""), None, &[]);
        builder.push(Timestamp(1000), None, None, &[]);
        let request = produce("chat", id, 0, 1, builder.build());
        let answer = produced(&mut peer, &request).await;
        assert_eq!(answer.error_code, code(ErrorCode::InvalidRecord));
        let named: Vec<i32> = answer.record_errors.iter().map(|error| error.batch_index).collect();
        assert_eq!(named, [1, 3]);
        let message = answer.record_errors[0].batch_index_error_message.as_deref().unwrap();
        assert!(message.contains("key"), "{message}");
        for version in [3, 7, 8] {
            let old = only(peer.ask(&request, version).await);
            let unsupported = codec == Codec::Zstd && version < 7;
            assert_eq!(old.error_code == code(ErrorCode::InvalidRecord), !unsupported);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_11_records_out_of_their_time_are_named() {
    let running = start().await;
    let mut peer = running.connect().await;
    let window = [
        ("message.timestamp.before.max.ms", "3600000"),
        ("message.timestamp.after.max.ms", "3600000"),
        ("cleanup.policy", "compact"),
    ];
    let id = configured(&mut peer, "chat", &window).await;
    let mut builder = BatchBuilder::new(Compression::NONE);
    builder.push(Timestamp(-1), Some(b"k"), Some(b"without a time"), &[]);
    builder.push(Timestamp(1000), Some(b"k"), Some(b"long ago"), &[]);
    builder.push(Timestamp(-1), None, Some(b"without a key"), &[]);
    builder.push(Timestamp(1 << 60), Some(b"k"), Some(b"far ahead"), &[]);
    let answer = produced(&mut peer, &produce("chat", id, 0, 1, builder.build())).await;
    assert_eq!(answer.error_code, code(ErrorCode::InvalidTimestamp));
    let named: Vec<i32> = answer.record_errors.iter().map(|error| error.batch_index).collect();
    assert_eq!(named, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_11_a_batch_is_as_large_as_it_is_stored() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = configured(&mut peer, "chat", &[("max.message.bytes", "1000")]).await;
    let of = |codec| {
        let mut builder = BatchBuilder::new(Compression::new(codec));
        builder.push(Timestamp(1000), None, Some(&[b'x'; 100_000]), &[]);
        builder.build()
    };
    let plain = produced(&mut peer, &produce("chat", id, 0, 1, of(Codec::None))).await;
    assert_eq!(plain.error_code, code(ErrorCode::MessageTooLarge));
    let compressed = produced(&mut peer, &produce("chat", id, 0, 1, of(Codec::Zstd))).await;
    assert_eq!(compressed.error_code, 0);

    let forced = [("max.message.bytes", "1000"), ("compression.type", "uncompressed")];
    let id = configured(&mut peer, "forced", &forced).await;
    let grown = produced(&mut peer, &produce("forced", id, 0, 1, of(Codec::Zstd))).await;
    assert_eq!(grown.error_code, code(ErrorCode::MessageTooLarge));

    let short = [("max.message.bytes", "8000000"), ("segment.bytes", "1048576")];
    let id = configured(&mut peer, "short", &short).await;
    let mut builder = BatchBuilder::new(Compression::NONE);
    builder.push(Timestamp(1000), None, Some(&vec![b'x'; 2_000_000]), &[]);
    let long = produced(&mut peer, &produce("short", id, 0, 1, builder.build())).await;
    assert_eq!(long.error_code, code(ErrorCode::RecordListTooLarge));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_11_a_topic_with_its_own_codec_stores_it_whatever_comes_in() {
    let running = start().await;
    let mut peer = running.connect().await;
    let wanted = [("compression.type", "zstd"), ("compression.zstd.level", "19")];
    let id = configured(&mut peer, "chat", &wanted).await;
    for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut builder = BatchBuilder::new(Compression::new(codec));
        builder.push(Timestamp(1000), None, Some(codec.to_string().as_bytes()), &[]);
        let request = produce("chat", id, 0, 1, builder.build());
        let offset = produced(&mut peer, &request).await.base_offset;
        let answer = peer.ask(&fetch("chat", id, 0, offset, 0), 16).await;
        let found = stored(&answer);
        assert_eq!(BatchView::parse(&found).unwrap().codec(), Codec::Zstd);
        assert_eq!(values(&answer), [codec.to_string()]);
    }
}

/// There are never more replicas in sync than there are, so that a topic of one replica takes
/// records whatever `min.insync.replicas` says.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_14_a_topic_of_one_replica_acknowledges_whatever_the_least_in_sync() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = configured(&mut peer, "chat", &[("min.insync.replicas", "3")]).await;
    let answer = produced(&mut peer, &produce("chat", id, 0, -1, batch(&["x"]))).await;
    assert_eq!(answer.error_code, 0);
}

/// What is acknowledged to all can be read at once.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_14_what_is_acknowledged_by_all_can_be_read() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = configured(&mut peer, "chat", &[("flush.messages", "1")]).await;
    for end in 1..=20 {
        produced(&mut peer, &produce("chat", id, 0, -1, batch(&["x"]))).await;
        let answer = peer.ask(&fetch("chat", id, 0, end - 1, 0), 16).await;
        assert_eq!((data(&answer).high_watermark, values(&answer).len()), (end, 1));
    }
}

/// A leader of a later epoch says which it is and where it is reached (KIP-951).
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_15_a_client_of_an_older_epoch_is_told_the_leader() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    running.broker.stop().await.unwrap();
    let broker = start_in(running.folder.path(), "").await;
    let mut peer = connect(&broker).await;
    let known = |epoch| {
        let mut request = fetch("chat", id, 0, 0, 0);
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        request
    };
    let answer: <FetchRequest as protocol::Request>::Response = peer.ask(&known(0), 16).await;
    let fenced = data(&answer);
    assert_eq!(fenced.error_code, code(ErrorCode::FencedLeaderEpoch));
    assert_eq!(fenced.current_leader.leader_id, 1);
    assert!(fenced.current_leader.leader_epoch > 0);
    assert_eq!(answer.node_endpoints[0].port, i32::from(broker.addresses()[0].port()));
    let answer = peer.ask(&known(fenced.current_leader.leader_epoch), 16).await;
    assert_eq!(data(&answer).error_code, 0);
    let answer = peer.ask(&known(1000), 16).await;
    assert_eq!(data(&answer).error_code, code(ErrorCode::UnknownLeaderEpoch));
}
