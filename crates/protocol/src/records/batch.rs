//! A whole batch in memory, and many of them one after another.

use std::ops::Deref;

use super::{BatchError, BatchHeader, header::position};

/// A batch where it lies: its decoded header and its bytes.
///
/// It is whole and its header makes sense; whether the rest is as it was written, only
/// [`crc_is_valid`](Self::crc_is_valid) knows.
#[derive(Debug, Clone, Copy)]
pub struct BatchView<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// The batch at the start of `bytes`; more may follow it.
    ///
    /// # Errors
    /// When the batch is not whole or its header contradicts itself.
    pub fn parse(bytes: &'a [u8]) -> Result<BatchView<'a>, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        match bytes.get(..header.size()) {
            Some(bytes) => Ok(BatchView { header, bytes }),
            None => Err(BatchError::Torn { needed: header.size(), available: bytes.len() }),
        }
    }

    /// The decoded header.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// All bytes of the batch.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The records as they are stored, compressed or not.
    #[must_use]
    pub fn stored_payload(&self) -> &'a [u8] {
        &self.bytes[BatchHeader::SIZE..]
    }

    /// Whether the checksum matches: everything but the base offset, the length, the leader epoch
    /// and the format is what the producer (or the last one to rewrite it) sent.
    #[must_use]
    pub fn crc_is_valid(&self) -> bool {
        self.header.crc() == crc32c::crc32c(&self.bytes[position::ATTRIBUTES..])
    }
}

/// A batch is its header and some bytes; most questions are for the header.
impl Deref for BatchView<'_> {
    type Target = BatchHeader;

    fn deref(&self) -> &BatchHeader {
        &self.header
    }
}

/// The batches in `bytes`, one after another; after the first error there is nothing more.
///
/// A torn batch at the end is an error too: where that is normal, as at the end of a fetch
/// response, the caller stops at [`BatchError::Torn`].
#[must_use]
pub fn batches(bytes: &[u8]) -> Batches<'_> {
    Batches { rest: bytes, position: 0 }
}

/// The iterator of [`batches`].
#[derive(Debug, Clone)]
pub struct Batches<'a> {
    rest: &'a [u8],
    position: usize,
}

impl Batches<'_> {
    /// How many bytes the batches so far take: where the next one, or the error, begins.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let batch = BatchView::parse(self.rest);
        match &batch {
            Ok(batch) => {
                self.rest = &self.rest[batch.size()..];
                self.position += batch.size();
            }
            Err(_) => self.rest = &[],
        }
        Some(batch)
    }
}

impl std::iter::FusedIterator for Batches<'_> {}
