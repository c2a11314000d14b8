//! The file format of producer snapshots, which is Kafka's `ProducerSnapshot` version 1.
//!
//! A version (`i16`), a CRC32C of all that follows it (`u32`), a count (`i32`) and the entries. Only
//! the last batch of a producer is kept.

use bytes::{Buf, BufMut};
use types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::producers::{KnownBatch, Producer, Producers};

const VERSION: i16 = 1;
const HEAD_SIZE: usize = 6;
const ENTRY_SIZE: usize = 46;

/// Why bytes are no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("producer snapshot of {0} bytes is cut")]
    Cut(usize),
    #[error("producer snapshot has version {0}, only 1 is known")]
    Version(i16),
    #[error("producer snapshot has checksum {found:08x} where {stored:08x} is stored")]
    Checksum { stored: u32, found: u32 },
}

/// The content of a snapshot file.
pub(crate) fn encode(producers: &Producers) -> Vec<u8> {
    let count = i32::try_from(producers.len()).expect("there is no memory for 2^31 producers");
    let mut bytes = Vec::with_capacity(HEAD_SIZE + 4 + producers.len() * ENTRY_SIZE);
    bytes.put_i16(VERSION);
    bytes.put_u32(0);
    bytes.put_i32(count);
    for (id, producer) in producers.iter() {
        let last = producer.batches.back();
        bytes.put_i64(id.0);
        bytes.put_i16(producer.epoch.0);
        bytes.put_i32(last.map_or(Sequence::NONE, |last| last.last_sequence).0);
        bytes.put_i64(last.map_or(Offset::NONE, |last| last.last_offset).0);
        bytes.put_i32(last.map_or(0, |last| last.offset_delta));
        bytes.put_i64(producer.last_timestamp.0);
        bytes.put_i32(producer.coordinator_epoch);
        bytes.put_i64(producer.transaction_start.unwrap_or(Offset::NONE).0);
    }
    let checksum = crc32c::crc32c(&bytes[HEAD_SIZE..]);
    bytes[2..HEAD_SIZE].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

pub(crate) fn decode(mut bytes: &[u8]) -> Result<Producers, SnapshotError> {
    let size = bytes.len();
    if size < HEAD_SIZE + 4 {
        return Err(SnapshotError::Cut(size));
    }
    let version = bytes.get_i16();
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    let stored = bytes.get_u32();
    let found = crc32c::crc32c(bytes);
    if stored != found {
        return Err(SnapshotError::Checksum { stored, found });
    }
    let count = usize::try_from(bytes.get_i32()).map_err(|_| SnapshotError::Cut(size))?;
    if bytes.len() / ENTRY_SIZE < count {
        return Err(SnapshotError::Cut(size));
    }
    let mut producers = Producers::default();
    for _ in 0..count {
        let (id, producer) = decode_entry(&mut bytes);
        producers.insert(id, producer);
    }
    Ok(producers)
}

fn decode_entry(bytes: &mut &[u8]) -> (ProducerId, Producer) {
    let id = ProducerId(bytes.get_i64());
    let epoch = ProducerEpoch(bytes.get_i16());
    let last_sequence = Sequence(bytes.get_i32());
    let last_offset = Offset(bytes.get_i64());
    let offset_delta = bytes.get_i32();
    let timestamp = Timestamp(bytes.get_i64());
    let coordinator_epoch = bytes.get_i32();
    let transaction_start = Offset(bytes.get_i64());
    let last = KnownBatch { last_sequence, last_offset, offset_delta, timestamp };
    let batches = (last_sequence >= Sequence(0)).then_some(last).into_iter().collect();
    let producer = Producer {
        epoch,
        batches,
        last_timestamp: timestamp,
        coordinator_epoch,
        transaction_start: (transaction_start >= Offset::ZERO).then_some(transaction_start),
    };
    (id, producer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_keeps_the_last_batch_of_each_producer() {
        let producers = producers();
        let decoded = decode(&encode(&producers)).unwrap();
        assert_eq!(decoded, producers);
        assert_eq!(decode(&encode(&Producers::default())).unwrap(), Producers::default());
    }

    #[test]
    fn a_snapshot_that_was_cut_or_changed_at_any_byte_is_refused() {
        let bytes = encode(&producers());
        for position in 0..bytes.len() {
            assert!(decode(&bytes[..position]).is_err());
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert!(decode(&changed).is_err());
        }
    }

    #[test]
    fn a_count_without_entries_is_refused() {
        let mut bytes = vec![0, 1, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff];
        let checksum = crc32c::crc32c(&bytes[HEAD_SIZE..]);
        bytes[2..HEAD_SIZE].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(decode(&bytes), Err(SnapshotError::Cut(10)));
    }

    fn producers() -> Producers {
        let last = KnownBatch {
            last_sequence: Sequence(9),
            last_offset: Offset(109),
            offset_delta: 3,
            timestamp: Timestamp(77),
        };
        let mut producers = Producers::default();
        for (id, batches, start) in [(5, vec![last], Some(Offset(106))), (6, Vec::new(), None)] {
            let producer = Producer {
                epoch: ProducerEpoch(2),
                batches: batches.into(),
                last_timestamp: Timestamp(77),
                coordinator_epoch: 3,
                transaction_start: start,
            };
            producers.insert(ProducerId(id), producer);
        }
        producers
    }
}
