//! A second implementation of batches, where it is right: it loses duplicate headers and the time
//! of the leader, and it has the codecs switched off.

use bytes::{Bytes, BytesMut};
use kafka_protocol::{
    protocol::StrBytes,
    records::{self as theirs, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions},
};
use protocol::records::{BatchBuilder, BatchView, Compression, Header};
use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::ENOUGH;

const TIMES: [i64; 3] = [1_700_000_000_000, 1_700_000_000_500, 1_800_000_000_000];

#[test]
fn the_oracle_reads_what_we_write() {
    let mut bytes = ours();
    let set = RecordBatchDecoder::decode(&mut bytes).unwrap();
    assert_eq!(set.records, TIMES.iter().zip(0..).map(theirs).collect::<Vec<_>>());
}

#[test]
fn we_read_what_the_oracle_writes() {
    let records: Vec<_> = TIMES.iter().zip(0..).map(theirs).collect();
    let options = RecordEncodeOptions { version: 2, compression: theirs::Compression::None };
    let mut bytes = BytesMut::new();
    RecordBatchEncoder::encode(&mut bytes, &records, &options).unwrap();
    assert!(BatchView::parse(&bytes).unwrap().crc_is_valid());
    assert_eq!(read(&bytes), read(&ours()));
}

fn ours() -> Bytes {
    let mut builder = BatchBuilder::new(Compression::NONE)
        .base_offset(Offset(1000))
        .partition_leader_epoch(LeaderEpoch(3))
        .producer(ProducerId(8), ProducerEpoch(1), Sequence(20));
    for time in TIMES {
        let headers = [Header { key: b"a", value: Some(b"1") }, Header { key: b"b", value: None }];
        builder.push(Timestamp(time), None, Some(b"value"), &headers);
    }
    builder.build()
}

fn theirs((time, number): (&i64, i32)) -> theirs::Record {
    let headers = [
        (StrBytes::from_static_str("a"), Some(Bytes::from_static(b"1"))),
        (StrBytes::from_static_str("b"), None),
    ];
    theirs::Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 3,
        producer_id: 8,
        producer_epoch: 1,
        timestamp_type: theirs::TimestampType::Creation,
        offset: 1000 + i64::from(number),
        sequence: 20 + number,
        timestamp: *time,
        key: None,
        value: Some(Bytes::from_static(b"value")),
        headers: headers.into_iter().collect(),
    }
}

/// Offset, timestamp, value, and the values of the headers.
type Seen = (i64, i64, Field, Vec<Field>);
type Field = Option<Vec<u8>>;

fn read(bytes: &[u8]) -> Vec<Seen> {
    let payload = BatchView::parse(bytes).unwrap().payload(ENOUGH).unwrap();
    let records = payload.records().map(Result::unwrap).map(|record| {
        let headers = record.headers.map(|header| header.value.map(<[u8]>::to_vec)).collect();
        (record.offset.0, record.timestamp.0, record.value.map(<[u8]>::to_vec), headers)
    });
    records.collect()
}
