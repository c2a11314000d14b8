//! Pitfalls 35 and 38: codecs, and formats that are gone.

use bytes::Bytes;
use protocol::{
    ErrorCode,
    records::{BatchBuilder, BatchView, Codec, Compression},
};
use types::Timestamp;

use crate::{code, data, forged, only, produced, support::*};

fn one(codec: Codec, value: &str) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::new(codec));
    builder.push(Timestamp(1000), None, Some(value.as_bytes()), &[]);
    builder.build()
}

/// The records of a batch as they are stored.
fn payload(batch: &Bytes) -> Bytes {
    let size = BatchView::parse(batch).unwrap().stored_payload().len();
    batch.slice(batch.len() - size..)
}

/// `batch` with other bytes for its records, which `codec` is to read.
fn with_payload(batch: &Bytes, codec: Codec, payload: &[u8]) -> Bytes {
    forged(batch, |bytes| {
        let size = BatchView::parse(batch).unwrap().stored_payload().len();
        bytes.truncate(batch.len() - size);
        bytes[22] = bytes[22] & !7 | one(codec, "")[22];
        bytes.extend_from_slice(payload);
    })
}

/// Some clients write snappy with a frame around it, and some without.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_35_snappy_is_read_with_and_without_the_frame_that_java_writes() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let plain = one(Codec::None, "without a frame");
    let records = payload(&plain);
    assert!(records.len() <= 60, "a short literal has a tag of one byte");
    let size = u8::try_from(records.len()).unwrap();
    let raw = [&[size, (size - 1) << 2][..], &records].concat();
    let framed = one(Codec::Snappy, "with a frame");
    assert_eq!(payload(&framed)[..8], *b"\x82SNAPPY\0");
    for batch in [with_payload(&plain, Codec::Snappy, &raw), framed] {
        let answer = produced(&mut peer, &produce("chat", id, 0, 1, batch)).await;
        assert_eq!(answer.error_code, 0, "{answer:?}");
    }
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(values(&answer), ["without a frame", "with a frame"]);
}

/// A gzip file may be made of several, one behind the other.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_35_gzip_is_read_to_the_end_of_its_last_member() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let members = [payload(&one(Codec::Gzip, "first")), payload(&one(Codec::Gzip, "second"))];
    let two = batch(&["first", "second"]);
    let sent = with_payload(&two, Codec::Gzip, &members.concat());
    let answer = produced(&mut peer, &produce("chat", id, 0, 1, sent)).await;
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(values(&answer), ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_35_zstd_may_come_and_go_in_versions_that_know_it_only() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let unsupported = code(ErrorCode::UnsupportedCompressionType);
    for version in 3..=13 {
        let request = produce("chat", id, 0, 1, one(Codec::Zstd, "x"));
        let answer = only(peer.ask(&request, version).await);
        assert_eq!(answer.error_code, if version < 7 { unsupported } else { 0 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_35_what_grows_without_end_is_refused_as_too_large() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    // 257 MiB of zeros, one more than a batch may take.
    let mut builder = BatchBuilder::new(Compression::new(Codec::Zstd));
    builder.push(Timestamp(1000), None, Some(&vec![0; 257 << 20]), &[]);
    let answer = produced(&mut peer, &produce("chat", id, 0, 1, builder.build())).await;
    assert_eq!(answer.error_code, code(ErrorCode::MessageTooLarge));
}

/// Nothing can read them any more, and no request can carry them.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_38_older_formats_are_refused_and_leave_nothing_behind() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    for format in [0, 1] {
        let old = forged(&batch(&["x"]), |bytes| bytes[16] = format);
        for version in [3, 8, 13] {
            let answer = only(peer.ask(&produce("chat", id, 0, 1, old.clone()), version).await);
            assert_eq!(answer.error_code, code(ErrorCode::InvalidRecord));
        }
    }
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(data(&answer).high_watermark, 0);
}
