//! Decompressed bytes, one buffer at a time.

use std::io::{ErrorKind, Read};

use super::{Codec, DecompressError};
use crate::records::{RecordError, outline::Source};

const BUFFER_SIZE: usize = 16 * 1024;

/// Bytes as they come out of a codec; holds one buffer of them, and gives no more than a limit.
pub(in crate::records) struct Stream<'a> {
    codec: Codec,
    reader: Box<dyn Read + 'a>,
    buffer: Box<[u8]>,
    /// How many bytes came before what is in the buffer.
    before: usize,
    position: usize,
    end: usize,
    is_finished: bool,
    left: usize,
    limit: usize,
}

impl<'a> Stream<'a> {
    pub(super) fn new(codec: Codec, reader: Box<dyn Read + 'a>, limit: usize) -> Stream<'a> {
        let buffer = vec![0; BUFFER_SIZE].into_boxed_slice();
        Stream {
            codec,
            reader,
            buffer,
            before: 0,
            position: 0,
            end: 0,
            is_finished: false,
            left: limit,
            limit,
        }
    }

    /// Reads the next buffer; false at the end.
    fn fill(&mut self) -> Result<bool, DecompressError> {
        if self.is_finished {
            return Ok(false);
        }
        let count = loop {
            match self.reader.read(&mut self.buffer) {
                Ok(count) => break count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.codec.damaged(&error)),
            }
        };
        let left = self.left.checked_sub(count);
        self.left = left.ok_or(DecompressError::TooLarge { limit: self.limit })?;
        self.before += self.end;
        self.position = 0;
        self.end = count;
        self.is_finished = count == 0;
        Ok(!self.is_finished)
    }
}

impl Source for Stream<'_> {
    #[inline]
    fn byte(&mut self) -> Result<u8, RecordError> {
        if self.is_at_end()? {
            return Err(RecordError::Cut);
        }
        let byte = self.buffer[self.position];
        self.position += 1;
        Ok(byte)
    }

    fn skip(&mut self, mut count: usize) -> Result<(), RecordError> {
        while count > 0 {
            if self.is_at_end()? {
                return Err(RecordError::Cut);
            }
            let step = count.min(self.end - self.position);
            self.position += step;
            count -= step;
        }
        Ok(())
    }

    #[inline]
    fn position(&self) -> usize {
        self.before + self.position
    }

    #[inline]
    fn is_at_end(&mut self) -> Result<bool, RecordError> {
        Ok(self.position == self.end && !self.fill()?)
    }
}
