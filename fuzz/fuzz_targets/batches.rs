//! Any bytes as record batches: nothing panics, and what validation lets through can be read.
//!
//! The checksum is set right, else no change would get beyond it. Start from Kafka's batches:
//! `cargo fuzz run batches fuzz/corpus/batches crates/protocol/tests/records/golden`.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use protocol::records::{
    BatchHeader, BatchView, Codec, Compression, ProduceRules, TimestampRule, batches,
    control::ControlRecord, validate_produced,
};
use types::Timestamp;

const DECOMPRESSED_SIZE_MAX: usize = 1 << 20;
const BATCH_SIZE_MAX: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    for batch in batches(data).flatten() {
        let mut bytes = batch.bytes().to_vec();
        let crc = crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        read(&bytes);
        bytes[..8].fill(0);
        produce(bytes.into());
    }
});

/// All that a consumer, a follower or a tool does with a batch; whether it could.
fn read(bytes: &[u8]) -> bool {
    let batch = BatchView::parse(bytes).expect("it was parsed before");
    assert!(batch.crc_is_valid());
    assert_eq!(batch.header().encode(), bytes[..BatchHeader::SIZE]);
    let Ok(payload) = batch.payload(DECOMPRESSED_SIZE_MAX) else { return false };
    assert!(batch.codec() == Codec::None || payload.bytes().len() <= DECOMPRESSED_SIZE_MAX);
    for record in payload.records() {
        let Ok(record) = record else { return false };
        assert_eq!(record.headers.clone().count(), record.headers.len());
        let _ = ControlRecord::decode(&record);
    }
    true
}

fn produce(bytes: Bytes) {
    for compression in [None, Some(Compression::NONE), Some(Compression::new(Codec::Lz4))] {
        let rules = ProduceRules {
            batch_size_max: BATCH_SIZE_MAX,
            decompressed_size_max: DECOMPRESSED_SIZE_MAX,
            compression,
            accepts_zstd: true,
            accepts_transactional: true,
            requires_keys: false,
            timestamps: TimestampRule::CreateTime {
                before_ms_max: i64::MAX,
                after_ms_max: i64::MAX,
            },
        };
        if let Ok(produced) = validate_produced(bytes.clone(), &rules, Timestamp(0)) {
            assert!(read(&produced.to_bytes()), "what is appended can be read");
        }
    }
}

/// CRC-32C, bit by bit: small inputs, and no dependency that the real code shares.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}
