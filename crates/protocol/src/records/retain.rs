//! Taking records out of a batch, as compaction does: offsets, sequences and times stay.

use bytes::Bytes;
use types::Timestamp;

use super::{
    BatchHeader, BatchView, Codec, Compression, Record, RecordError, TimestampType,
    builder::{put_record_start, seal},
    header::attribute,
    outline::{Outline, Slice},
};

/// What is left of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retained {
    /// All of it, as it lies.
    Whole {
        /// How many records there are.
        records: usize,
    },
    /// A batch with fewer records, or with a delete horizon.
    Rewritten {
        /// How many records there are.
        records: usize,
        /// The batch.
        batch: Bytes,
    },
    /// No record.
    Nothing,
}

/// When to note in a batch at what time its tombstones may go (KIP-534).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The time.
    pub time: Timestamp,
    /// Also in a batch that holds no tombstone: in one with a marker of a transaction of which
    /// nothing is left.
    pub always: bool,
}

/// The records of a batch that stay, and what they tell.
struct Kept<'p> {
    outlines: Vec<(Outline, &'p [u8])>,
    count: usize,
    has_tombstone: bool,
    max_timestamp: Timestamp,
}

impl BatchView<'_> {
    /// The batch with those records that `keep` wants. What stays is as it was, to the byte, but for
    /// the codec's own choices and, where the horizon is noted, how the timestamps are written.
    ///
    /// # Errors
    /// When the records are damaged or take more than `size_max` bytes decompressed.
    pub fn retain(
        &self,
        size_max: usize,
        horizon: Horizon,
        keep: impl FnMut(&Record<'_>) -> bool,
    ) -> Result<Retained, RecordError> {
        let payload = self.payload(size_max).map_err(RecordError::Decompress)?;
        let kept = Kept::of(self, payload.bytes(), payload.records(), keep)?;
        let records = kept.outlines.len();
        if records == 0 {
            return Ok(Retained::Nothing);
        }
        let wants_horizon =
            self.delete_horizon().is_none() && (horizon.always || kept.has_tombstone);
        let dated = wants_horizon.then(|| kept.dated(self, horizon.time)).flatten();
        if records == kept.count && dated.is_none() {
            return Ok(Retained::Whole { records });
        }
        let mut header = *self.header();
        header.count = i32::try_from(records).expect("there are no more than there were");
        if header.timestamp_type() == TimestampType::CreateTime {
            header.max_timestamp = kept.max_timestamp;
        }
        let payload = match dated {
            Some(payload) => {
                header.attributes |= attribute::DELETE_HORIZON;
                header.base_timestamp = horizon.time;
                payload
            }
            None => kept.bytes(),
        };
        let batch = seal(header, Compression::new(self.codec()), &payload);
        Ok(Retained::Rewritten { records, batch })
    }
}

impl<'p> Kept<'p> {
    fn of<'r>(
        header: &BatchHeader,
        mut bytes: &'p [u8],
        records: impl Iterator<Item = Result<Record<'r>, RecordError>>,
        mut keep: impl FnMut(&Record<'_>) -> bool,
    ) -> Result<Kept<'p>, RecordError> {
        let mut kept = Kept {
            outlines: Vec::new(),
            count: 0,
            has_tombstone: false,
            max_timestamp: Timestamp::NONE,
        };
        for record in records {
            let record = record?;
            if record.offset < header.base_offset() || record.offset > header.last_offset() {
                return Err(RecordError::Range);
            }
            let outline = Outline::read(&mut Slice::new(bytes))?;
            let (own, rest) = bytes.split_at(outline.size);
            (bytes, kept.count) = (rest, kept.count + 1);
            if keep(&record) {
                kept.has_tombstone |= record.value.is_none();
                kept.max_timestamp = kept.max_timestamp.max(record.timestamp);
                kept.outlines.push((outline, own));
            }
        }
        Ok(kept)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (_, bytes) in &self.outlines {
            out.extend_from_slice(bytes);
        }
        out
    }

    /// The records with their times counted from `base`; none when that cannot be written.
    fn dated(&self, header: &BatchHeader, base: Timestamp) -> Option<Vec<u8>> {
        let shift = header.base_timestamp().0.checked_sub(base.0)?;
        let mut out = Vec::new();
        for (outline, bytes) in &self.outlines {
            let delta = outline.timestamp_delta.checked_add(shift)?;
            let rest = &bytes[outline.fields_start..];
            put_record_start(&mut out, delta, outline.offset_delta, rest.len());
            out.extend_from_slice(rest);
        }
        Some(out)
    }
}

/// The batch without a record: it still says up to where offsets and its producer's sequence went.
#[must_use]
pub fn emptied(header: &BatchHeader) -> Bytes {
    let mut empty = *header;
    empty.attributes &= !attribute::DELETE_HORIZON;
    empty.base_timestamp = Timestamp::NONE;
    empty.count = 0;
    seal(empty, Compression::new(Codec::None), &[])
}

