//! gzip: any number of members one after another.

use std::io::{Read, Write};

use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};

pub(super) fn reader(stored: &[u8]) -> impl Read + '_ {
    MultiGzDecoder::new(stored)
}

pub(super) fn compress(payload: &[u8], level: i32, out: &mut Vec<u8>) {
    // -1 stands for the library's own default.
    let level = u32::try_from(level).map_or_else(|_| Compression::default(), Compression::new);
    let mut encoder = GzEncoder::new(out, level);
    encoder.write_all(payload).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte");
}
