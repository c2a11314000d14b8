//! Snapshots: an image as a file of batches that stands for the log before it.
//!
//! A snapshot begins with a control batch that says so and names the quorum's voters, and ends with
//! one that says that it is whole. What its file is called and where it lies is `storage`'s.

use bytes::Bytes;
use protocol::{
    EncodeError,
    records::{
        BatchBuilder, BatchError, batches,
        control::{ControlRecord, SnapshotFooterRecord, SnapshotHeaderRecord},
    },
};
use types::{LeaderEpoch, Offset, Timestamp};

use crate::{
    Image,
    batch::{BatchContent, BatchPlace, ReadBatchError, read_batch},
    image::ApplyError,
};

/// How large the records of one batch of a snapshot get; Kafka reads batches of up to 8 MiB.
const BATCH_SIZE: usize = 1 << 20;

/// What a snapshot says besides the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// When the last record that the snapshot stands for was appended.
    pub last_contained_timestamp: Timestamp,
    /// The kraft.version and the voters at that record.
    pub quorum: Vec<ControlRecord>,
}

/// What is in a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What it says besides the image.
    pub header: SnapshotHeader,
    /// The image.
    pub image: Image,
}

/// Why a file is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file does not consist of whole batches.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// A batch does not hold what it should.
    #[error(transparent)]
    Content(#[from] ReadBatchError),
    /// The records do not fit together.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The file does not begin as a snapshot.
    #[error("the snapshot has no header")]
    NoHeader,
    /// The file ends too early.
    #[error("the snapshot has no footer")]
    NoFooter,
    /// The file goes on where a snapshot ends.
    #[error("the snapshot goes on behind its footer")]
    BehindFooter,
}

/// The batches of a snapshot of this image, to be written one behind the other.
///
/// `epoch` is that of the last record that the snapshot stands for, `now` when it is written.
///
/// # Errors
/// When a record cannot be written.
pub fn write_snapshot(
    image: &Image,
    header: &SnapshotHeader,
    epoch: LeaderEpoch,
    now: Timestamp,
) -> Result<Vec<Bytes>, EncodeError> {
    let place = BatchPlace { base_offset: Offset::ZERO, epoch, timestamp: now };
    let mut writer = Writer { place, batches: Vec::new() };
    writer.control(&[&[begin(header)], header.quorum.as_slice()].concat());
    let mut batch = writer.place.builder();
    for record in image.to_records() {
        batch.push(now, None, Some(&record.encode()?), &[]);
        if batch.uncompressed_size() >= BATCH_SIZE {
            writer.finish(batch);
            batch = writer.place.builder();
        }
    }
    if batch.count() > 0 {
        writer.finish(batch);
    }
    writer.control(&[ControlRecord::SnapshotFooter(SnapshotFooterRecord { version: 0 })]);
    Ok(writer.batches)
}

fn begin(header: &SnapshotHeader) -> ControlRecord {
    let last_contained_log_timestamp = header.last_contained_timestamp.0;
    ControlRecord::SnapshotHeader(SnapshotHeaderRecord { version: 0, last_contained_log_timestamp })
}

/// The batches so far, and where the next one stands.
struct Writer {
    place: BatchPlace,
    batches: Vec<Bytes>,
}

impl Writer {
    fn control(&mut self, records: &[ControlRecord]) {
        let mut batch = self.place.builder().control();
        records.iter().for_each(|record| batch.push_control(self.place.timestamp, record));
        self.finish(batch);
    }

    fn finish(&mut self, batch: BatchBuilder) {
        self.place.base_offset = self.place.base_offset.plus(batch.count().into());
        self.batches.push(batch.build());
    }
}

/// Reads a whole snapshot.
///
/// # Errors
/// When it is torn, damaged, or not a snapshot at all.
pub fn read_snapshot(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    let mut image = Image::default();
    let mut header = None;
    let mut is_whole = false;
    for batch in batches(bytes) {
        if is_whole {
            return Err(SnapshotError::BehindFooter);
        }
        match (read_batch(&batch?)?, &header) {
            (BatchContent::Control(records), None) => header = Some(header_of(records)?),
            (BatchContent::Metadata(_), None) => return Err(SnapshotError::NoHeader),
            (BatchContent::Metadata(records), Some(_)) => image = image.apply(&records)?.0,
            (BatchContent::Control(records), Some(_)) => {
                is_whole |=
                    records.iter().any(|record| matches!(record, ControlRecord::SnapshotFooter(_)));
            }
        }
    }
    let header = header.ok_or(SnapshotError::NoHeader)?;
    if !is_whole {
        return Err(SnapshotError::NoFooter);
    }
    Ok(Snapshot { header, image })
}

