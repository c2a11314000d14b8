//! The control records of the metadata log and of its snapshots, and the batches that carry them.

use std::collections::BTreeSet;

use bytes::Bytes;
use protocol::{
    DecodeError, EncodeError, Message,
    records::{
        BatchBuilder, BatchError, BatchView, Codec, Compression, DecompressError, RecordError,
        control::{
            ControlType, KRaftVersionFeature, KRaftVersionRecord, LeaderChangeMessage,
            LeaderChangeVoter, SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
            VotersRecordEndpoint, VotersRecordVoter, control_version,
        },
    },
};
use types::{BrokerId, DirectoryId, LeaderEpoch, Offset, Timestamp};

use crate::{Endpoint, InvalidVoters, KRAFT_VERSION, ReplicaKey, Voter, Voters};

/// The version of the values that Kafka 4.3 writes, under any kraft.version.
const VALUE_VERSION: i16 = 0;

/// Control batches hold a handful of records; none comes near this.
const DECOMPRESSED_BYTES_MAX: usize = 1 << 20;

/// A record that is about the quorum or a snapshot, and not about the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRecord {
    /// A leader begins its reign.
    LeaderChange {
        /// The leader.
        leader: BrokerId,
        /// Who could vote.
        voters: BTreeSet<BrokerId>,
        /// Who voted for it.
        granting: BTreeSet<BrokerId>,
    },
    /// A snapshot begins.
    SnapshotHeader {
        /// The time of the last record that the snapshot stands for.
        last_contained_log_timestamp: Timestamp,
    },
    /// A snapshot is complete.
    SnapshotFooter,
    /// The kraft.version from here on.
    KraftVersion(i16),
    /// The voters from here on.
    Voters(Voters),
}

