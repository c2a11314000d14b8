//! Snappy in the framing of the xerial library, which Kafka's Java client uses; other clients send
//! one raw block, so both are read.

use std::io::{self, Read};

use snap::raw::{Decoder, Encoder, decompress_len, max_compress_len};

/// The xerial magic.
const MAGIC: &[u8] = b"\x82SNAPPY\0";
/// The magic, the version and the oldest version that can read this.
const STREAM_HEADER: &[u8; 16] = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
/// How many bytes the xerial library puts into one block.
const BLOCK_SIZE: usize = 32 * 1024;
/// No Snappy element makes more than 64 bytes out of three, so a block that claims a larger factor
/// lies about its size.
const EXPANSION_MAX: usize = 22;

/// Decompresses block by block.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    framed: bool,
    block: Vec<u8>,
    position: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stored: &'a [u8]) -> Reader<'a> {
        let framed = stored.starts_with(MAGIC);
        Reader { rest: stored, framed, block: Vec::new(), position: 0 }
    }

    /// Decompresses the next block; false at the end.
    fn next_block(&mut self) -> io::Result<bool> {
        while self.framed && self.rest.starts_with(MAGIC) {
            self.take(STREAM_HEADER.len())?;
        }
        if self.rest.is_empty() {
            return Ok(false);
        }
        let block = if self.framed { self.take_chunk()? } else { std::mem::take(&mut self.rest) };
        let size = decompress_len(block)?;
        if size > block.len().saturating_mul(EXPANSION_MAX) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "block claims too large a size",
            ));
        }
        self.block.resize(size, 0);
        self.position = 0;
        Decoder::new().decompress(block, &mut self.block)?;
        Ok(true)
    }

    fn take_chunk(&mut self) -> io::Result<&'a [u8]> {
        let length = self.take(4)?.try_into().expect("four bytes were taken");
        let length = i32::from_be_bytes(length);
        let length = usize::try_from(length).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "block has a negative length")
        })?;
        self.take(length)
    }

    fn take(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.rest = rest;
        Ok(taken)
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.block.len() {
            if !self.next_block()? {
                return Ok(0);
            }
        }
        let count = (&self.block[self.position..]).read(buffer)?;
        self.position += count;
        Ok(count)
    }
}

pub(super) fn compress(payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(STREAM_HEADER);
    let mut encoder = Encoder::new();
    let mut buffer = vec![0; max_compress_len(payload.len().min(BLOCK_SIZE))];
    for block in payload.chunks(BLOCK_SIZE) {
        let size = encoder.compress(block, &mut buffer).expect("the buffer fits the worst case");
        let length = i32::try_from(size).expect("a block is small");
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&buffer[..size]);
    }
}
