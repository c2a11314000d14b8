//! Pitfalls 36 and 37: headers and timestamps of records.

use protocol::records::{BatchBuilder, BatchView, Codec, Compression, Header};
use types::Timestamp;

use crate::{produced, stored, support::*};

const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

/// Also where the leader compresses anew and has to write the records again.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_36_headers_keep_their_order_their_duplicates_and_their_nulls() {
    let running = start().await;
    let mut peer = running.connect().await;
    let kept = peer.create("kept", 1).await;
    let anew = crate::configured(&mut peer, "anew", &[("compression.type", "gzip")]).await;
    let header = |key: &'static str, value| Header { key: key.as_bytes(), value };
    let headers = [
        header("b", Some(&b"1"[..])),
        header("a", None),
        header("b", Some(b"1")),
        header("", Some(b"")),
        header("b", Some(b"2")),
    ];
    for (codec, (name, id)) in CODECS
        .into_iter()
        .flat_map(|codec| [("kept", kept), ("anew", anew)].map(|topic| (codec, topic)))
    {
        let mut builder = BatchBuilder::new(Compression::new(codec));
        builder.push(Timestamp(1000), None, None, &headers);
        let offset = produced(&mut peer, &produce(name, id, 0, 1, builder.build())).await;
        let answer = peer.ask(&fetch(name, id, 0, offset.base_offset, 0), 16).await;
        let found = stored(&answer);
        let payload = BatchView::parse(&found).unwrap().payload(1 << 20).unwrap();
        let record = payload.records().next().unwrap().unwrap();
        assert_eq!(record.headers.collect::<Vec<_>>(), headers, "{codec} in {name}");
        assert_eq!((record.key, record.value), (None, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_37_timestamps_lie_apart_by_more_than_32_bits_and_may_be_missing() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let times = [1_700_000_000_000, 0, -1, 1_600_000_000_000, 1];
    for codec in CODECS {
        let mut builder = BatchBuilder::new(Compression::new(codec));
        for time in times {
            builder.push(Timestamp(time), None, Some(b"x"), &[]);
        }
        let answer = produced(&mut peer, &produce("chat", id, 0, 1, builder.build())).await;
        assert_eq!(answer.error_code, 0, "{answer:?}");
        let answer = peer.ask(&fetch("chat", id, 0, answer.base_offset, 0), 16).await;
        let found = stored(&answer);
        let view = BatchView::parse(&found).unwrap();
        assert_eq!(view.base_timestamp(), Timestamp(times[0]), "the first record's");
        assert_eq!(view.max_timestamp(), Timestamp(times[0]));
        let payload = view.payload(1 << 20).unwrap();
        let read: Vec<i64> = payload.records().map(|record| record.unwrap().timestamp.0).collect();
        assert_eq!(read, times, "{codec}");
    }
}
