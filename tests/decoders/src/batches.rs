//! Record batches: what validation lets through can be read, and control records mean the same when
//! they are written again.

use bytes::Bytes;
use protocol::records::{
    BatchBuilder, BatchHeader, BatchView, Codec, Compression, ProduceRules, Record, TimestampRule,
    control::ControlRecord, validate_produced,
};
use types::Timestamp;

use crate::kafka_batches;

const DECOMPRESSED_SIZE_MAX: usize = 1 << 20;
const BATCH_SIZE_MAX: usize = 1 << 20;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = kafka_batches::examples().iter().map(|it| it.to_vec()).collect();
    seeds.push(kafka_batches::log());
    seeds
}

pub(crate) fn check(data: &[u8]) {
    for batch in kafka_batches::split(data) {
        read(&batch);
        produce(&batch);
    }
}

/// All that a consumer, a follower or a tool does with a batch; whether it could.
fn read(bytes: &[u8]) -> bool {
    let batch = BatchView::parse(bytes).expect("it was parsed before");
    assert!(batch.crc_is_valid());
    assert_eq!(batch.header().encode(), bytes[..BatchHeader::SIZE]);
    if batch.is_control() {
        let _ = consensus::ControlRecord::read_batch(&batch);
    }
    let Ok(payload) = batch.payload(DECOMPRESSED_SIZE_MAX) else { return false };
    assert!(batch.codec() == Codec::None || payload.bytes().len() <= DECOMPRESSED_SIZE_MAX);
    for record in payload.records() {
        let Ok(record) = record else { return false };
        assert_eq!(record.headers.clone().count(), record.headers.len());
        check_control_record(&record);
    }
    true
}

fn check_control_record(record: &Record<'_>) {
    let Ok(Some(control)) = ControlRecord::decode(record) else { return };
    let mut builder = BatchBuilder::new(Compression::NONE).control();
    builder.push_control(Timestamp(0), &control);
    let bytes = builder.build();
    let batch = BatchView::parse(&bytes).expect("what was built is a batch");
    let payload = batch.payload(DECOMPRESSED_SIZE_MAX).expect("nothing is compressed");
    let again = payload.records().next().expect("it has a record").expect("which can be read");
    assert_eq!(ControlRecord::decode(&again), Ok(Some(control)), "written again it is another");
}

/// All that a broker does with a batch that a producer sends.
fn produce(bytes: &Bytes) {
    let mut bytes = bytes.to_vec();
    protocol::records::set_base_offset(&mut bytes, types::Offset(0));
    let bytes = Bytes::from(bytes);
    for compression in [None, Some(Compression::NONE), Some(Compression::new(Codec::Lz4))] {
        for requires_keys in [false, true] {
            let rules = rules(compression, requires_keys);
            let Ok(produced) = validate_produced(bytes.clone(), &rules, Timestamp(0)) else {
                continue;
            };
            assert!(read(&produced.to_bytes()), "what is appended can be read");
        }
    }
}

fn rules(compression: Option<Compression>, requires_keys: bool) -> ProduceRules {
    ProduceRules {
        batch_size_max: BATCH_SIZE_MAX,
        decompressed_size_max: DECOMPRESSED_SIZE_MAX,
        compression,
        accepts_zstd: true,
        accepts_transactional: true,
        requires_keys,
        timestamps: TimestampRule::CreateTime { before_ms_max: i64::MAX, after_ms_max: i64::MAX },
    }
}
