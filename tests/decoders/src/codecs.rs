//! Compressed records of every codec: never more than the bound, and as a whole or a piece at a time
//! they say the same.

use protocol::records::{
    BatchBuilder, BatchHeader, BatchView, Codec, Compression, DecompressError, ProduceRules,
    TimestampRule, validate_produced,
};
use types::Timestamp;

use crate::kafka_batches;

const SIZE_MAX: usize = 1 << 16;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (index, codec) in (0..).zip(Codec::ALL) {
        for size in [0, 20, 2_000] {
            let mut builder = BatchBuilder::new(Compression::new(codec));
            builder.push(Timestamp(0), None, Some(&vec![b'a'; size]), &[]);
            let payload = builder.build().slice(BatchHeader::SIZE..);
            seeds.push([&[index, 1], &payload[..]].concat());
        }
    }
    seeds
}

pub(crate) fn check(data: &[u8]) {
    let [codec, records, stored @ ..] = data else { return };
    let codec = Codec::ALL[usize::from(*codec) % Codec::ALL.len()];
    decompress(codec, stored);
    produce(codec, i32::from(*records), stored);
}

fn decompress(codec: Codec, stored: &[u8]) {
    match codec.decompress(stored, SIZE_MAX) {
        Ok(bytes) => {
            assert!(codec == Codec::None || bytes.len() <= SIZE_MAX);
            let exactly = codec.decompress(stored, bytes.len());
            assert_eq!(exactly.as_deref(), Ok(&*bytes), "a bound of just this size suffices");
            if codec != Codec::None && !bytes.is_empty() {
                let limit = bytes.len() - 1;
                let smaller = codec.decompress(stored, limit);
                assert_eq!(smaller, Err(DecompressError::TooLarge { limit }));
            }
        }
        Err(DecompressError::TooLarge { limit }) => assert_eq!(limit, SIZE_MAX),
        Err(DecompressError::Damaged { codec: named, .. }) => assert_eq!(named, codec),
    }
}

/// Validation decompresses a piece at a time; what it lets through is read as a whole.
fn produce(codec: Codec, records: i32, stored: &[u8]) {
    let bytes = kafka_batches::with_payload(codec, records.max(1), stored);
    let rules = ProduceRules {
        batch_size_max: usize::MAX,
        decompressed_size_max: SIZE_MAX,
        compression: None,
        accepts_zstd: true,
        accepts_transactional: true,
        requires_keys: false,
        timestamps: TimestampRule::CreateTime { before_ms_max: i64::MAX, after_ms_max: i64::MAX },
    };
    let Ok(produced) = validate_produced(bytes.into(), &rules, Timestamp(0)) else { return };
    let bytes = produced.to_bytes();
    let batch = BatchView::parse(&bytes).expect("what is appended is a batch");
    let payload = batch.payload(SIZE_MAX).expect("what is appended can be decompressed");
    assert_eq!(
        payload.records().filter_map(Result::ok).count(),
        usize::try_from(batch.count()).expect("no batch holds fewer than no records")
    );
}
