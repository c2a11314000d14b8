//! LZ4's frame format, as Kafka's clients write it: independent blocks of 64 KiB, no checksum but
//! the header's.

use std::io::{Read, Write};

use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

pub(super) fn reader(stored: &[u8]) -> impl Read + '_ {
    FrameDecoder::new(stored)
}

pub(super) fn compress(payload: &[u8], out: &mut Vec<u8>) {
    let frame = FrameInfo::new().block_size(BlockSize::Max64KB).block_mode(BlockMode::Independent);
    let mut encoder = FrameEncoder::with_frame_info(frame, out);
    encoder.write_all(payload).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte");
}
