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
    /// Whether there is nothing more.
    fn is_at_end(&mut self) -> Result<bool, RecordError>;
}

impl Source for &[u8] {
    fn byte(&mut self) -> Result<u8, RecordError> {
        let (first, rest) = self.split_first().ok_or(RecordError::Cut)?;
        *self = rest;
        Ok(*first)
    }

    fn skip(&mut self, count: usize) -> Result<(), RecordError> {
        *self = self.get(count..).ok_or(RecordError::Cut)?;
        Ok(())
    }

    fn is_at_end(&mut self) -> Result<bool, RecordError> {
        Ok(self.is_empty())
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
    pub(super) fn read(source: &mut impl Source) -> Result<Outline, RecordError> {
        let mut fields = Fields { source, position: 0, end: VARINT_SIZE_MAX };
        let length = fields.length()?;
        fields.end = fields.position.checked_add(length).ok_or(RecordError::Cut)?;
        // The record's own attributes: no bit of them has a meaning.
        fields.byte()?;
        let timestamp_delta = fields.varlong()?;
        let offset_delta = fields.varint()?;
        let fields_start = fields.position;
        let key = fields.nullable()?;
        let value = fields.nullable()?;
        let header_count = fields.length()?;
        let headers_start = fields.position;
        for _ in 0..header_count {
            fields.nullable()?.ok_or(RecordError::NullHeaderKey)?;
            fields.nullable()?;
        }
        let size = fields.position;
        if size != fields.end {
            return Err(RecordError::Surplus(fields.end - size));
        }
        let headers = headers_start..size;
        Ok(Outline {
            size,
            timestamp_delta,
            offset_delta,
            fields_start,
            key,
            value,
            header_count,
            headers,
        })
    }
}

/// Reads fields, never beyond the end of the record.
pub(super) struct Fields<'s, S> {
    source: &'s mut S,
    position: usize,
    end: usize,
}

impl<'s> Fields<'s, &[u8]> {
    /// The fields in the whole of `source`.
    pub(super) fn of_slice<'a>(source: &'s mut &'a [u8]) -> Fields<'s, &'a [u8]> {
        let end = source.len();
        Fields { source, position: 0, end }
    }
}

impl<S: Source> Fields<'_, S> {
    fn byte(&mut self) -> Result<u8, RecordError> {
        if self.position == self.end {
            return Err(RecordError::Cut);
        }
        self.position += 1;
        self.source.byte()
    }

    /// A length-prefixed field that may be null: where its content lies.
    pub(super) fn nullable(&mut self) -> Result<Option<Range<usize>>, RecordError> {
        let length = self.varint()?;
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| RecordError::NegativeLength(length))?;
        if length > self.end - self.position {
            return Err(RecordError::Cut);
        }
        let start = self.position;
        self.source.skip(length)?;
        self.position += length;
        Ok(Some(start..self.position))
    }

    fn length(&mut self) -> Result<usize, RecordError> {
        let length = self.varint()?;
        usize::try_from(length).map_err(|_| RecordError::NegativeLength(length))
    }

    fn varint(&mut self) -> Result<i32, RecordError> {
        let value = self.unsigned(VARINT_SIZE_MAX)?;
        u32::try_from(value).map(unzigzag32).map_err(|_| RecordError::Varint)
    }

    fn varlong(&mut self) -> Result<i64, RecordError> {
        self.unsigned(VARLONG_SIZE_MAX).map(unzigzag64)
    }

    fn unsigned(&mut self, size_max: usize) -> Result<u64, RecordError> {
        let mut value = 0;
        for index in 0..size_max {
            let byte = self.byte()?;
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
}
