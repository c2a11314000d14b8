//! Wrong in what is compressed: bytes of no codec, damage, and bombs.

use super::reason;
use crate::bad_frame::{BadFrame, answered, frame};
use crate::batch::Batch;
use protocol::ErrorCode::{self, InvalidRecord, MessageTooLarge, UnknownServerError};
use protocol::records::{BatchBuilder, BatchView, Codec, Compression};
use types::Timestamp;

const CODECS: [(i16, Codec); 4] =
    [(1, Codec::Gzip), (2, Codec::Snappy), (3, Codec::Lz4), (4, Codec::Zstd)];

/// One more than a batch may take when it is unpacked.
const BOMB_BYTES: usize = 257 << 20;

pub(crate) fn frames() -> Vec<BadFrame> {
    let each = CODECS.iter().flat_map(|(bits, codec)| damaged(*bits, *codec));
    each.chain(claims()).chain(bombs()).collect()
}

fn row(name: String, attributes: i16, payload: Vec<u8>, error: ErrorCode) -> BadFrame {
    let batch = Batch { attributes, payload, ..Batch::default() };
    let refused = frame(name, batch.produced(), answered([error]));
    // Of nothing, Kafka's zstd makes nothing.
    if error == InvalidRecord && refused.name != "zstd of nothing" {
        refused.at_kafka(answered([UnknownServerError]), reason::FAILS)
    } else if error == MessageTooLarge {
        refused.at_kafka(answered([ErrorCode::None]), reason::BOMB)
    } else {
        refused
    }
}

fn damaged(bits: i16, codec: Codec) -> Vec<BadFrame> {
    let good = packed(codec, &b"a value that is worth packing ".repeat(20));
    let half = good[..good.len() / 2].to_vec();
    let name = codec.name();
    vec![
        row(format!("{name} of nothing"), bits, Vec::new(), InvalidRecord),
        row(format!("{name} that is none"), bits, b"this was never packed".to_vec(), InvalidRecord),
        row(format!("half of {name}"), bits, half, InvalidRecord),
    ]
}

fn claims() -> Vec<BadFrame> {
    let xerial = [&b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01"[..], &[0, 0, 0, 9]].concat();
    let of =
        |name: &str, bits, payload: Vec<u8>| row(name.to_owned(), bits, payload, InvalidRecord);
    vec![
        of("snappy that promises 4 GiB", 2, vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0, b'x']),
        of(
            "framed snappy that promises 4 GiB",
            2,
            [&xerial[..], &[0xff, 0xff, 0xff, 0xff, 0x0f, 0, b'x', 0, 0]].concat(),
        ),
        of(
            "framed snappy with a block of 2 GiB",
            2,
            [&xerial[..16], &[0x7f, 0xff, 0xff, 0xff, 0]].concat(),
        ),
        of(
            "lz4 with a block of 2 GiB",
            3,
            [&lz4_head()[..], &[0xff, 0xff, 0xff, 0x7f, 0]].concat(),
        ),
        of("zstd with a window of 2 GiB", 4, vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0]),
        of("zstd that asks for a dictionary", 4, vec![0x28, 0xb5, 0x2f, 0xfd, 1, 0x58, 7, 1, 0, 0]),
        of(
            "gzip with a name that does not end",
            1,
            [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &[b'x'; 4000]].concat(),
        ),
    ]
}

fn lz4_head() -> Vec<u8> {
    packed(Codec::Lz4, b"x")[..7].to_vec()
}

fn bombs() -> Vec<BadFrame> {
    let bomb = |codec: Codec, bits, size: usize, error| {
        let name = format!("a bomb of {name}, {size} MiB", name = codec.name(), size = size >> 20);
        row(name, bits, packed(codec, &vec![0; size]), error)
    };
    vec![
        bomb(Codec::Gzip, 1, BOMB_BYTES, MessageTooLarge),
        bomb(Codec::Snappy, 2, 20 << 20, ErrorCode::None),
        bomb(Codec::Lz4, 3, 240 << 20, ErrorCode::None),
        bomb(Codec::Zstd, 4, BOMB_BYTES, MessageTooLarge),
    ]
}

/// One record of this value, packed.
fn packed(codec: Codec, value: &[u8]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(Compression::new(codec));
    builder.push(Timestamp(0), None, Some(value), &[]);
    let batch = builder.build();
    let view = BatchView::parse(&batch).expect("what was built is a batch");
    view.stored_payload().to_vec()
}
