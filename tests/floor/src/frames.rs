//! What goes over the wire: frames of fixed sizes whose first byte says what they are.
//!
//! The sizes are those of librdkafka 2.12 and Klamm for a record of 100 bytes with a short key.

use crate::case::PARTITIONS;
use std::time::Duration;

/// A record on its way to the server.
pub(crate) const PRODUCE: usize = 233;
/// What of it is stored, a batch with one record; the end of the frame.
pub(crate) const BATCH: usize = 186;
/// That it is stored.
pub(crate) const PRODUCED: usize = 57;
/// A consumer's request.
pub(crate) const FETCH: usize = 131;
/// A batch on its way to the consumer.
pub(crate) const FETCHED: usize = 320;

/// The first byte of a consumer's request; others are a record's partition.
pub(crate) const IS_FETCH: u8 = 0xff;

/// Where in a batch it says when it was sent.
const STAMP: usize = 8;

/// A record for a partition.
pub(crate) fn produce(partition: usize, sent: Duration) -> [u8; PRODUCE] {
    let mut frame = [0; PRODUCE];
    frame[0] = u8::try_from(partition % PARTITIONS).unwrap_or_default();
    let nanoseconds = u64::try_from(sent.as_nanos()).unwrap_or(u64::MAX);
    frame[PRODUCE - BATCH..][..STAMP].copy_from_slice(&nanoseconds.to_be_bytes());
    frame
}

/// A consumer's request for its partitions.
pub(crate) fn fetch(consumer: usize) -> [u8; FETCH] {
    let mut frame = [0; FETCH];
    frame[..2].copy_from_slice(&[IS_FETCH, u8::try_from(consumer).unwrap_or_default()]);
    frame
}

/// What the producer is told about a batch.
pub(crate) fn produced(batch: &[u8]) -> [u8; PRODUCED] {
    with_batch(&batch[..STAMP])
}

/// What the consumer is sent of a batch.
pub(crate) fn fetched(batch: &[u8]) -> [u8; FETCHED] {
    with_batch(batch)
}

/// When the batch that an answer is about was sent.
pub(crate) fn sent(answer: &[u8]) -> Duration {
    let stamp = answer.first_chunk::<STAMP>().copied().unwrap_or_default();
    Duration::from_nanos(u64::from_be_bytes(stamp))
}

fn with_batch<const SIZE: usize>(batch: &[u8]) -> [u8; SIZE] {
    let mut frame = [0; SIZE];
    frame[..batch.len()].copy_from_slice(batch);
    frame
}
