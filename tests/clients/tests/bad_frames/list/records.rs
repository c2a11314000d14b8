//! Wrong in the records of a batch whose header and checksum are right.

use super::reason;
use crate::bad_frame::{BadFrame, answered, frame};
use crate::batch::Batch;
use protocol::ErrorCode::{self, InvalidRecord, UnknownServerError};

pub(crate) fn frames() -> Vec<BadFrame> {
    let of = |payload: &[u8]| Batch { payload: payload.to_vec(), ..Batch::default() };
    let refused = |(name, payload): (&str, &[u8])| {
        let refused = frame(name, of(payload).produced(), answered([InvalidRecord]));
        match name {
            "a length that does not end" => {
                refused.at_kafka(answered([UnknownServerError]), reason::FAILS)
            }
            "a key of -2 bytes" => refused.at_kafka(answered([ErrorCode::None]), reason::NULL),
            _ => refused,
        }
    };
    let repaired = |(name, payload): (&str, &[u8])| {
        frame(name, of(payload).produced(), answered([ErrorCode::None]))
    };
    let refused = REFUSED.iter().copied().map(refused);
    refused.chain(REPAIRED.iter().copied().map(repaired)).collect()
}

/// A record is its length, attributes, the distances of its time and offset, key, value, headers.
/// Numbers are zigzag: 1 is -1, 2 is 1.
const REFUSED: &[(&str, &[u8])] = &[
    ("a record of negative length", &[1, 0, 0, 0, 1, 2, b'v', 0]),
    ("a record of length 0", &[0]),
    ("a record longer than its batch", &[100, 0, 0, 0, 1, 2, b'v', 0]),
    ("a record of 2 GiB", &[0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 1, 2, b'v', 0]),
    ("a record shorter than what is in it", &[12, 0, 0, 0, 1, 2, b'v', 0]),
    ("a record longer than what is in it", &[16, 0, 0, 0, 1, 2, b'v', 0, 0]),
    ("a length that does not end", &[0x80; 12]),
    (
        "a time that does not end",
        &[
            36, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 2,
            b'v', 0,
        ],
    ),
    ("a key longer than the record", &[14, 0, 0, 0, 120, 2, b'v', 0]),
    ("a key of -2 bytes", &[14, 0, 0, 0, 3, 2, b'v', 0]),
    ("a value longer than the record", &[14, 0, 0, 0, 1, 120, b'v', 0]),
    ("a value of 2 GiB", &[22, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f, b'v', 0]),
    ("-1 headers", &[14, 0, 0, 0, 1, 2, b'v', 1]),
    ("two billion headers", &[22, 0, 0, 0, 1, 2, b'v', 0xfe, 0xff, 0xff, 0xff, 0x0f]),
    ("a header without a name", &[18, 0, 0, 0, 1, 2, b'v', 2, 1, 1]),
    ("a header's name longer than the record", &[18, 0, 0, 0, 1, 2, b'v', 2, 120, 1]),
    ("a header's value longer than the record", &[20, 0, 0, 0, 1, 2, b'v', 2, 2, b'h', 120]),
];

/// Leaders number the records themselves.
const REPAIRED: &[(&str, &[u8])] = &[
    ("a distance of offsets of 5", &[14, 0, 0, 10, 1, 2, b'v', 0]),
    ("a distance of offsets of -1", &[14, 0, 0, 1, 1, 2, b'v', 0]),
];