#[cfg(test)]
mod tests {
    use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence};

    use super::*;
    use crate::records::{BatchBuilder, Header};

    const LIMIT: usize = 1 << 20;
    const NEVER: Horizon = Horizon { time: Timestamp(90_000), always: false };

    #[test]
    fn what_stays_keeps_offset_time_headers_and_producer_under_every_codec() {
        for codec in Codec::ALL {
            let bytes = batch(codec);
            let batch = BatchView::parse(&bytes).unwrap();
            let retained = batch.retain(LIMIT, NEVER, |record| record.key == Some(b"b"));
            let Ok(Retained::Rewritten { records: 1, batch: left }) = retained else {
                panic!("one record of three was to stay: {retained:?}")
            };
            let left = BatchView::parse(&left).unwrap();
            assert!(left.crc_is_valid());
            assert_eq!((left.base_offset(), left.last_offset()), (Offset(40), Offset(42)));
            assert_eq!((left.codec(), left.count()), (codec, 1));
            assert_eq!(left.max_timestamp(), Timestamp(1005));
            assert_eq!(left.producer_id(), ProducerId(9));
            assert_eq!(left.last_sequence(), Sequence(7));
            assert_eq!(left.partition_leader_epoch(), LeaderEpoch(3));
            let (before, after) = (batch.payload(LIMIT).unwrap(), left.payload(LIMIT).unwrap());
            assert_eq!(after.records().next(), before.records().nth(1));
        }
    }

    #[test]
    fn a_batch_of_which_all_stays_is_left_as_it_lies() {
        let bytes = without_tombstone();
        let batch = BatchView::parse(&bytes).unwrap();
        assert_eq!(batch.retain(LIMIT, NEVER, |_| true), Ok(Retained::Whole { records: 2 }));
        assert_eq!(batch.retain(LIMIT, NEVER, |_| false), Ok(Retained::Nothing));
    }

    #[test]
    fn a_tombstone_that_stays_gets_a_horizon_once() {
        let bytes = batch(Codec::Lz4);
        let before = BatchView::parse(&bytes).unwrap();
        let retained = before.retain(LIMIT, NEVER, |_| true);
        let Ok(Retained::Rewritten { records: 3, batch }) = retained else {
            panic!("the batch was to get a horizon: {retained:?}")
        };
        let dated = BatchView::parse(&batch).unwrap();
        assert_eq!(dated.delete_horizon(), Some(NEVER.time));
        let (old, new) = (before.payload(LIMIT).unwrap(), dated.payload(LIMIT).unwrap());
        assert!(new.records().eq(old.records()));
        let later = Horizon { time: Timestamp(99_000), always: true };
        assert_eq!(dated.retain(LIMIT, later, |_| true), Ok(Retained::Whole { records: 3 }));
    }

    #[test]
    fn the_horizon_does_not_change_the_time_that_the_leader_gave() {
        let mut bytes = batch(Codec::None).to_vec();
        crate::records::set_log_append_time(&mut bytes, Timestamp(5000));
        let batch = BatchView::parse(&bytes).unwrap();
        let retained = batch.retain(LIMIT, NEVER, |record| record.value.is_none()).unwrap();
        let Retained::Rewritten { batch, .. } = retained else { panic!("{retained:?}") };
        let left = BatchView::parse(&batch).unwrap();
        assert_eq!(left.timestamp_type(), TimestampType::LogAppendTime);
        let payload = left.payload(LIMIT).unwrap();
        assert_eq!(payload.records().next().unwrap().unwrap().timestamp, Timestamp(5000));
    }

    #[test]
    fn an_emptied_batch_keeps_offsets_and_sequences() {
        let bytes = batch(Codec::Gzip);
        let header = *BatchView::parse(&bytes).unwrap().header();
        let empty = emptied(&header);
        assert_eq!(empty.len(), BatchHeader::SIZE);
        let empty = BatchView::parse(&empty).unwrap();
        assert!(empty.crc_is_valid());
        assert_eq!((empty.count(), empty.codec()), (0, Codec::None));
        assert_eq!(empty.last_offset(), header.last_offset());
        assert_eq!(empty.last_sequence(), header.last_sequence());
        assert_eq!(empty.max_timestamp(), header.max_timestamp());
        assert_eq!(empty.payload(LIMIT).unwrap().records().count(), 0);
    }

    #[test]
    fn damaged_records_are_an_error() {
        let bytes = batch(Codec::None);
        let mut cut = bytes.to_vec();
        cut[BatchHeader::SIZE] ^= 0x7e;
        let batch = BatchView::parse(&cut).unwrap();
        assert!(batch.retain(LIMIT, NEVER, |_| true).is_err());
    }

    fn batch(codec: Codec) -> Bytes {
        let headers = [Header { key: b"h", value: Some(b"1") }, Header { key: b"h", value: None }];
        let mut builder = BatchBuilder::new(Compression::new(codec))
            .base_offset(Offset(40))
            .partition_leader_epoch(LeaderEpoch(3))
            .producer(ProducerId(9), ProducerEpoch(1), Sequence(5));
        builder.push(Timestamp(1000), Some(b"a"), Some(b"one"), &[]);
        builder.push(Timestamp(1005), Some(b"b"), Some(b"two"), &headers);
        builder.push(Timestamp(1010), Some(b"c"), None, &[]);
        builder.build()
    }

    fn without_tombstone() -> Bytes {
        let mut builder = BatchBuilder::new(Compression::new(Codec::None));
        builder.push(Timestamp(1), Some(b"a"), Some(b"one"), &[]);
        builder.push(Timestamp(2), Some(b"b"), Some(b"two"), &[]);
        builder.build()
    }
}
