//! The quorum's share in the batches of the metadata log and its snapshots: who votes.

use bytes::Bytes;
use consensus::{ControlRecord, InvalidVoters, KRAFT_VERSION, Voters};
use metadata::{
    Image,
    batch::{BatchPlace, write_batch},
    records::MetadataRecord,
    snapshot::{SnapshotHeader, write_snapshot},
};
use protocol::records::control::ControlRecord as WrittenRecord;
use types::{LeaderEpoch, Offset, Timestamp};

/// One batch of records.
pub(crate) fn of_records(
    records: &[MetadataRecord],
    base_offset: Offset,
    epoch: LeaderEpoch,
    timestamp: Timestamp,
) -> Bytes {
    let place = BatchPlace { base_offset, epoch, timestamp };
    write_batch(place, records).expect("what the controller decides fits the wire")
}

/// A snapshot of everything that the image holds.
pub(crate) fn snapshot(
    image: &Image,
    voters: &Voters,
    epoch: LeaderEpoch,
    last_append: Timestamp,
    now: Timestamp,
) -> Vec<u8> {
    let quorum =
        [ControlRecord::KraftVersion(KRAFT_VERSION), ControlRecord::Voters(voters.clone())];
    let header = SnapshotHeader {
        last_contained_timestamp: last_append,
        quorum: quorum.iter().map(ControlRecord::written).collect(),
    };
    let batches = write_snapshot(image, &header, epoch, now);
    batches.expect("what was in the log fits the wire").concat()
}

/// The last voters that these records name, if they do.
pub(crate) fn voters_in(records: Vec<WrittenRecord>) -> Result<Option<Voters>, InvalidVoters> {
    let mut last = None;
    for record in records {
        match ControlRecord::read(record)? {
            Some(ControlRecord::Voters(voters)) => last = Some(voters),
            Some(
                ControlRecord::LeaderChange { .. }
                | ControlRecord::SnapshotHeader { .. }
                | ControlRecord::SnapshotFooter
                | ControlRecord::KraftVersion(_),
            )
            | None => {}
        }
    }
    Ok(last)
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
    use metadata::snapshot::read_snapshot;
    use types::{BrokerId, DirectoryId, Uuid};

    const EPOCH: LeaderEpoch = LeaderEpoch(3);

    #[test]
    fn a_snapshot_names_the_voters_and_makes_the_same_image() {
        let key =
            ReplicaKey { id: BrokerId(1), directory: DirectoryId(Uuid::from_u128(0x1234_5678)) };
        let voters = Voters::new([Voter::new(key, Vec::new())]).unwrap();
        let (image, _) = Image::default().apply(&metadata::controller::bootstrap()).unwrap();
        let bytes = snapshot(&image, &voters, EPOCH, Timestamp(4), Timestamp(5));
        let read = read_snapshot(&bytes).unwrap();
        assert_eq!(read.image, image);
        assert_eq!(voters_in(read.header.quorum), Ok(Some(voters)));
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
