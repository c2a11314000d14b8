//! Each rule a produced batch must keep, and each repair.

use super::*;
use crate::records::{BatchBuilder, BatchError, DecompressError, header::position};

const NOW: Timestamp = Timestamp(1_000_000);

#[test]
fn a_right_batch_keeps_its_bytes_in_place() {
    for codec in Codec::ALL {
        let sent = batch_of(Compression::new(codec), &[NOW, Timestamp(999_999)]);
        let produced = validate_produced(sent.clone(), &rules(), NOW).unwrap();
        assert_eq!(produced.to_bytes(), sent);
        assert_eq!(produced.payload().as_ptr(), sent[BatchHeader::SIZE..].as_ptr());
    }
}

#[test]
fn what_is_not_exactly_one_whole_batch_is_refused() {
    let batch = plain_batch();
    assert_eq!(refused(&[]), InvalidBatch::NotOneBatch);
    assert_eq!(refused(&[&batch[..], &batch].concat()), InvalidBatch::NotOneBatch);
    assert_eq!(refused(&[&batch[..], &[0]].concat()), InvalidBatch::NotOneBatch);
    let torn = BatchError::Torn { needed: batch.len(), available: batch.len() - 1 };
    assert_eq!(refused(&batch[..batch.len() - 1]), InvalidBatch::Batch(torn));
}

#[test]
fn older_formats_are_named_even_when_they_are_shorter_than_a_header() {
    let mut message = [0; 26];
    message[position::MAGIC] = 1;
    assert_eq!(refused(&message), InvalidBatch::Batch(BatchError::Magic(1)));
}

#[test]
fn a_wrong_checksum_is_refused() {
    let mut batch = plain_batch().to_vec();
    let last = batch.len() - 1;
    batch[last] ^= 1;
    assert_eq!(refused(&batch), InvalidBatch::Checksum);
}

#[test]
fn a_batch_over_the_limit_is_refused_by_its_stored_size() {
    let batch = plain_batch();
    let limit = batch.len() - 1;
    let tight = ProduceRules { batch_size_max: limit, ..rules() };
    let refused = validate_produced(batch.clone(), &tight, NOW).unwrap_err();
    assert_eq!(refused, InvalidBatch::TooLarge { size: batch.len(), limit });
}

#[test]
fn offsets_start_at_zero_and_count_the_records() {
    let moved = forged(|header| header.base_offset = Offset(1));
    assert_eq!(refused(&moved), InvalidBatch::BaseOffset(Offset(1)));
    let sparse = forged(|header| header.last_offset_delta = 2);
    assert_eq!(refused(&sparse), InvalidBatch::Count { count: 2, offsets: 3 });
    let surplus = forged(|header| header.count = 3);
    let count = BatchError::Count { count: 3, offsets: 2 };
    assert_eq!(refused(&surplus), InvalidBatch::Batch(count));
    let empty = forged(|header| header.count = 0);
    assert_eq!(refused(&empty), InvalidBatch::Count { count: 0, offsets: 2 });
}

#[test]
fn the_count_must_be_that_of_the_records() {
    let fewer = forged(|header| {
        header.count = 3;
        header.last_offset_delta = 2;
    });
    assert_eq!(refused(&fewer), InvalidBatch::Record { index: 2, error: RecordError::Cut });
    let more = forged(|header| {
        header.count = 1;
        header.last_offset_delta = 0;
    });
    assert_eq!(refused(&more), InvalidBatch::Record { index: 1, error: RecordError::Trailing });
}

#[test]
fn clients_write_no_control_records_and_no_append_time() {
    let control = forged(|header| header.attributes |= attribute::CONTROL);
    assert_eq!(refused(&control), InvalidBatch::Control);
    let stamped = forged(|header| header.attributes |= attribute::LOG_APPEND_TIME);
    assert_eq!(refused(&stamped), InvalidBatch::TimestampType);
}

