//! The records of one batch, decompressed.

use std::{borrow::Cow, iter::FusedIterator};

use types::Timestamp;

use super::{
    BatchHeader, BatchView, DecompressError, Headers, Record, RecordError, TimestampType,
    outline::{Outline, Slice},
};

/// A batch's records in memory, ready to be iterated.
#[derive(Debug, Clone)]
pub struct Payload<'a> {
    header: BatchHeader,
    bytes: Cow<'a, [u8]>,
}

impl<'a> BatchView<'a> {
    /// Decompresses the records; borrows them when they are not compressed.
    ///
    /// # Errors
    /// When the compressed data is damaged or holds more than `size_max` bytes.
    pub fn payload(&self, size_max: usize) -> Result<Payload<'a>, DecompressError> {
        let bytes = self.codec().decompress(self.stored_payload(), size_max)?;
        Ok(Payload { header: *self.header(), bytes })
    }
}

impl Payload<'_> {
    /// The records from first to last.
    #[must_use]
    pub fn records(&self) -> RecordIter<'_> {
        RecordIter { header: self.header, rest: &self.bytes, left: self.header.count() }
    }

    /// The records as they lie behind an uncompressed batch's header.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The iterator of [`Payload::records`]; after the first error there is nothing more.
#[derive(Debug, Clone)]
pub struct RecordIter<'p> {
    header: BatchHeader,
    rest: &'p [u8],
    left: i32,
}

impl<'p> RecordIter<'p> {
    fn read(&mut self) -> Result<Record<'p>, RecordError> {
        let bytes = self.rest;
        let outline = Outline::read(&mut Slice::new(bytes))?;
        self.rest = &bytes[outline.size..];
        let offset = self.header.base_offset().0.checked_add(i64::from(outline.offset_delta));
        Ok(Record {
            offset: offset.ok_or(RecordError::Range)?.into(),
            timestamp: timestamp(&self.header, outline.timestamp_delta)?,
            headers: Headers::of(&outline, bytes),
            key: outline.key.map(|key| &bytes[key]),
            value: outline.value.map(|value| &bytes[value]),
        })
    }
}

impl<'p> Iterator for RecordIter<'p> {
    type Item = Result<Record<'p>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            let trailing = !std::mem::take(&mut self.rest).is_empty();
            return trailing.then_some(Err(RecordError::Trailing));
        }
        self.left -= 1;
        let record = self.read();
        if record.is_err() {
            self.left = 0;
            self.rest = &[];
        }
        Some(record)
    }
}

impl FusedIterator for RecordIter<'_> {}

/// The time of a record with this delta.
pub(super) fn timestamp(header: &BatchHeader, delta: i64) -> Result<Timestamp, RecordError> {
    match header.timestamp_type() {
        TimestampType::LogAppendTime => Ok(header.max_timestamp()),
        TimestampType::CreateTime => {
            let time = header.base_timestamp().0.checked_add(delta);
            time.map(Timestamp).ok_or(RecordError::Range)
        }
    }
}

#[cfg(test)]
mod tests {
    use types::{Offset, Timestamp};

    use super::*;
    use crate::records::{BatchBuilder, Codec, Compression, Header};

    #[test]
    fn records_survive_every_codec() {
        for codec in Codec::ALL {
            let headers = [
                Header { key: b"trace", value: Some(b"1") },
                Header { key: b"trace", value: None },
            ];
            let mut builder = BatchBuilder::new(Compression::new(codec)).base_offset(Offset(7));
            builder.push(Timestamp(100), Some(b"key"), Some(&[b'v'; 100_000]), &headers);
            builder.push(Timestamp(90), None, None, &[]);
            let bytes = builder.build();

            let batch = BatchView::parse(&bytes).unwrap();
            assert!(batch.crc_is_valid());
            assert_eq!(batch.codec(), codec);
            let payload = batch.payload(1 << 20).unwrap();
            let records: Vec<_> = payload.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), 2);
            assert_eq!(records[0].value, Some(&[b'v'; 100_000][..]));
            assert!(records[0].headers.clone().eq(headers));
            assert_eq!((records[1].offset, records[1].timestamp), (Offset(8), Timestamp(90)));
            assert_eq!((records[1].key, records[1].value), (None, None));
        }
    }

    #[test]
    fn a_batch_that_expands_beyond_the_limit_is_refused() {
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let mut builder = BatchBuilder::new(Compression::new(codec));
            builder.push(Timestamp(0), None, Some(&vec![0; 10 << 20]), &[]);
            let bytes = builder.build();
            let payload = BatchView::parse(&bytes).unwrap().payload(1 << 20);
            assert_eq!(payload.unwrap_err(), DecompressError::TooLarge { limit: 1 << 20 });
        }
    }
}
