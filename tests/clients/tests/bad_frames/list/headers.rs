//! Wrong in the header of a request: its key, version, client or tags.

use crate::bad_frame::{BadFrame, answered, closed, frame};
use client_tests::hostile;
use protocol::ErrorCode;

const UNREADABLE: &str = "header cannot be read";

pub(crate) fn frames() -> Vec<BadFrame> {
    [header(), client_ids(), tags(), keys(), versions()].into_iter().flatten().collect()
}

fn header() -> Vec<BadFrame> {
    let fields =
        [(2, "version"), (4, "correlation id"), (6, "correlation id's end"), (8, "client")];
    let header = [0, 18, 0, 0, 0, 0, 0, 7];
    let before = |(size, field): (usize, &str)| {
        let name = format!("a header that ends before its {field}");
        frame(name, hostile::frame(&header[..size]), closed(UNREADABLE))
    };
    fields.map(before).into()
}

fn client_ids() -> Vec<BadFrame> {
    vec![
        frame(
            "a client's name longer than the frame",
            named([0x7f, 0xff], b"abc"),
            closed(UNREADABLE),
        ),
        frame("a client's name of -2 bytes", named([0xff, 0xfe], b""), answered([ErrorCode::None])),
        frame(
            "a client's name that is not UTF-8",
            named([0, 2], &[0xc3, 0x28]),
            answered([ErrorCode::None]),
        ),
    ]
}

/// A request for the versions from a client of this name.
fn named(length: [u8; 2], name: &[u8]) -> Vec<u8> {
    hostile::frame(&[&[0, 18, 0, 0, 0, 0, 0, 7][..], &length, name].concat())
}

fn tags() -> Vec<BadFrame> {
    let empty = [1, 1, 0];
    vec![
        frame("a header without its tags", tagged(&[], &[]), closed(UNREADABLE)),
        frame(
            "more tags than bytes",
            tagged(&[0xff, 0xff, 0xff, 0xff, 0x07], &[]),
            closed(UNREADABLE),
        ),
        frame("a tag longer than the frame", tagged(&[1, 9, 0x7f], &[1, 2]), closed(UNREADABLE)),
        frame(
            "a tag of 4 GiB",
            tagged(&[1, 9, 0xff, 0xff, 0xff, 0xff, 0x0f], &[]),
            closed(UNREADABLE),
        ),
        frame("a count of tags that does not end", tagged(&[0x80; 9], &[]), closed(UNREADABLE)),
        frame(
            "a tag that nobody knows",
            tagged(&[1, 9, 2, 7, 7], &empty),
            answered([ErrorCode::InvalidRequest]),
        ),
        frame(
            "a tag twice",
            tagged(&[2, 9, 0, 9, 0], &empty),
            answered([ErrorCode::InvalidRequest]),
        ),
    ]
}

/// A flexible request for the versions: its header's tags, and its body.
fn tagged(tags: &[u8], body: &[u8]) -> Vec<u8> {
    hostile::frame(&[&[0, 18, 0, 3, 0, 0, 0, 7, 0xff, 0xff], tags, body].concat())
}

fn keys() -> Vec<BadFrame> {
    let key = |name: &str, key: i16, words| {
        frame(name, hostile::request(key, 0, false, &[0; 20]), closed(words))
    };
    vec![
        key("the key 32767", i16::MAX, "there is no API 32767"),
        key("the key -1", -1, "there is no API -1"),
        key("the key 95, which is one too many", 95, "there is no API 95"),
        key("LeaderAndIsr, which is gone", 4, "LeaderAndIsr is not served"),
        key("Vote, which is for controllers", 52, "Vote is not served"),
        key("AlterPartition, which is for controllers", 56, "AlterPartition is not served"),
        key("Envelope, which is for controllers", 58, "Envelope is not served"),
    ]
}

fn versions() -> Vec<BadFrame> {
    let of = |name: &str, key, version, fate| {
        frame(name, hostile::request(key, version, version > 8, &[0; 40]), fate)
    };
    let unsupported = || answered([ErrorCode::UnsupportedVersion]);
    vec![
        of("ApiVersions of version 99", 18, 99, unsupported()),
        of("ApiVersions of version -1", 18, -1, unsupported()),
        of("Metadata of version 99", 3, 99, closed("Metadata version 99 is not served")),
        of("Metadata of version -1", 3, -1, closed("Metadata version -1 is not served")),
        of("Fetch of version 3", 1, 3, closed("Fetch version 3 is not served")),
        of("Fetch of version 99", 1, 99, closed("Fetch version 99 is not served")),
        of("CreateTopics of version 1", 19, 1, closed("CreateTopics version 1 is not served")),
        of("Produce of version 99", 0, 99, closed("Produce version 99 is not served")),
        of("Produce of version -1", 0, -1, closed("Produce before version 3 is not served")),
        of("Produce of version 0", 0, 0, closed("Produce before version 3 is not served")),
    ]
}
