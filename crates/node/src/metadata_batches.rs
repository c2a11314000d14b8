//! The batches of the metadata log: records and control records, to bytes and back.

use bytes::Bytes;
use consensus::{ControlRecord, KRAFT_VERSION, Voters};
use metadata::{Image, records::MetadataRecord};
use protocol::records::{BatchBuilder, BatchView, Compression};
use types::{LeaderEpoch, Offset, Timestamp};

/// The most one batch of metadata may take when it is read back.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// What a batch holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// Changes of the metadata.
    Records(Vec<MetadataRecord>),
    /// Records about the quorum, or about the snapshot they stand in.
    Control(Vec<ControlRecord>),
}

impl Content {
    /// The voters that the batch names, if it does.
    pub(crate) fn into_voters(self) -> Option<Voters> {
        let Content::Control(records) = self else { return None };
        records.into_iter().rev().find_map(|record| match record {
            ControlRecord::Voters(voters) => Some(voters),
            ControlRecord::LeaderChange { .. }
            | ControlRecord::SnapshotHeader { .. }
            | ControlRecord::SnapshotFooter
            | ControlRecord::KraftVersion(_) => None,
        })
    }
}

/// Why a batch of the metadata log makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("the batch at offset {offset} of the metadata log is damaged: {reason}")]
pub struct DamagedBatch {
    offset: Offset,
    reason: String,
}

/// One batch of records.
pub(crate) fn of_records(
    records: &[MetadataRecord],
    base: Offset,
    epoch: LeaderEpoch,
    now: Timestamp,
) -> Bytes {
    let mut batch =
        BatchBuilder::new(Compression::NONE).base_offset(base).partition_leader_epoch(epoch);
    for record in records {
        let value = record.encode().expect("what the controller decides fits the wire");
        batch.push(now, None, Some(&value), &[]);
    }
    batch.build()
}

/// A snapshot of everything before `end`: its header and who votes, the image, its footer. Offsets
/// begin at 0, as in Kafka's.
pub(crate) fn snapshot(
    image: &Image,
    voters: &Voters,
    epoch: LeaderEpoch,
    last_append: Timestamp,
    now: Timestamp,
) -> Vec<u8> {
    let head = [
        ControlRecord::SnapshotHeader { last_contained_log_timestamp: last_append },
        ControlRecord::KraftVersion(KRAFT_VERSION),
        ControlRecord::Voters(voters.clone()),
    ];
    let mut bytes = ControlRecord::batch(&head, Offset::ZERO, epoch, now).to_vec();
    let mut offset = Offset(3);
    for records in image.to_records().chunks(1000) {
        bytes.extend_from_slice(&of_records(records, offset, epoch, now));
        offset = offset.plus(i64::try_from(records.len()).expect("a chunk is small"));
    }
    let foot = ControlRecord::batch(&[ControlRecord::SnapshotFooter], offset, epoch, now);
    bytes.extend_from_slice(&foot);
    bytes
}

/// What a batch of the log, or of a snapshot, says.
pub(crate) fn read(batch: &BatchView<'_>) -> Result<Content, DamagedBatch> {
    let offset = batch.header().base_offset();
    let damaged = |reason: String| DamagedBatch { offset, reason };
    if batch.header().is_control() {
        let records =
            ControlRecord::read_batch(batch).map_err(|error| damaged(error.to_string()))?;
        return Ok(Content::Control(records.into_iter().map(|(_, record)| record).collect()));
    }
    let payload = batch.payload(BATCH_BYTES_MAX).map_err(|error| damaged(error.to_string()))?;
    let mut records = Vec::new();
    for record in payload.records() {
        let record = record.map_err(|error| damaged(error.to_string()))?;
        let value = Bytes::copy_from_slice(record.value.unwrap_or_default());
        records.push(MetadataRecord::decode(value).map_err(|error| damaged(error.to_string()))?);
    }
    Ok(Content::Records(records))
}

/// The file name of a snapshot of everything before `end`, whose last record is of `epoch`.
pub(crate) fn snapshot_name(end: Offset, epoch: LeaderEpoch) -> String {
    format!("{:020}-{:010}.checkpoint", end.0, epoch.0)
}

/// The end offset and the epoch in the name of a snapshot; none for other files.
pub(crate) fn parse_snapshot_name(name: &str) -> Option<(Offset, LeaderEpoch)> {
    let (end, epoch) = name.strip_suffix(".checkpoint")?.split_once('-')?;
    if end.len() != 20 || epoch.len() != 10 {
        return None;
    }
    Some((Offset(end.parse().ok()?), LeaderEpoch(epoch.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use consensus::{ReplicaKey, Voter};
    use protocol::records::batches;
    use types::{BrokerId, DirectoryId, Uuid};

    const EPOCH: LeaderEpoch = LeaderEpoch(3);

    fn voters() -> Voters {
        let key =
            ReplicaKey { id: BrokerId(1), directory: DirectoryId(Uuid::from_u128(0x1234_5678)) };
        Voters::new([Voter::new(key, Vec::new())]).unwrap()
    }

    #[test]
    fn metadata_records_survive_the_way_through_a_batch() {
        let records = metadata::controller::bootstrap();
        let bytes = of_records(&records, Offset(5), EPOCH, Timestamp(5));
        let read = read(&BatchView::parse(&bytes).unwrap()).unwrap();
        assert_eq!(read, Content::Records(records));
    }

    #[test]
    fn a_snapshot_names_the_voters_and_makes_the_same_image() {
        let (image, _) = Image::default().apply(&metadata::controller::bootstrap()).unwrap();
        let bytes = snapshot(&image, &voters(), EPOCH, Timestamp(4), Timestamp(5));
        let (mut read_image, mut read_voters) = (Image::default(), None);
        for batch in batches(&bytes) {
            match read(&batch.unwrap()).unwrap() {
                Content::Records(records) => read_image = read_image.apply(&records).unwrap().0,
                control @ Content::Control(_) => {
                    read_voters = control.into_voters().or(read_voters);
                }
            }
        }
        assert_eq!((read_image, read_voters), (image, Some(voters())));
    }

    #[test]
    fn a_snapshots_name_says_where_it_ends() {
        let name = snapshot_name(Offset(42), EPOCH);
        assert_eq!(name, "00000000000000000042-0000000003.checkpoint");
        assert_eq!(parse_snapshot_name(&name), Some((Offset(42), EPOCH)));
        assert_eq!(parse_snapshot_name("00000000000000000042.log"), None);
        assert_eq!(parse_snapshot_name("4-7.checkpoint"), None);
    }
}
