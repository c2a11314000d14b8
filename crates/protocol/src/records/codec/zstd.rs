//! Zstandard, as Kafka's clients write it: one frame that does not tell its content's size.

use std::io::{self, Read, Write};

use zstd::stream::{read::Decoder, write::Encoder};

pub(super) fn reader(stored: &[u8]) -> io::Result<impl Read + '_> {
    Decoder::with_buffer(stored)
}

pub(super) fn compress(payload: &[u8], level: i32, out: &mut Vec<u8>) {
    let mut encoder = Encoder::new(out, level).expect("the level is one of zstd's");
    // Without the size, the highest levels would prepare hundreds of megabytes for any batch.
    let size = u64::try_from(payload.len()).expect("a length fits 64 bits");
    encoder.set_pledged_src_size(Some(size)).expect("nothing is written yet");
    encoder.include_contentsize(false).expect("nothing is written yet");
    encoder.write_all(payload).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte");
}
