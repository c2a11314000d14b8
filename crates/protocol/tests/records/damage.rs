//! Batches that were cut or changed: noticed, and never a panic.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use protocol::records::{
    BatchBuilder, BatchError, BatchHeader, BatchView, Codec, Compression, ProduceRules,
    TimestampRule, batches, control::ControlRecord, validate_produced,
};
use types::Timestamp;

use crate::{
    ENOUGH,
    golden::{NAMES, golden},
};

const CRC: std::ops::Range<usize> = 17..21;

#[test]
fn a_cut_at_every_byte_is_torn() {
    for name in NAMES {
        let batch = golden(name);
        for available in 1..batch.len() {
            let needed =
                if available < BatchHeader::SIZE { BatchHeader::SIZE } else { batch.len() };
            let torn = BatchError::Torn { needed, available };
            assert_eq!(BatchView::parse(&batch[..available]).unwrap_err(), torn, "{name}");
        }
    }
}

#[test]
fn what_precedes_a_torn_batch_is_still_read() {
    let whole = golden("none");
    let bytes = [&whole[..], &golden("zstd"), &whole[..whole.len() - 1]].concat();
    let mut all = batches(&bytes);
    assert_eq!(all.next().unwrap().unwrap().codec(), Codec::None);
    assert_eq!(all.next().unwrap().unwrap().codec(), Codec::Zstd);
    assert!(matches!(all.next(), Some(Err(BatchError::Torn { .. }))));
    assert_eq!(all.position(), bytes.len() - whole.len() + 1);
    assert!(all.next().is_none());
}

#[test]
fn a_flipped_bit_is_noticed_wherever_a_leader_does_not_write() {
    for name in NAMES {
        let batch = golden(name);
        for position in 0..batch.len() {
            for bit in 0..8 {
                let flipped = flipped(&batch, position, bit);
                let noticed = match BatchView::parse(&flipped) {
                    Ok(batch) => !batch.crc_is_valid(),
                    Err(_) => true,
                };
                // Base offset and leader epoch lie outside the checksum.
                let is_rewritable = position < 8 || (12..16).contains(&position);
                assert!(noticed || is_rewritable, "{name}: bit {bit} of byte {position}");
            }
        }
    }
}

#[test]
fn a_flipped_bit_under_a_right_checksum_never_panics() {
    for name in NAMES {
        let batch = golden(name);
        // In the long runs of one codec's block, one byte is like the next.
        for position in
            (CRC.end..batch.len()).filter(|position| position % 8 == 0 || *position < 200)
        {
            for bit in 0..8 {
                read_everything(&with_new_crc(flipped(&batch, position, bit)));
            }
        }
    }
}

#[test]
fn a_size_that_only_the_codec_claims_allocates_nothing() {
    // One raw block of four bytes that says it holds 4 GiB.
    let snappy = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0];
    assert!(Codec::Snappy.decompress(&snappy, usize::MAX).is_err());
    // A zstd frame in one segment whose content is said to take 2^62 bytes.
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0];
    assert!(Codec::Zstd.decompress(&zstd, usize::MAX).is_err());
}

#[test]
fn gzip_of_several_members_is_read_to_the_end() {
    let mut members = Vec::new();
    Compression::new(Codec::Gzip).compress(b"one, ", &mut members);
    Compression::new(Codec::Gzip).compress(b"two", &mut members);
    assert_eq!(*Codec::Gzip.decompress(&members, ENOUGH).unwrap(), *b"one, two");
}

#[test]
fn snappy_without_framing_is_read() {
    let raw = snap::raw::Encoder::new().compress_vec(&[b'x'; 1000]).unwrap();
    assert_eq!(*Codec::Snappy.decompress(&raw, ENOUGH).unwrap(), [b'x'; 1000]);
}

#[test]
fn a_record_of_very_many_headers_takes_no_more_than_its_bytes() {
    // Headers of two bytes each: an empty key and a null value.
    let headers = vec![protocol::records::Header { key: b"", value: None }; 100_000];
    let mut builder = BatchBuilder::new(Compression::NONE);
    builder.push(Timestamp(0), None, None, &headers);
    let bytes = builder.build();
    assert!(bytes.len() < 200_100);
    let payload = BatchView::parse(&bytes).unwrap().payload(0).unwrap();
    let record = payload.records().next().unwrap().unwrap();
    assert_eq!(record.headers.len(), 100_000);
    assert!(size_of_val(&record) < 200);
}

proptest! {
    #[test]
    fn any_bytes_as_batches_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        for batch in batches(&bytes) {
            let _ = batch;
        }
    }

    #[test]
    fn any_bytes_as_records_never_panic(
        payload in vec(any::<u8>(), 0..300),
        codec in 0usize..5,
        count in 1i32..1000,
    ) {
        let mut bytes = golden(Codec::ALL[codec].name())[..BatchHeader::SIZE].to_vec();
        let length = i32::try_from(BatchHeader::SIZE - BatchHeader::LENGTH_PREFIX + payload.len());
        bytes[8..12].copy_from_slice(&length.unwrap().to_be_bytes());
        bytes[23..27].copy_from_slice(&(count - 1).to_be_bytes());
        bytes[57..61].copy_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&payload);
        read_everything(&with_new_crc(bytes));
    }
}

/// All that any part of the broker does with a batch.
fn read_everything(bytes: &[u8]) {
    let Ok(batch) = BatchView::parse(bytes) else { return };
    assert!(batch.crc_is_valid());
    let rules = ProduceRules {
        batch_size_max: ENOUGH,
        decompressed_size_max: ENOUGH,
        compression: None,
        accepts_zstd: true,
        accepts_transactional: true,
        requires_keys: false,
        timestamps: TimestampRule::CreateTime { before_ms_max: i64::MAX, after_ms_max: i64::MAX },
    };
    let produced = validate_produced(Bytes::copy_from_slice(bytes), &rules, Timestamp(0));
    let Ok(payload) = batch.payload(ENOUGH) else {
        assert!(produced.is_err());
        return;
    };
    let mut is_readable = true;
    for record in payload.records() {
        match record {
            Ok(record) => {
                assert_eq!(record.headers.clone().count(), record.headers.len());
                let _ = ControlRecord::decode(&record);
            }
            Err(_) => is_readable = false,
        }
    }
    assert!(is_readable || produced.is_err(), "what cannot be read must not be appended");
}

fn flipped(batch: &[u8], position: usize, bit: u32) -> Vec<u8> {
    let mut bytes = batch.to_vec();
    bytes[position] ^= 1 << bit;
    bytes
}

fn with_new_crc(mut batch: Vec<u8>) -> Vec<u8> {
    let crc = crc32c::crc32c(&batch[CRC.end..]);
    batch[CRC].copy_from_slice(&crc.to_be_bytes());
    batch
}
