//! Where the fields of one record lie: the one place that knows a record's layout.
//!
//! Works on bytes in memory and on a stream alike, and steps over keys and values without
//! looking at them, so that a compressed batch can be checked in constant memory.

use std::ops::Range;

use super::{
    RecordError,
    varint::{VARINT_SIZE_MAX, VARLONG_SIZE_MAX, unzigzag32, unzigzag64},
};

/// Bytes that are read once, from front to back.
pub(super) trait Source {
    /// The next byte.
    fn byte(&mut self) -> Result<u8, RecordError>;
    /// Steps over `count` bytes.
    fn skip(&mut self, count: usize) -> Result<(), RecordError>;
    /// How many bytes have been read or stepped over.
    fn position(&self) -> usize;
    /// Whether there is nothing more.
    fn is_at_end(&mut self) -> Result<bool, RecordError>;
}

/// Bytes in memory.
#[derive(Debug, Clone)]
pub(super) struct Slice<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Slice<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Slice<'a> {
        Slice { bytes, position: 0 }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }
}

impl Source for Slice<'_> {
    #[inline]
    fn byte(&mut self) -> Result<u8, RecordError> {
        let byte = *self.bytes.get(self.position).ok_or(RecordError::Cut)?;
        self.position += 1;
        Ok(byte)
    }

    #[inline]
    fn skip(&mut self, count: usize) -> Result<(), RecordError> {
        if count > self.bytes.len() - self.position {
            return Err(RecordError::Cut);
        }
        self.position += count;
        Ok(())
    }

    #[inline]
    fn position(&self) -> usize {
        self.position
    }

    fn is_at_end(&mut self) -> Result<bool, RecordError> {
        Ok(self.position == self.bytes.len())
    }
}

/// The layout of one record; places are counted from the record's first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outline {
    /// How many bytes the record takes, its length included.
    pub(super) size: usize,
    /// The timestamp's distance from the batch's base timestamp.
    pub(super) timestamp_delta: i64,
    /// The offset's distance from the batch's base offset.
    pub(super) offset_delta: i32,
    /// Where the fields behind the two deltas begin.
    pub(super) fields_start: usize,
    /// Where the key lies; none when it is null.
    pub(super) key: Option<Range<usize>>,
    /// Where the value lies; none when it is null.
    pub(super) value: Option<Range<usize>>,
    /// How many headers there are.
    pub(super) header_count: usize,
    /// Where the headers lie, without their count.
    pub(super) headers: Range<usize>,
}

impl Outline {
    /// Reads one record and checks that its fields fill exactly the length it declares.
    #[inline]
    pub(super) fn read(source: &mut impl Source) -> Result<Outline, RecordError> {
        let start = source.position();
        let length = length(source)?;
        let end = source.position().checked_add(length).ok_or(RecordError::Cut)?;
        // The record's own attributes: no bit of them has a meaning.
        source.byte()?;
        let timestamp_delta = varlong(source)?;
        let offset_delta = varint(source)?;
        let fields_start = source.position();
        let key = field(source, end)?;
        let value = field(source, end)?;
        let header_count = self::length(source)?;
        let headers_start = source.position();
        for _ in 0..header_count {
            field(source, end)?.ok_or(RecordError::NullHeaderKey)?;
            field(source, end)?;
        }
        // Fields may have been read beyond the end, into the next record: here it shows.
        let surplus = end.checked_sub(source.position()).ok_or(RecordError::Cut)?;
        if surplus > 0 {
            return Err(RecordError::Surplus(surplus));
        }
        let within = |range: Range<usize>| range.start - start..range.end - start;
        Ok(Outline {
            size: end - start,
            timestamp_delta,
            offset_delta,
            fields_start: fields_start - start,
            key: key.map(within),
            value: value.map(within),
            header_count,
            headers: within(headers_start..end),
        })
    }
}

/// A field that may be null and must not reach beyond `end`: where its content lies.
#[inline]
pub(super) fn field(
    source: &mut impl Source,
    end: usize,
) -> Result<Option<Range<usize>>, RecordError> {
    let length = varint(source)?;
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| RecordError::NegativeLength(length))?;
    let start = source.position();
    if length > end.checked_sub(start).ok_or(RecordError::Cut)? {
        return Err(RecordError::Cut);
    }
    source.skip(length)?;
    Ok(Some(start..start + length))
}

#[inline]
fn length(source: &mut impl Source) -> Result<usize, RecordError> {
    let length = varint(source)?;
    usize::try_from(length).map_err(|_| RecordError::NegativeLength(length))
}

#[inline]
fn varint(source: &mut impl Source) -> Result<i32, RecordError> {
    let first = source.byte()?;
    if first < 0x80 {
        return Ok(unzigzag32(u32::from(first)));
    }
    let value = continued(source, first, VARINT_SIZE_MAX)?;
    u32::try_from(value).map(unzigzag32).map_err(|_| RecordError::Varint)
}

#[inline]
fn varlong(source: &mut impl Source) -> Result<i64, RecordError> {
    let first = source.byte()?;
    if first < 0x80 {
        return Ok(unzigzag64(u64::from(first)));
    }
    continued(source, first, VARLONG_SIZE_MAX).map(unzigzag64)
}

/// The rest of a variable-length integer whose first byte says that there is more.
fn continued(source: &mut impl Source, first: u8, size_max: usize) -> Result<u64, RecordError> {
    let mut value = u64::from(first & 0x7f);
    for index in 1..size_max {
        let byte = source.byte()?;
        // The tenth byte has place for one bit only.
        if index == VARLONG_SIZE_MAX - 1 && byte > 1 {
            return Err(RecordError::Varint);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(RecordError::Varint)
}