/// Why a batch is no batch of these records.
#[derive(Debug, thiserror::Error)]
pub enum InvalidControlBatch {
    /// The batch itself is damaged.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// What is compressed in it is damaged.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// A record in it is damaged.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A record's value is damaged.
    #[error(transparent)]
    Value(#[from] DecodeError),
    /// The voters are no voter set.
    #[error(transparent)]
    Voters(#[from] InvalidVoters),
    /// A record has no value or a key that means nothing in this log.
    #[error("the control record at offset {0} is of an unknown kind")]
    UnknownKind(Offset),
}

impl ControlRecord {
    /// Makes one batch of these records.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn batch(
        records: &[ControlRecord],
        base_offset: Offset,
        epoch: LeaderEpoch,
        time: Timestamp,
    ) -> Bytes {
        let mut builder = BatchBuilder::new(Compression::new(Codec::None))
            .base_offset(base_offset)
            .partition_leader_epoch(epoch)
            .control();
        for record in records {
            let value = record.encode().expect("version 0 carries all that these records say");
            builder.push(time, Some(&record.kind().key()), Some(&value), &[]);
        }
        builder.build()
    }

    /// Reads the records of a control batch.
    ///
    /// # Errors
    /// When it is damaged or holds what does not belong into a metadata log.
    pub fn read_batch(
        batch: &BatchView<'_>,
    ) -> Result<Vec<(Offset, ControlRecord)>, InvalidControlBatch> {
        let payload = batch.payload(DECOMPRESSED_BYTES_MAX)?;
        let mut records = Vec::new();
        for record in payload.records() {
            let record = record?;
            let unknown = InvalidControlBatch::UnknownKind(record.offset);
            let kind = record.key.and_then(ControlType::of_key);
            let (Some(kind), Some(value)) = (kind, record.value) else { return Err(unknown) };
            match ControlRecord::decode(kind, Bytes::copy_from_slice(value))? {
                Some(decoded) => records.push((record.offset, decoded)),
                None => return Err(unknown),
            }
        }
        Ok(records)
    }

    fn kind(&self) -> ControlType {
        match self {
            ControlRecord::LeaderChange { .. } => ControlType::LeaderChange,
            ControlRecord::SnapshotHeader { .. } => ControlType::SnapshotHeader,
            ControlRecord::SnapshotFooter => ControlType::SnapshotFooter,
            ControlRecord::KraftVersion(_) => ControlType::KRaftVersion,
            ControlRecord::Voters(_) => ControlType::KRaftVoters,
        }
    }

    fn encode(&self) -> Result<Bytes, EncodeError> {
        let version = VALUE_VERSION;
        match self {
            ControlRecord::LeaderChange { leader, voters, granting } => LeaderChangeMessage {
                version,
                leader_id: leader.0,
                voters: voters.iter().map(leader_change_voter).collect(),
                granting_voters: granting.iter().map(leader_change_voter).collect(),
            }
            .to_bytes(version),
            ControlRecord::SnapshotHeader { last_contained_log_timestamp } => {
                let last_contained_log_timestamp = last_contained_log_timestamp.0;
                SnapshotHeaderRecord { version, last_contained_log_timestamp }.to_bytes(version)
            }
            ControlRecord::SnapshotFooter => SnapshotFooterRecord { version }.to_bytes(version),
            ControlRecord::KraftVersion(k_raft_version) => {
                KRaftVersionRecord { version, k_raft_version: *k_raft_version }.to_bytes(version)
            }
            ControlRecord::Voters(voters) => {
                VotersRecord { version, voters: voters.iter().map(voter_record).collect() }
                    .to_bytes(version)
            }
        }
    }

    fn decode(
        kind: ControlType,
        value: Bytes,
    ) -> Result<Option<ControlRecord>, InvalidControlBatch> {
        let version = control_version(&value).unwrap_or(VALUE_VERSION);
        Ok(Some(match kind {
            ControlType::Abort | ControlType::Commit => return Ok(None),
            ControlType::LeaderChange => {
                let message = LeaderChangeMessage::from_bytes(value, version)?;
                ControlRecord::LeaderChange {
                    leader: BrokerId(message.leader_id),
                    voters: voter_ids(&message.voters),
                    granting: voter_ids(&message.granting_voters),
                }
            }
            ControlType::SnapshotHeader => {
                let record = SnapshotHeaderRecord::from_bytes(value, version)?;
                let last_contained_log_timestamp = Timestamp(record.last_contained_log_timestamp);
                ControlRecord::SnapshotHeader { last_contained_log_timestamp }
            }
            ControlType::SnapshotFooter => {
                SnapshotFooterRecord::from_bytes(value, version)?;
                ControlRecord::SnapshotFooter
            }
            ControlType::KRaftVersion => {
                let record = KRaftVersionRecord::from_bytes(value, version)?;
                ControlRecord::KraftVersion(record.k_raft_version)
            }
            ControlType::KRaftVoters => {
                let record = VotersRecord::from_bytes(value, version)?;
                ControlRecord::Voters(Voters::new(record.voters.into_iter().map(voter))?)
            }
        }))
    }
}

/// The snapshot that a new cluster's first voter starts from: what Kafka's storage tool leaves as
/// `00000000000000000000-0000000000.checkpoint` when it formats a folder for a standalone quorum.
#[must_use]
pub fn bootstrap_snapshot(voters: &Voters, time: Timestamp) -> Bytes {
    let epoch = LeaderEpoch(0);
    let head = [
        ControlRecord::SnapshotHeader { last_contained_log_timestamp: time },
        ControlRecord::KraftVersion(KRAFT_VERSION),
        ControlRecord::Voters(voters.clone()),
    ];
    let head = ControlRecord::batch(&head, Offset(0), epoch, time);
    let foot = ControlRecord::batch(&[ControlRecord::SnapshotFooter], Offset(3), epoch, time);
    [head, foot].concat().into()
}

fn leader_change_voter(id: &BrokerId) -> LeaderChangeVoter {
    LeaderChangeVoter { voter_id: id.0, ..LeaderChangeVoter::default() }
}

fn voter_ids(voters: &[LeaderChangeVoter]) -> BTreeSet<BrokerId> {
    voters.iter().map(|voter| BrokerId(voter.voter_id)).collect()
}

fn voter_record(voter: &Voter) -> VotersRecordVoter {
    VotersRecordVoter {
        voter_id: voter.key.id.0,
        voter_directory_id: voter.key.directory.0,
        endpoints: voter.endpoints.iter().map(endpoint_record).collect(),
        k_raft_version_feature: KRaftVersionFeature {
            min_supported_version: voter.kraft_version_min,
            max_supported_version: voter.kraft_version_max,
        },
    }
}

fn endpoint_record(endpoint: &Endpoint) -> VotersRecordEndpoint {
    VotersRecordEndpoint {
        name: endpoint.name.as_str().into(),
        host: endpoint.host.as_str().into(),
        port: endpoint.port,
    }
}

fn voter(record: VotersRecordVoter) -> Voter {
    let directory = DirectoryId(record.voter_directory_id);
    let versions = record.k_raft_version_feature;
    Voter {
        key: ReplicaKey { id: BrokerId(record.voter_id), directory },
        endpoints: record.endpoints.into_iter().map(endpoint).collect(),
        kraft_version_min: versions.min_supported_version,
        kraft_version_max: versions.max_supported_version,
    }
}

fn endpoint(record: VotersRecordEndpoint) -> Endpoint {
    Endpoint { name: record.name.to_string(), host: record.host.to_string(), port: record.port }
}

#[cfg(test)]
mod tests {
    use protocol::records::batches;