#[test]
fn an_idempotent_producer_has_an_epoch_and_a_sequence() {
    let producer = |id, epoch, sequence| {
        forged(|header| {
            header.producer_id = ProducerId(id);
            header.producer_epoch = ProducerEpoch(epoch);
            header.base_sequence = Sequence(sequence);
        })
    };
    assert!(validate_produced(producer(5, 0, 0), &rules(), NOW).is_ok());
    for (id, epoch, sequence) in [(5, 0, -1), (5, -1, 0), (-2, -1, -1)] {
        assert_eq!(
            refused(&producer(id, epoch, sequence)),
            InvalidBatch::Producer {
                id: ProducerId(id),
                epoch: ProducerEpoch(epoch),
                sequence: Sequence(sequence)
            }
        );
    }
}

#[test]
fn transactional_batches_need_a_producer_and_a_transactional_request() {
    let batch = |producer_id| {
        forged(|header| {
            header.attributes |= attribute::TRANSACTIONAL;
            header.producer_id = ProducerId(producer_id);
            header.producer_epoch = ProducerEpoch(0);
            header.base_sequence = Sequence(0);
        })
    };
    let transactional = ProduceRules { accepts_transactional: true, ..rules() };
    assert!(validate_produced(batch(5), &transactional, NOW).is_ok());
    assert_eq!(refused(&batch(5)), InvalidBatch::Transactional);
    let refused = validate_produced(batch(-1), &transactional, NOW).unwrap_err();
    assert_eq!(refused, InvalidBatch::Transactional);
}

#[test]
fn zstd_needs_a_request_that_knows_it() {
    let old = ProduceRules { accepts_zstd: false, ..rules() };
    let zstd = batch_of(Compression::new(Codec::Zstd), &[NOW]);
    let refused = validate_produced(zstd, &old, NOW).unwrap_err();
    assert_eq!(refused, InvalidBatch::UnsupportedCodec(Codec::Zstd));
    assert!(validate_produced(batch_of(Compression::new(Codec::Lz4), &[NOW]), &old, NOW).is_ok());
}

#[test]
fn records_out_of_the_time_window_are_named_one_by_one() {
    let batch = batch_of(
        Compression::NONE,
        &[NOW, Timestamp(899_999), Timestamp::NONE, Timestamp(1_060_001)],
    );
    let InvalidBatch::Faults(faults) = refused(&batch) else { panic!("faults were expected") };
    assert_eq!(faults.iter().map(|fault| fault.index).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(
        faults[0].to_string(),
        "record 1 has timestamp 899999, which is not within 900000 to 1060000"
    );
}

#[test]
fn a_window_without_end_takes_every_time() {
    let forever = TimestampRule::CreateTime { before_ms_max: i64::MAX, after_ms_max: i64::MAX };
    let open = ProduceRules { timestamps: forever, ..rules() };
    let batch = batch_of(Compression::NONE, &[Timestamp(-5), Timestamp(i64::MAX - 5)]);
    assert!(validate_produced(batch, &open, NOW).is_ok());
}

#[test]
fn a_compacted_topic_names_records_without_key() {
    let mut builder = BatchBuilder::new(Compression::NONE);
    builder.push(NOW, Some(b""), None, &[]);
    builder.push(NOW, None, None, &[]);
    let compacted = ProduceRules { requires_keys: true, ..rules() };
    let refused = validate_produced(builder.build(), &compacted, NOW).unwrap_err();
    let fault = RecordFault { index: 1, reason: FaultReason::NoKey };
    assert_eq!(refused, InvalidBatch::Faults(vec![fault]));
}

#[test]
fn the_list_of_faults_is_bounded() {
    let batch = batch_of(Compression::NONE, &vec![Timestamp(1); 10_000]);
    let InvalidBatch::Faults(faults) = refused(&batch) else { panic!("faults were expected") };
    assert_eq!(faults.len(), FAULTS_MAX);
}

#[test]
fn append_time_replaces_the_producers() {
    let stamping = ProduceRules { timestamps: TimestampRule::LogAppendTime, ..rules() };
    let sent = batch_of(Compression::new(Codec::Gzip), &[Timestamp(1), Timestamp(2)]);
    let produced = validate_produced(sent, &stamping, NOW).unwrap();
    assert_eq!(produced.log_append_time(), Some(NOW));
    for (_, timestamp) in read(&produced.to_bytes()) {
        assert_eq!(timestamp, NOW);
    }
}

#[test]
fn a_wrong_largest_timestamp_is_corrected() {
    let wrong = forged(|header| header.max_timestamp = Timestamp(7));
    let produced = validate_produced(wrong, &rules(), NOW).unwrap();
    assert_eq!(produced.header().max_timestamp(), NOW);
    assert_eq!(read(&produced.to_bytes()).len(), 2);
}

#[test]
fn a_topic_with_its_own_codec_gets_it_whatever_comes_in() {
    for (from, to) in Codec::ALL.into_iter().flat_map(|from| Codec::ALL.map(|to| (from, to))) {
        let own = ProduceRules { compression: Some(Compression::new(to)), ..rules() };
        let sent = batch_of(Compression::new(from), &[NOW, Timestamp(999_000)]);
        let produced = validate_produced(sent.clone(), &own, NOW).unwrap();
        assert_eq!(produced.header().codec(), to);
        assert_eq!(read(&produced.to_bytes()), read(&sent));
    }
}

#[test]
fn offset_deltas_that_do_not_count_up_are_renumbered() {
    for codec in Codec::ALL {
        let mut builder = BatchBuilder::new(Compression::NONE);
        for _ in 0..300 {
            builder.push(NOW, Some(b"key"), Some(b"value"), &[]);
        }
        let right = builder.build();
        let wrong = with_offset_deltas_of_zero(&right, Compression::new(codec));
        let produced = validate_produced(wrong, &rules(), NOW).unwrap();
        assert_eq!(produced.header().codec(), codec);
        assert_eq!(read(&produced.to_bytes()), read(&right));
    }
}

#[test]
fn a_bomb_is_refused_at_the_limit() {
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut builder = BatchBuilder::new(Compression::new(codec));
        builder.push(NOW, None, Some(&vec![0; 20 << 20]), &[]);
        let roomy = ProduceRules { batch_size_max: 2 << 20, ..rules() };
        let refused = validate_produced(builder.build(), &roomy, NOW).unwrap_err();
        let limit = roomy.decompressed_size_max;
        assert_eq!(refused, InvalidBatch::Decompress(DecompressError::TooLarge { limit }));
    }
}

