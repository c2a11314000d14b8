//! Wrong in the body of a request: counts and lengths that lie, and ends that come too soon.

use super::reason;
use crate::bad_frame::{BadFrame, answered, closed, cut, frame};
use crate::batch::{Batch, TOPIC, text};
use client_tests::hostile;
use protocol::ErrorCode;

const UNREADABLE: &str = "cannot be read";

pub(crate) fn frames() -> Vec<BadFrame> {
    [greedy(), counts(), texts(), tags(), ends()].into_iter().flatten().collect()
}

fn greedy() -> Vec<BadFrame> {
    let requests = hostile::greedy_requests().into_iter();
    let row = |(api, bytes): (&str, Vec<u8>)| {
        frame(format!("{api} with two billion elements"), bytes, closed(UNREADABLE))
    };
    requests.map(row).collect()
}

fn counts() -> Vec<BadFrame> {
    vec![
        frame("null for topics that must be there", metadata(0, &[0xff; 4]), closed(UNREADABLE)),
        frame("-2 topics", metadata(1, &(-2_i32).to_be_bytes()), closed(UNREADABLE))
            .at_kafka(answered([ErrorCode::None]), reason::NULL),
        frame(
            "the least number of topics",
            metadata(1, &i32::MIN.to_be_bytes()),
            closed(UNREADABLE),
        )
        .at_kafka(answered([ErrorCode::None]), reason::NULL),
        frame("a compact count of six bytes", metadata(12, &[0x80; 6]), closed(UNREADABLE)),
        frame(
            "a compact count of 33 bits",
            metadata(12, &[0xff, 0xff, 0xff, 0xff, 0x1f]),
            closed(UNREADABLE),
        ),
        frame(
            "a compact count of 2^32 - 1",
            metadata(12, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            closed(UNREADABLE),
        ),
        frame(
            "one topic more than there are",
            metadata(1, &[&[0, 0, 0, 2][..], &text(TOPIC)].concat()),
            closed(UNREADABLE),
        ),
    ]
}

fn texts() -> Vec<BadFrame> {
    let name =
        |length: [u8; 2], name: &[u8]| metadata(1, &[&[0, 0, 0, 1][..], &length, name].concat());
    vec![
        frame("a name longer than the frame", name([0x7f, 0xff], b"chat"), closed(UNREADABLE)),
        frame("a name of -2 bytes", name([0xff, 0xfe], b""), closed(UNREADABLE)),
        frame("null for a name that must be there", name([0xff, 0xff], b""), closed(UNREADABLE)),
        frame("a name that is not UTF-8", name([0, 2], &[0xc3, 0x28]), closed(UNREADABLE))
            .at_kafka(answered([ErrorCode::InvalidTopicException]), reason::UTF_8),
        frame(
            "a compact name longer than the frame",
            metadata(9, &[2, 0xff, 0xff, 0x03, b'c']),
            closed(UNREADABLE),
        ),
        frame(
            "a compact name of 4 GiB",
            metadata(9, &[2, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            closed(UNREADABLE),
        ),
        frame("records of 2 GiB", records(&i32::MAX.to_be_bytes()), closed(UNREADABLE)),
        frame(
            "records one byte longer than the frame",
            records(&[&[0, 0, 0, 4][..], &[0; 3]].concat()),
            closed(UNREADABLE),
        ),
        frame(
            "a client of unspeakable name",
            hostile::request(18, 3, true, b"\x04a b\x02c\0"),
            answered([ErrorCode::InvalidRequest]),
        ),
    ]
}

fn tags() -> Vec<BadFrame> {
    // One topic named `chat`, with these tags behind its name.
    let topic = |tags: &[u8]| metadata(9, &[&b"\x02\x05chat"[..], tags].concat());
    // Everything of a fetch of nothing, with the tag 0, the cluster's id, behind it.
    let fetch = |tag: &[u8]| {
        let body = [&[0xff; 4][..], &[0; 12], &[0], &[0; 8], &[1, 1, 1], tag].concat();
        hostile::request(1, 12, true, &body)
    };
    vec![
        frame("more tags in a topic than bytes", topic(&[0xff, 0xff, 0x7f]), closed(UNREADABLE)),
        frame("a tag in a topic longer than the frame", topic(&[1, 0, 0x7f]), closed(UNREADABLE)),
        frame(
            "a known tag that says it is longer",
            fetch(&[1, 0, 9, 3, b'a', b'b', 0, 0, 0]),
            closed(UNREADABLE),
        )
        .at_kafka(answered([ErrorCode::None]), reason::TAG),
        frame(
            "a known tag that says it is shorter",
            fetch(&[1, 0, 1, 3, b'a', b'b']),
            closed(UNREADABLE),
        )
        .at_kafka(answered([ErrorCode::None]), reason::TAG),
    ]
}

fn ends() -> Vec<BadFrame> {
    let batch = Batch::default().bytes();
    let size = i32::try_from(batch.len()).expect("the batch is small").to_be_bytes();
    let (topic, one, zero) = (text(TOPIC), [0, 0, 0, 1], [0; 4]);
    let produce: [(&str, &[u8]); 9] = [
        ("transactional id", &[0xff, 0xff]),
        ("acknowledgements", &[0xff, 0xff]),
        ("time-out", &[0, 0, 0x75, 0x30]),
        ("count of topics", &one),
        ("topic's name", &topic),
        ("count of partitions", &one),
        ("partition's index", &zero),
        ("records' size", &size),
        ("records", &batch),
    ];
    let fetch: [(&str, &[u8]); 11] = [
        ("replica", &[0xff; 4]),
        ("longest wait", &zero),
        ("least bytes", &zero),
        ("most bytes", &[0, 1, 0, 0]),
        ("isolation", &[0]),
        ("count of topics", &one),
        ("topic's name", &topic),
        ("count of partitions", &one),
        ("partition's index", &zero),
        ("offset", &[0; 8]),
        ("partition's most bytes", &[0, 1, 0, 0]),
    ];
    let metadata: [(&str, &[u8]); 6] = [
        ("count of topics", &[2]),
        ("topic's name", b"\x05chat"),
        ("topic's tags", &[0]),
        ("leave to create", &[0]),
        ("wish for operations", &[0, 0]),
        ("tags", &[0]),
    ];
    [
        cut("a Produce", (0, 3, false), &produce),
        cut("a Fetch", (1, 4, false), &fetch),
        cut("a Metadata", (3, 9, true), &metadata),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn metadata(version: i16, body: &[u8]) -> Vec<u8> {
    hostile::request(3, version, version >= 9, body)
}

/// A produce with this in place of the records and their size.
fn records(bytes: &[u8]) -> Vec<u8> {
    let body = [
        &[0xff, 0xff, 0xff, 0xff, 0, 0, 0x75, 0x30][..],
        &[0, 0, 0, 1],
        &text(TOPIC),
        &[0, 0, 0, 1],
        &[0; 4],
        bytes,
    ];
    hostile::request(0, 3, false, &body.concat())
}
