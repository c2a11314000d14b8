//! Wrong in the header of a batch.

use super::reason;
use crate::bad_frame::{BadFrame, Fate, answered, frame};
use crate::batch::{Batch, RECORD, produced};
use protocol::ErrorCode::{
    self, CorruptMessage, InvalidRecord, InvalidTimestamp, UnsupportedCompressionType,
};

pub(crate) fn frames() -> Vec<BadFrame> {
    [whole(), counts(), attributes(), producers()].into_iter().flatten().collect()
}

/// Kafka knows no answer.
fn fails() -> Fate {
    answered([ErrorCode::UnknownServerError])
}

/// Kafka appends it.
fn taken() -> Fate {
    answered([ErrorCode::None])
}

fn row(name: &str, batch: &Batch, error: ErrorCode) -> BadFrame {
    frame(name, batch.produced(), answered([error]))
}

fn whole() -> Vec<BadFrame> {
    let good = Batch::default();
    let bytes = good.bytes();
    vec![
        row("a wrong checksum", &Batch { crc_error: 1, ..good.clone() }, CorruptMessage),
        row("format 0", &Batch { magic: 0, ..good.clone() }, InvalidRecord),
        row("format 1", &Batch { magic: 1, ..good.clone() }, InvalidRecord),
        row("format 3", &Batch { magic: 3, ..good.clone() }, CorruptMessage),
        row("format -1", &Batch { magic: -1, ..good.clone() }, CorruptMessage),
        row("a base offset of 5", &Batch { base_offset: 5, ..good.clone() }, InvalidRecord),
        row("a base offset of -1", &Batch { base_offset: -1, ..good.clone() }, InvalidRecord),
        row(
            "a batch that says it is longer",
            &Batch { length_error: 1, ..good.clone() },
            InvalidRecord,
        ),
        row(
            "a batch that says it is shorter",
            &Batch { length_error: -1, ..good.clone() },
            CorruptMessage,
        ),
        row(
            "a batch that says it has 2 GiB",
            &Batch { length_error: i32::MAX - 57, ..good.clone() },
            InvalidRecord,
        )
        .at_kafka(fails(), reason::FAILS),
        row(
            "a batch of negative length",
            &Batch { length_error: -1000, ..good.clone() },
            CorruptMessage,
        ),
        row("a batch of length 0", &Batch { length_error: -57, ..good }, CorruptMessage),
        frame("half a batch", produced(&bytes[..30]), answered([InvalidRecord])),
        frame("eleven bytes of a batch", produced(&bytes[..11]), answered([InvalidRecord])),
        frame("two batches", produced(&[&bytes[..], &bytes].concat()), answered([InvalidRecord])),
        frame(
            "a batch and a byte",
            produced(&[&bytes[..], &[0]].concat()),
            answered([InvalidRecord]),
        )
        .at_kafka(taken(), reason::TORN),
    ]
}

fn counts() -> Vec<BadFrame> {
    let of = |count, last_offset_delta| Batch { count, last_offset_delta, ..Batch::default() };
    vec![
        row("no records", &Batch { payload: Vec::new(), ..of(0, -1) }, InvalidRecord),
        row("a count of 0 before a record", &of(0, 0), InvalidRecord),
        row("-1 records", &of(-1, 0), InvalidRecord),
        row("two billion records", &of(i32::MAX, i32::MAX - 1), InvalidRecord),
        row("a record more than there are", &of(2, 1), InvalidRecord),
        row(
            "a record less than there are",
            &Batch { payload: RECORD.repeat(2), ..of(1, 0) },
            InvalidRecord,
        ),
        row("offsets without records", &of(1, 5), InvalidRecord),
        row("a negative distance of offsets", &of(1, -7), InvalidRecord),
    ]
}

fn attributes() -> Vec<BadFrame> {
    let of = |attributes| Batch { attributes, ..Batch::default() };
    vec![
        row("codec 5", &of(5), UnsupportedCompressionType).at_kafka(fails(), reason::FAILS),
        row("codec 7", &of(7), UnsupportedCompressionType).at_kafka(fails(), reason::FAILS),
        row("the leader's time from a producer", &of(1 << 3), InvalidTimestamp)
            .at_kafka(taken(), reason::TIME),
        row("a control batch", &of(1 << 5), InvalidRecord),
        row(
            "a time from 2300",
            &Batch { base_timestamp: 1 << 43, max_timestamp: 1 << 43, ..of(0) },
            InvalidTimestamp,
        ),
    ]
}

fn producers() -> Vec<BadFrame> {
    let of = |producer_id, producer_epoch, base_sequence| Batch {
        producer_id,
        producer_epoch,
        base_sequence,
        ..Batch::default()
    };
    vec![
        row("a producer without a sequence", &of(4711, 0, -1), InvalidRecord),
        row("a producer without an epoch", &of(4711, -1, 0), InvalidRecord)
            .at_kafka(taken(), reason::PRODUCER),
        row("a producer of negative id", &of(-2, 0, 0), InvalidRecord)
            .at_kafka(taken(), reason::PRODUCER),
    ]
}
