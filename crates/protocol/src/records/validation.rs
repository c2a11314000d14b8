//! What a leader demands of a batch that a client produces, and what it repairs.
//!
//! A hot path: the records are walked where they lie, compressed ones a buffer at a time; nothing
//! is copied unless the topic wants another compression.

use bytes::Bytes;
use types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use super::{
    BatchHeader, BatchView, Codec, Compression, FaultReason, InvalidBatch, ProduceRules,
    ProducedBatch, RecordError, RecordFault, TimestampRule, TimestampType,
    builder::{put_record_start, seal},
    header::attribute,
    outline::{Outline, Slice, Source},
    payload::timestamp,
};

/// How many faults are listed: a batch may hold 100,000 records, all of them wrong.
pub const FAULTS_MAX: usize = 100;

/// Checks what one producer sent for one partition, and makes it ready to be appended.
///
/// What is right is kept as it is. As Kafka does, a wrong largest timestamp is corrected, and offset
/// deltas that are not 0, 1, 2 … are renumbered.
///
/// # Errors
/// Says which rule the batch breaks.
pub fn validate_produced(
    bytes: Bytes,
    rules: &ProduceRules,
    now: Timestamp,
) -> Result<ProducedBatch, InvalidBatch> {
    if bytes.is_empty() {
        return Err(InvalidBatch::NotOneBatch);
    }
    let batch = BatchView::parse(&bytes)?;
    check_size(batch.size(), rules)?;
    if !batch.crc_is_valid() {
        return Err(InvalidBatch::Checksum);
    }
    if batch.size() < bytes.len() {
        return Err(InvalidBatch::NotOneBatch);
    }
    check_header(&batch, rules)?;
    let walk = Walk::over(&batch, rules, now)?;

    let mut header = *batch.header();
    match rules.timestamps {
        TimestampRule::CreateTime { .. } => header.max_timestamp = walk.max_timestamp,
        TimestampRule::LogAppendTime => {
            header.attributes |= attribute::LOG_APPEND_TIME;
            header.max_timestamp = now;
        }
    }
    let target = rules.compression.unwrap_or_else(|| Compression::new(batch.codec()));
    if walk.is_numbered && target.codec() == batch.codec() {
        return Ok(keep(header, *batch.header(), &bytes));
    }
    let payload = batch.payload(rules.decompressed_size_max).map_err(InvalidBatch::Decompress)?;
    let sealed = if walk.is_numbered {
        seal(header, target, payload.bytes())
    } else {
        seal(header, target, &renumbered(payload.bytes())?)
    };
    check_size(sealed.len(), rules)?;
    Ok(ProducedBatch::trusted(&sealed)?)
}

fn check_size(size: usize, rules: &ProduceRules) -> Result<(), InvalidBatch> {
    let limit = rules.batch_size_max;
    if size > limit { Err(InvalidBatch::TooLarge { size, limit }) } else { Ok(()) }
}

fn check_header(header: &BatchHeader, rules: &ProduceRules) -> Result<(), InvalidBatch> {
    if header.base_offset() != Offset::ZERO {
        return Err(InvalidBatch::BaseOffset(header.base_offset()));
    }
    let (count, offsets) = (header.count(), i64::from(header.last_offset_delta()) + 1);
    if count < 1 || i64::from(count) != offsets {
        return Err(InvalidBatch::Count { count, offsets });
    }
    if header.is_control() {
        return Err(InvalidBatch::Control);
    }
    if header.timestamp_type() == TimestampType::LogAppendTime {
        return Err(InvalidBatch::TimestampType);
    }
    if header.codec() == Codec::Zstd && !rules.accepts_zstd {
        return Err(InvalidBatch::UnsupportedCodec(Codec::Zstd));
    }
    check_producer(header, rules)
}

fn check_producer(header: &BatchHeader, rules: &ProduceRules) -> Result<(), InvalidBatch> {
    let (id, epoch, sequence) =
        (header.producer_id(), header.producer_epoch(), header.base_sequence());
    let fits = if header.has_producer() {
        epoch >= ProducerEpoch(0) && sequence >= Sequence(0)
    } else {
        id == ProducerId::NONE
    };
    if !fits {
        return Err(InvalidBatch::Producer { id, epoch, sequence });
    }
    if header.is_transactional() && !(header.has_producer() && rules.accepts_transactional) {
        return Err(InvalidBatch::Transactional);
    }
    Ok(())
}

/// The batch with its own records, and a checksum that fits the header it shall have.
fn keep(header: BatchHeader, sent: BatchHeader, bytes: &Bytes) -> ProducedBatch {
    let payload = bytes.slice(BatchHeader::SIZE..);
    if header == sent {
        ProducedBatch::unchanged(header, payload)
    } else {
        ProducedBatch::with_new_crc(header, payload)
    }
}