fn header_of(records: Vec<ControlRecord>) -> Result<SnapshotHeader, SnapshotError> {
    let mut records = records.into_iter();
    let Some(ControlRecord::SnapshotHeader(header)) = records.next() else {
        return Err(SnapshotError::NoHeader);
    };
    Ok(SnapshotHeader {
        last_contained_timestamp: Timestamp(header.last_contained_log_timestamp),
        quorum: records.collect(),
    })
}

#[cfg(test)]
mod tests {
    use protocol::records::control::KRaftVersionRecord;
    use types::{BrokerId, DirectoryId, PartitionIndex, TopicId, TopicIdPartition, Uuid};

    use super::*;
    use crate::{
        controller::bootstrap,
        image::{Partition, partition_record},
        records::{MetadataRecord, TopicRecord},
    };

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let (snapshot, bytes) = written(3);
        assert_eq!(read_snapshot(&bytes).unwrap(), snapshot);
    }

    #[test]
    fn many_records_go_into_several_batches_without_a_gap() {
        let (snapshot, bytes) = written(30_000);
        let offsets: Vec<_> = batches(&bytes)
            .map(|batch| batch.unwrap())
            .map(|batch| (batch.base_offset(), batch.last_offset(), batch.size()))
            .collect();
        assert!(offsets.len() > 4, "{offsets:?}");
        assert!(offsets.iter().all(|(_, _, size)| *size < 2 * BATCH_SIZE));
        assert!(offsets.windows(2).all(|pair| pair[1].0 == pair[0].1.next()), "{offsets:?}");
        assert_eq!(read_snapshot(&bytes).unwrap(), snapshot);
    }

    #[test]
    fn a_snapshot_that_is_cut_anywhere_is_no_snapshot() {
        let (_, bytes) = written(3);
        for end in 0..bytes.len() {
            assert!(read_snapshot(&bytes[..end]).is_err(), "{end} bytes suffice");
        }
    }

    #[test]
    fn a_byte_that_is_changed_is_noticed_or_means_nothing() {
        let (snapshot, bytes) = written(1);
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0x40;
            assert!(
                read_snapshot(&damaged).is_ok_and(|read| read == snapshot)
                    || read_snapshot(&damaged).is_err()
            );
        }
    }

    #[test]
    fn nothing_may_follow_the_footer() {
        let (_, bytes) = written(1);
        let twice = bytes.repeat(2);
        assert!(matches!(read_snapshot(&twice), Err(SnapshotError::BehindFooter)));
    }

    #[test]
    fn a_log_is_no_snapshot() {
        let place =
            BatchPlace { base_offset: Offset(1), epoch: LeaderEpoch(1), timestamp: Timestamp(1) };
        let bytes = crate::batch::write_batch(place, &bootstrap()).unwrap();
        assert!(matches!(read_snapshot(&bytes), Err(SnapshotError::NoHeader)));
    }

    /// A snapshot of a topic with so many partitions, and its bytes.
    fn written(partitions: i32) -> (Snapshot, Vec<u8>) {
        let topic = Uuid::from_u128(1000);
        let mut records = bootstrap();
        records.push(TopicRecord { name: "chat".into(), topic_id: topic }.into());
        records.extend((0..partitions).map(|number| partition(TopicId(topic), number)));
        let (image, _) = Image::default().apply(&records).unwrap();
        let version = KRaftVersionRecord { version: 0, kraft_version: 1 };
        let header = SnapshotHeader {
            last_contained_timestamp: Timestamp(7),
            quorum: vec![ControlRecord::KRaftVersion(version)],
        };
        let batches = write_snapshot(&image, &header, LeaderEpoch(3), Timestamp(9)).unwrap();
        (Snapshot { header, image }, batches.concat())
    }

    fn partition(topic: TopicId, number: i32) -> MetadataRecord {
        let id = TopicIdPartition { topic, partition: PartitionIndex(number) };
        let directory = DirectoryId(Uuid::from_u128(2000));
        let state = Partition::new(vec![BrokerId(1)], vec![directory], vec![BrokerId(1)]);
        partition_record(id, &state).into()
    }
}
