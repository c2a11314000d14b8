//! The records in what was fetched: those that were asked for, without what a consumer never sees.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::ControlFlow,
};

use bytes::Bytes;
use protocol::{
    messages::fetch::AbortedTransaction,
    records::{
        BatchError, BatchView, DecompressError, Record, RecordError, TimestampType, batches,
        control::{ControlRecord, ControlRecordError},
    },
};
use types::{Offset, ProducerId, TopicPartition};

use super::Isolation;

/// The most that the records of one batch may take when decompressed.
const BATCH_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Whole batches of one partition, the first of which may begin before the offset asked for.
#[derive(Debug, Clone)]
pub struct FetchedBatches {
    partition: TopicPartition,
    from: Offset,
    next: Offset,
    bytes: Bytes,
    isolation: Isolation,
    /// Transactions that were aborted, by their first offset.
    aborted: Vec<(Offset, ProducerId)>,
}

/// Why fetched batches cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A batch is not what a broker sends.
    #[error("{0} at offset {1}: {2}")]
    Batch(TopicPartition, Offset, BatchError),
    /// A batch is damaged.
    #[error("{0} at offset {1}: the checksum of the batch does not match")]
    Checksum(TopicPartition, Offset),
    /// A batch cannot be decompressed.
    #[error("{0} at offset {1}: {2}")]
    Decompress(TopicPartition, Offset, DecompressError),
    /// A record is damaged.
    #[error("{0} at offset {1}: {2}")]
    Record(TopicPartition, Offset, RecordError),
    /// A control record is damaged.
    #[error("{0} at offset {1}: {2}")]
    Control(TopicPartition, Offset, ControlRecordError),
}

impl FetchedBatches {
    /// The whole batches among these bytes; none when there is none.
    pub(super) fn new(
        partition: TopicPartition,
        from: Offset,
        bytes: Bytes,
        isolation: Isolation,
        aborted: &[AbortedTransaction],
    ) -> Option<FetchedBatches> {
        let last = batches(&bytes).map_while(Result::ok).last()?.last_offset();
        let aborted =
            aborted.iter().map(|it| (Offset(it.first_offset), ProducerId(it.producer_id)));
        let mut aborted: Vec<_> = aborted.collect();
        aborted.sort();
        let next = last.next().max(from);
        Some(FetchedBatches { partition, from, next, bytes, isolation, aborted })
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> &TopicPartition {
        &self.partition
    }

    /// The offset behind all of these batches.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        self.next
    }

