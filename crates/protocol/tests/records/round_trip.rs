//! Whatever goes into a batch comes out of it.

use proptest::{collection::vec, option, prelude::*};
use protocol::records::{
    BatchBuilder, BatchView, Codec, Compression, Header, ProduceRules, Record, TimestampRule,
    set_base_offset, set_log_append_time, set_partition_leader_epoch, validate_produced,
};
use types::{LeaderEpoch, Offset, Timestamp};

use crate::ENOUGH;

type Field = Option<Vec<u8>>;

#[derive(Debug, Clone)]
struct Sent {
    timestamp: i64,
    key: Field,
    value: Field,
    headers: Vec<(Vec<u8>, Field)>,
}

proptest! {
    #[test]
    fn records_come_out_as_they_went_in(
        sent in vec(sent(), 1..20),
        compression in compression(),
        base in 0..i64::MAX / 2,
    ) {
        let mut builder = BatchBuilder::new(compression).base_offset(Offset(base));
        for record in &sent {
            let headers: Vec<_> = record.headers().collect();
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            builder.push(Timestamp(record.timestamp), key, value, &headers);
        }
        let mut bytes = builder.build().to_vec();
        assert_holds(&bytes, &sent, base);

        set_partition_leader_epoch(&mut bytes, LeaderEpoch(9));
        set_base_offset(&mut bytes, Offset(base + 1));
        assert_holds(&bytes, &sent, base + 1);

        set_log_append_time(&mut bytes, Timestamp(77));
        let batch = BatchView::parse(&bytes).unwrap();
        prop_assert!(batch.crc_is_valid());
        prop_assert_eq!(batch.partition_leader_epoch(), LeaderEpoch(9));
        let payload = batch.payload(ENOUGH).unwrap();
        prop_assert!(payload.records().all(|record| record.unwrap().timestamp == Timestamp(77)));
    }

    #[test]
    fn validation_changes_nothing_that_a_consumer_sees(
        sent in vec(sent(), 1..20),
        from in compression(),
        to in option::of(compression()),
    ) {
        let mut builder = BatchBuilder::new(from);
        for record in &sent {
            let headers: Vec<_> = record.headers().collect();
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            builder.push(Timestamp(record.timestamp), key, value, &headers);
        }
        let rules = ProduceRules {
            batch_size_max: ENOUGH,
            decompressed_size_max: ENOUGH,
            compression: to,
            accepts_zstd: true,
            accepts_transactional: false,
            requires_keys: false,
            timestamps: TimestampRule::CreateTime {
                before_ms_max: i64::MAX,
                after_ms_max: i64::MAX,
            },
        };
        let mut produced = validate_produced(builder.build(), &rules, Timestamp(0)).unwrap();
        produced.set_base_offset(Offset(5));
        prop_assert_eq!(produced.header().codec(), to.unwrap_or(from).codec());
        assert_holds(&produced.to_bytes(), &sent, 5);
    }
}

impl Sent {
    fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        self.headers.iter().map(|(key, value)| Header { key, value: value.as_deref() })
    }

    fn is(&self, record: &Record<'_>) -> bool {
        record.timestamp == Timestamp(self.timestamp)
            && record.key == self.key.as_deref()
            && record.value == self.value.as_deref()
            && record.headers.clone().eq(self.headers())
    }
}

fn assert_holds(bytes: &[u8], sent: &[Sent], base: i64) {
    let batch = BatchView::parse(bytes).unwrap();
    assert!(batch.crc_is_valid());
    let payload = batch.payload(ENOUGH).unwrap();
    let records: Vec<_> = payload.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), sent.len());
    for (offset, (record, sent)) in (base..).zip(records.iter().zip(sent)) {
        assert_eq!(record.offset, Offset(offset));
        assert!(sent.is(record), "{sent:?} became {record:?}");
    }
    let largest = sent.iter().map(|record| record.timestamp).max().unwrap();
    assert_eq!(batch.max_timestamp(), Timestamp(largest.max(-1)));
}

fn sent() -> impl Strategy<Value = Sent> {
    // Two times whose distance no i64 holds cannot be in one batch.
    let timestamp = prop_oneof![Just(-1), 0..i64::MAX / 2];
    let headers = vec((vec(any::<u8>(), 0..4), option::of(vec(any::<u8>(), 0..20))), 0..4);
    (timestamp, field(), field(), headers).prop_map(|(timestamp, key, value, headers)| Sent {
        timestamp,
        key,
        value,
        headers,
    })
}

fn field() -> impl Strategy<Value = Field> {
    option::of(prop_oneof![vec(any::<u8>(), 0..200), (0..5000usize).prop_map(|size| vec![7; size])])
}

fn compression() -> impl Strategy<Value = Compression> {
    let level = |codec| move |level| Compression::with_level(codec, level).unwrap();
    prop_oneof![
        Just(Compression::NONE),
        Just(Compression::new(Codec::Snappy)),
        (-1..=9)
            .prop_filter("gzip has no level 0", |level| *level != 0)
            .prop_map(level(Codec::Gzip)),
        (1..=17).prop_map(level(Codec::Lz4)),
        prop_oneof![-5..=9, Just(-131_072), Just(22)].prop_map(level(Codec::Zstd)),
    ]
}