fn rules() -> ProduceRules {
    ProduceRules {
        batch_size_max: 1 << 20,
        decompressed_size_max: 16 << 20,
        compression: None,
        accepts_zstd: true,
        accepts_transactional: false,
        requires_keys: false,
        timestamps: TimestampRule::CreateTime { before_ms_max: 100_000, after_ms_max: 60_000 },
    }
}

fn refused(bytes: &[u8]) -> InvalidBatch {
    validate_produced(Bytes::copy_from_slice(bytes), &rules(), NOW).unwrap_err()
}

fn plain_batch() -> Bytes {
    batch_of(Compression::NONE, &[NOW, Timestamp(999_999)])
}

fn batch_of(compression: Compression, timestamps: &[Timestamp]) -> Bytes {
    let mut builder = BatchBuilder::new(compression);
    for timestamp in timestamps {
        builder.push(*timestamp, Some(b"key"), Some(b"value"), &[]);
    }
    builder.build()
}

/// A batch with a right checksum over a header that someone has changed.
fn forged(change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let sent = plain_batch();
    let mut header = *BatchView::parse(&sent).unwrap().header();
    change(&mut header);
    ProducedBatch::with_new_crc(header, sent.slice(BatchHeader::SIZE..)).to_bytes()
}

fn with_offset_deltas_of_zero(batch: &Bytes, compression: Compression) -> Bytes {
    let view = BatchView::parse(batch).unwrap();
    let mut payload = view.stored_payload();
    let mut zeroed = Vec::new();
    while !payload.is_empty() {
        let record = Outline::read(&mut Slice::new(payload)).unwrap();
        let rest = &payload[record.fields_start..record.size];
        put_record_start(&mut zeroed, record.timestamp_delta, 0, rest.len());
        zeroed.extend_from_slice(rest);
        payload = &payload[record.size..];
    }
    seal(*view.header(), compression, &zeroed)
}

fn read(batch: &[u8]) -> Vec<(Offset, Timestamp)> {
    let batch = BatchView::parse(batch).unwrap();
    assert!(batch.crc_is_valid());
    let payload = batch.payload(1 << 20).unwrap();
    payload.records().map(Result::unwrap).map(|record| (record.offset, record.timestamp)).collect()
}
