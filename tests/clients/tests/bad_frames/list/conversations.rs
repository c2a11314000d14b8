//! Requests that are right by themselves, in company or at a pace that is not.

use crate::bad_frame::{BadFrame, answered, closed, frame, waited_for};
use crate::batch::Batch;
use client_tests::hostile;
use protocol::ErrorCode;

pub(crate) fn frames() -> Vec<BadFrame> {
    let good = hostile::request(18, 0, false, &[]);
    let after = |bytes: &[u8]| [&good[..], bytes].concat();
    let none = || answered([ErrorCode::None]);
    vec![
        frame(
            "a request and a byte within its frame",
            hostile::request(18, 0, false, &[0]),
            none(),
        ),
        frame(
            "a request and a size of -1",
            after(&[0xff; 4]),
            none().then_closed("claims -1 bytes"),
        ),
        frame(
            "a request and HTTP",
            after(b"GET / HTTP/1.1\r\n\r\n"),
            none().then_closed("socket.request.max.bytes"),
        ),
        frame(
            "a request and an unknown key",
            after(&hostile::request(999, 0, false, &[])),
            none().then_closed("there is no API 999"),
        ),
        frame("a request and half of another", after(&good[..9]), none()),
        frame(
            "a wrong batch and a request",
            [Batch { crc_error: 1, ..Batch::default() }.produced(), good.clone()].concat(),
            answered([ErrorCode::CorruptMessage, ErrorCode::None]),
        ),
        frame("a request byte by byte", good.clone(), none()).byte_by_byte(),
        frame("half a request byte by byte", &good[..9], waited_for()).byte_by_byte(),
        frame("a wrong size byte by byte", [0xff; 4], closed("claims -1 bytes")).byte_by_byte(),
    ]
}