    /// Shows every record, with what its timestamp means, until the visitor has seen enough.
    ///
    /// # Errors
    /// A batch is damaged; what came before it was shown.
    pub fn visit(
        &self,
        mut visitor: impl FnMut(&Record<'_>, TimestampType) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let mut filter = AbortedFilter::new(self.isolation, &self.aborted);
        for batch in batches(&self.bytes) {
            let batch = match batch {
                Ok(batch) => batch,
                // The answer was cut off here; the rest comes with the next one.
                Err(BatchError::Torn { .. }) => break,
                Err(error) => {
                    return Err(ReadError::Batch(self.partition.clone(), self.from, error));
                }
            };
            if self.visit_batch(&batch, &mut filter, &mut visitor)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn visit_batch(
        &self,
        batch: &BatchView<'_>,
        filter: &mut AbortedFilter<'_>,
        visitor: &mut impl FnMut(&Record<'_>, TimestampType) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let place = || (self.partition.clone(), batch.base_offset());
        if !batch.crc_is_valid() {
            let (partition, offset) = place();
            return Err(ReadError::Checksum(partition, offset));
        }
        let is_aborted = filter.is_aborted(batch);
        if is_aborted && !batch.is_control() {
            return Ok(ControlFlow::Continue(()));
        }
        let payload = batch.payload(BATCH_BYTES_MAX).map_err(|error| {
            let (partition, offset) = place();
            ReadError::Decompress(partition, offset, error)
        })?;
        for record in payload.records() {
            let record = record.map_err(|error| {
                let (partition, offset) = place();
                ReadError::Record(partition, offset, error)
            })?;
            if batch.is_control() {
                let control = ControlRecord::decode(&record).map_err(|error| {
                    let (partition, offset) = place();
                    ReadError::Control(partition, offset, error)
                })?;
                filter.saw(batch.producer_id(), control.as_ref());
            } else if record.offset >= self.from
                && visitor(&record, batch.timestamp_type()).is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Knows, batch after batch, whose transactions end in an abort.
struct AbortedFilter<'a> {
    isolation: Isolation,
    /// Those that begin later.
    to_come: VecDeque<&'a (Offset, ProducerId)>,
    aborting: BTreeSet<ProducerId>,
}

impl<'a> AbortedFilter<'a> {
    fn new(isolation: Isolation, aborted: &'a [(Offset, ProducerId)]) -> AbortedFilter<'a> {
        AbortedFilter { isolation, to_come: aborted.iter().collect(), aborting: BTreeSet::new() }
    }

    fn is_aborted(&mut self, batch: &BatchView<'_>) -> bool {
        if self.isolation == Isolation::ReadUncommitted {
            return false;
        }
        while let Some((first, producer)) = self.to_come.front()
            && *first <= batch.last_offset()
        {
            self.aborting.insert(*producer);
            self.to_come.pop_front();
        }
        batch.is_transactional() && self.aborting.contains(&batch.producer_id())
    }

    /// What the producer writes behind its marker is another transaction.
    fn saw(&mut self, producer: ProducerId, control: Option<&ControlRecord>) {
        if let Some(ControlRecord::Abort(_)) = control {
            self.aborting.remove(&producer);
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::records::{BatchBuilder, Compression, control::EndTxnMarker};
    use types::{PartitionIndex, ProducerEpoch, Sequence, Timestamp, TopicName};

    use super::*;

    /// A batch with these values of one producer, at an offset.
    fn batch(offset: i64, producer: Option<i64>, values: &[&str]) -> Bytes {
        let mut builder = BatchBuilder::new(Compression::NONE).base_offset(Offset(offset));
        if let Some(id) = producer {
            builder =
                builder.producer(ProducerId(id), ProducerEpoch(0), Sequence(0)).transactional();
        }
        for value in values {
            builder.push(Timestamp(5), None, Some(value.as_bytes()), &[]);
        }
        builder.build()
    }

    fn marker(offset: i64, producer: i64, record: &ControlRecord) -> Bytes {
        let builder = BatchBuilder::new(Compression::NONE).base_offset(Offset(offset));
        let mut builder = builder
            .producer(ProducerId(producer), ProducerEpoch(0), Sequence::NONE)
            .transactional()
            .control();
        builder.push_control(Timestamp(5), record);
        builder.build()
    }

    fn fetched(
        from: i64,
        parts: &[Bytes],
        isolation: Isolation,
        aborted: &[(i64, i64)],
    ) -> Option<FetchedBatches> {
        let topic = TopicName::parse("chat").unwrap();
        let partition = TopicPartition { topic, partition: PartitionIndex(0) };
        let aborted = aborted.iter();
        let aborted: Vec<_> = aborted
            .map(|(producer_id, first_offset)| AbortedTransaction {
                producer_id: *producer_id,
                first_offset: *first_offset,
            })
            .collect();
        FetchedBatches::new(partition, Offset(from), parts.concat().into(), isolation, &aborted)
    }

    fn seen(batches: &FetchedBatches, limit: usize) -> Vec<(i64, String)> {
        let mut seen = Vec::new();
        let visited = batches.visit(|record, _| {
            let value = String::from_utf8_lossy(record.value.unwrap()).into_owned();
            seen.push((record.offset.0, value));
            if seen.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        visited.unwrap();
        seen
    }

    fn numbered(pairs: &[(i64, &str)]) -> Vec<(i64, String)> {
        pairs.iter().map(|(offset, value)| (*offset, (*value).to_owned())).collect()
    }

    #[test]
    fn records_before_the_offset_asked_for_are_passed_over_and_a_torn_batch_ends_it() {
        let torn = batch(6, None, &["g"]).slice(..40);
        let parts = [batch(2, None, &["c", "d"]), batch(4, None, &["e", "f"]), torn];
        let found = fetched(3, &parts, Isolation::ReadUncommitted, &[]).unwrap();
        assert_eq!(seen(&found, 9), numbered(&[(3, "d"), (4, "e"), (5, "f")]));
        assert_eq!(found.next_offset(), Offset(6));
        assert_eq!(seen(&found, 2), numbered(&[(3, "d"), (4, "e")]));
        assert!(
            fetched(3, &[batch(2, None, &["c"]).slice(..40)], Isolation::ReadCommitted, &[])
                .is_none()
        );
    }

    #[test]
    fn what_was_aborted_is_left_out_and_markers_are_never_shown() {
        let end = EndTxnMarker { coordinator_epoch: 0 };
        let parts = [
            batch(0, Some(7), &["aborted"]),
            batch(1, Some(8), &["committed"]),
            marker(2, 7, &ControlRecord::Abort(end.clone())),
            batch(3, Some(7), &["again"]),
            marker(4, 8, &ControlRecord::Commit(end.clone())),
            marker(5, 7, &ControlRecord::Commit(end)),
            batch(6, None, &["plain"]),
        ];
        let committed = fetched(0, &parts, Isolation::ReadCommitted, &[(7, 0)]).unwrap();
        assert_eq!(seen(&committed, 9), numbered(&[(1, "committed"), (3, "again"), (6, "plain")]));
        let all = fetched(0, &parts, Isolation::ReadUncommitted, &[]).unwrap();
        assert_eq!(seen(&all, 9).len(), 4);
    }

    #[test]
    fn a_damaged_batch_is_an_error_that_names_its_place() {
        let mut bytes = batch(3, None, &["value"]).to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        let found = fetched(3, &[bytes.into()], Isolation::ReadCommitted, &[]).unwrap();
        let error = found.visit(|_, _| ControlFlow::Continue(())).unwrap_err();
        let sentence = "chat-0 at offset 3: the checksum of the batch does not match";
        assert_eq!(error.to_string(), sentence);
    }
}
