//! One record as a consumer sees it, borrowed from its batch.

use types::{Offset, Timestamp};

use super::{
    DecompressError,
    outline::{Outline, Slice, field},
};

/// Why bytes are no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A field goes beyond the record, or the record beyond the batch.
    #[error("record is cut")]
    Cut,
    /// A variable-length integer has more bits than its type.
    #[error("variable-length integer is too long")]
    Varint,
    /// A length is negative and not the -1 of a null.
    #[error("length {0} is negative")]
    NegativeLength(i32),
    /// The record declares more bytes than its fields take.
    #[error("{0} bytes follow the last field of a record")]
    Surplus(usize),
    /// A header has no key.
    #[error("header key is null")]
    NullHeaderKey,
    /// The offset or the timestamp does not fit its type.
    #[error("offset or timestamp is out of range")]
    Range,
    /// Bytes follow the last record of the batch.
    #[error("bytes follow the last record of the batch")]
    Trailing,
    /// The stream that the record comes from cannot be decompressed.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
}

/// A record, borrowed from a decompressed batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'p> {
    /// Its place in the partition.
    pub offset: Offset,
    /// Its time, by the clock that the batch's timestamp type names.
    pub timestamp: Timestamp,
    /// The key, which compaction and partitioning go by.
    pub key: Option<&'p [u8]>,
    /// The value; null deletes the key in a compacted topic.
    pub value: Option<&'p [u8]>,
    /// The headers in the order they were written.
    pub headers: Headers<'p>,
}

/// One header of a record. A key may come several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header<'p> {
    /// The key: UTF-8 by convention, which no broker ever checked.
    pub key: &'p [u8],
    /// The value, which may be null.
    pub value: Option<&'p [u8]>,
}

/// The headers of a record in order, decoded one by one: a record may have very many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers<'p> {
    count: usize,
    bytes: &'p [u8],
}

impl<'p> Headers<'p> {
    pub(super) fn of(outline: &Outline, record: &'p [u8]) -> Headers<'p> {
        Headers { count: outline.header_count, bytes: &record[outline.headers.clone()] }
    }
}

impl<'p> Iterator for Headers<'p> {
    type Item = Header<'p>;

    fn next(&mut self) -> Option<Header<'p>> {
        self.count = self.count.checked_sub(1)?;
        let bytes = self.bytes;
        let mut source = Slice::new(bytes);
        let key = field(&mut source, bytes.len()).expect(CHECKED).expect(CHECKED);
        let value = field(&mut source, bytes.len()).expect(CHECKED);
        self.bytes = source.rest();
        Some(Header { key: &bytes[key], value: value.map(|value| &bytes[value]) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count, Some(self.count))
    }
}

impl ExactSizeIterator for Headers<'_> {}

const CHECKED: &str = "the record's outline was read over these bytes";