    use super::*;

    /// What `StorageTool format --standalone` of Kafka 4.3.1 left, and the first batch that its
    /// broker then wrote.
    const CHECKPOINT: &[u8] = include_bytes!("../tests/kafka-4.3.1/bootstrap.checkpoint");
    const FIRST_BATCH: &[u8] = include_bytes!("../tests/kafka-4.3.1/first-batch.log");

    #[test]
    fn the_bootstrap_snapshot_is_the_one_that_kafka_writes() {
        let [head, foot] = read(CHECKPOINT).try_into().unwrap();
        let header = ControlRecord::SnapshotHeader {
            last_contained_log_timestamp: Timestamp(1_795_232_965_690),
        };
        let voters = ControlRecord::Voters(by_kafka());
        assert_eq!(head, [header, ControlRecord::KraftVersion(1), voters]);
        assert_eq!(foot, [ControlRecord::SnapshotFooter]);
        let ours = bootstrap_snapshot(&by_kafka(), Timestamp(1_795_232_965_690));
        assert_eq!(ours.len(), CHECKPOINT.len());
        assert_eq!(read(&ours), [head, foot]);
    }

    #[test]
    fn the_first_batch_of_a_reign_is_byte_for_byte_what_kafka_writes() {
        let [records] = read(FIRST_BATCH).try_into().unwrap();
        let one = BTreeSet::from([BrokerId(1)]);
        let change =
            ControlRecord::LeaderChange { leader: BrokerId(1), voters: one.clone(), granting: one };
        let voters = ControlRecord::Voters(by_kafka());
        assert_eq!(records, [change, ControlRecord::KraftVersion(1), voters]);
        let time = Timestamp(1_795_232_967_415);
        let ours = ControlRecord::batch(&records, Offset(0), LeaderEpoch(1), time);
        assert_eq!(&ours[..], FIRST_BATCH);
    }

    #[test]
    fn a_transaction_marker_does_not_belong_into_the_metadata_log() {
        let mut builder = BatchBuilder::new(Compression::new(Codec::None)).control();
        let key = ControlType::Commit.key();
        builder.push(Timestamp(1), Some(&key), Some(&[0, 0, 0, 0, 0, 0]), &[]);
        let bytes = builder.build();
        let batch = BatchView::parse(&bytes).unwrap();
        let error = ControlRecord::read_batch(&batch).unwrap_err();
        assert!(matches!(error, InvalidControlBatch::UnknownKind(Offset(0))));
    }

    #[test]
    fn a_value_cut_anywhere_is_an_error() {
        let whole = ControlRecord::Voters(by_kafka()).encode().unwrap();
        for size in 0..whole.len() {
            let cut = whole.slice(..size);
            assert!(ControlRecord::decode(ControlType::KRaftVoters, cut).is_err(), "{size}");
        }
    }

    fn by_kafka() -> Voters {
        let directory = DirectoryId("xaDK4WEaShqL7V7FErGXkw".parse().unwrap());
        let endpoint =
            Endpoint { name: "CONTROLLER".into(), host: "127.0.0.1".into(), port: 39_093 };
        Voters::new([Voter {
            key: ReplicaKey { id: BrokerId(1), directory },
            endpoints: vec![endpoint],
            kraft_version_min: 0,
            kraft_version_max: 1,
        }])
        .unwrap()
    }

    fn read(bytes: &[u8]) -> Vec<Vec<ControlRecord>> {
        batches(bytes)
            .map(|batch| {
                let batch = batch.unwrap();
                assert!(batch.crc_is_valid() && batch.is_control());
                let records = ControlRecord::read_batch(&batch).unwrap();
                records.into_iter().map(|(_, record)| record).collect()
            })
            .collect()
    }
}
