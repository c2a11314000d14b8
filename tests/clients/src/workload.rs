//! What the clients send: every shape a record can have, and enough of them to fill batches.

use crate::record::{Header, Record};
use std::collections::BTreeSet;

/// The partitions that the records are spread over.
pub const PARTITIONS: i32 = 3;

/// Records of every shape, the first with this timestamp, each a millisecond after the one before.
#[must_use]
pub fn records(first_timestamp: i64) -> Vec<Record> {
    let mut records = Vec::new();
    for (timestamp, (key, value, headers)) in (first_timestamp..).zip(shapes()) {
        let partition = i32::try_from(records.len()).expect("the workload is small") % PARTITIONS;
        records.push(Record { partition, timestamp, key, value, headers });
    }
    records
}

/// The same without what some clients cannot express: records that have neither key nor value, and
/// headers of the same name.
#[must_use]
pub fn plain_records(first_timestamp: i64) -> Vec<Record> {
    let mut plain = records(first_timestamp);
    plain.retain(|record| {
        let names: BTreeSet<_> = record.headers.iter().map(|(name, _)| name).collect();
        let has_twins = names.len() < record.headers.len();
        !has_twins && (record.key.is_some() || record.value.is_some())
    });
    plain
}

type Shape = (Option<Vec<u8>>, Option<Vec<u8>>, Vec<Header>);

fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for key in [None, Some(Vec::new()), Some(b"key".to_vec()), Some(noise(300))] {
        for value in [None, Some(Vec::new()), Some(b"value".to_vec()), Some(noise(4096))] {
            for headers in header_sets() {
                shapes.push((key.clone(), value.clone(), headers));
            }
        }
    }
    for index in 0..600_usize {
        let key = format!("key {}", index % 7).into_bytes();
        let value =
            format!("a line of text that compresses, number {index}; ").repeat(1 + index % 9);
        shapes.push((Some(key), Some(value.into_bytes()), Vec::new()));
    }
    shapes.push((None, Some(vec![b'x'; 700_000]), Vec::new()));
    shapes.push((None, Some(noise(700_000)), Vec::new()));
    shapes
}

fn header_sets() -> Vec<Vec<Header>> {
    let header = |name: &str, value: Option<&[u8]>| (name.to_owned(), value.map(<[u8]>::to_vec));
    vec![
        vec![],
        vec![header("only", Some(b"one"))],
        vec![header("twice", Some(b"1")), header("other", None), header("twice", Some(b"2"))],
        vec![header("twice", None), header("twice", None), header("empty", Some(b""))],
        vec![header("", Some(b"no name")), header("größe", Some(&[0xff, 0x00, 0xfe]))],
        (0..40).map(|index| header(&format!("h{index}"), Some(b"v"))).collect(),
    ]
}

/// Bytes that do not compress, the same at every call.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..size).map(|_| next()).collect()
}