/// What one pass over the records tells.
struct Walk {
    max_timestamp: Timestamp,
    /// Whether the offset deltas are 0, 1, 2 …
    is_numbered: bool,
}

impl Walk {
    fn over(
        batch: &BatchView<'_>,
        rules: &ProduceRules,
        now: Timestamp,
    ) -> Result<Walk, InvalidBatch> {
        let stored = batch.stored_payload();
        match batch.codec() {
            Codec::None => Walk::through(&mut Slice::new(stored), batch, rules, now),
            codec @ (Codec::Gzip | Codec::Snappy | Codec::Lz4 | Codec::Zstd) => {
                let stream = codec.stream(stored, rules.decompressed_size_max);
                let mut stream = stream.map_err(InvalidBatch::Decompress)?;
                Walk::through(&mut stream, batch, rules, now)
            }
        }
    }

    fn through(
        source: &mut impl Source,
        header: &BatchHeader,
        rules: &ProduceRules,
        now: Timestamp,
    ) -> Result<Walk, InvalidBatch> {
        let demands = Demands::of(rules, now);
        let mut walk = Walk { max_timestamp: Timestamp::NONE, is_numbered: true };
        let mut faults = Vec::new();
        for number in 0..header.count() {
            let index = usize::try_from(number).expect("a count is not negative");
            let record = Outline::read(source).map_err(|error| invalid_record(index, error))?;
            let timestamp = timestamp(header, record.timestamp_delta)
                .map_err(|error| invalid_record(index, error))?;
            if let Err(reason) = demands.check(&record, timestamp) {
                faults.push(RecordFault { index, reason });
                if faults.len() == FAULTS_MAX {
                    break;
                }
            }
            walk.max_timestamp = walk.max_timestamp.max(timestamp);
            walk.is_numbered &= record.offset_delta == number;
        }
        if !faults.is_empty() {
            return Err(InvalidBatch::Faults(faults));
        }
        let count = usize::try_from(header.count()).expect("a count is not negative");
        match source.is_at_end() {
            Ok(true) => Ok(walk),
            Ok(false) => Err(invalid_record(count, RecordError::Trailing)),
            Err(error) => Err(invalid_record(count, error)),
        }
    }
}

/// What a topic demands of each record.
struct Demands {
    requires_keys: bool,
    earliest: Timestamp,
    latest: Timestamp,
}

impl Demands {
    fn of(rules: &ProduceRules, now: Timestamp) -> Demands {
        let (earliest, latest) = match rules.timestamps {
            TimestampRule::CreateTime { before_ms_max, after_ms_max } => {
                (now.0.saturating_sub(before_ms_max), now.0.saturating_add(after_ms_max))
            }
            TimestampRule::LogAppendTime => (i64::MIN, i64::MAX),
        };
        Demands {
            requires_keys: rules.requires_keys,
            earliest: Timestamp(earliest),
            latest: Timestamp(latest),
        }
    }

    fn check(&self, record: &Outline, timestamp: Timestamp) -> Result<(), FaultReason> {
        if self.requires_keys && record.key.is_none() {
            return Err(FaultReason::NoKey);
        }
        let (earliest, latest) = (self.earliest, self.latest);
        if timestamp != Timestamp::NONE && !(earliest..=latest).contains(&timestamp) {
            return Err(FaultReason::Timestamp { timestamp, earliest, latest });
        }
        Ok(())
    }
}

fn invalid_record(index: usize, error: RecordError) -> InvalidBatch {
    match error {
        RecordError::Decompress(error) => InvalidBatch::Decompress(error),
        RecordError::Cut
        | RecordError::Varint
        | RecordError::NegativeLength(_)
        | RecordError::Surplus(_)
        | RecordError::NullHeaderKey
        | RecordError::Range
        | RecordError::Trailing => InvalidBatch::Record { index, error },
    }
}

/// The same records with offset deltas 0, 1, 2 …
fn renumbered(mut payload: &[u8]) -> Result<Vec<u8>, InvalidBatch> {
    let mut out = Vec::with_capacity(payload.len());
    for number in 0.. {
        if payload.is_empty() {
            break;
        }
        let record =
            Outline::read(&mut Slice::new(payload)).map_err(|error| InvalidBatch::Record {
                index: usize::try_from(number).expect("numbers count up from 0"),
                error,
            })?;
        let rest = &payload[record.fields_start..record.size];
        put_record_start(&mut out, record.timestamp_delta, number, rest.len());
        out.extend_from_slice(rest);
        payload = &payload[record.size..];
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
