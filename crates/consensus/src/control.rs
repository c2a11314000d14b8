//! The control records of the metadata log and of its snapshots, and the batches that carry them.

use std::collections::BTreeSet;

use bytes::Bytes;
use protocol::records::{
    BatchBuilder, BatchView, Codec, Compression, DecompressError, RecordError,
    control::{
        ControlRecord as Written, ControlRecordError, KRaftVersionRecord, LeaderChangeMessage,
        SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord, leader_change, voters,
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
    /// What is compressed in it is damaged.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// A record in it is damaged.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A record's key or value is damaged.
    #[error(transparent)]
    Control(#[from] ControlRecordError),
    /// The voters are no voter set.
    #[error(transparent)]
    Voters(#[from] InvalidVoters),
    /// A record's key means nothing in this log.
    #[error("the control record at offset {0} does not belong into a metadata log")]
    Foreign(Offset),
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
            builder.push_control(time, &record.written());
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
            let read = match Written::decode(&record)? {
                Some(written) => ControlRecord::read(written)?,
                None => None,
            };
            records.push((record.offset, read.ok_or(InvalidControlBatch::Foreign(record.offset))?));
        }
        Ok(records)
    }

    /// The record as it is written.
    #[must_use]
    pub fn written(&self) -> Written {
        let version = VALUE_VERSION;
        match self {
            ControlRecord::LeaderChange { leader, voters, granting } => {
                Written::LeaderChange(LeaderChangeMessage {
                    version,
                    leader_id: leader.0,
                    voters: voters.iter().map(leader_change_voter).collect(),
                    granting_voters: granting.iter().map(leader_change_voter).collect(),
                })
            }
            ControlRecord::SnapshotHeader { last_contained_log_timestamp } => {
                let last_contained_log_timestamp = last_contained_log_timestamp.0;
                Written::SnapshotHeader(SnapshotHeaderRecord {
                    version,
                    last_contained_log_timestamp,
                })
            }
            ControlRecord::SnapshotFooter => {
                Written::SnapshotFooter(SnapshotFooterRecord { version })
            }
            ControlRecord::KraftVersion(kraft_version) => {
                let kraft_version = *kraft_version;
                Written::KRaftVersion(KRaftVersionRecord { version, kraft_version })
            }
            ControlRecord::Voters(voters) => {
                let voters = voters.iter().map(voter_record).collect();
                Written::Voters(VotersRecord { version, voters })
            }
        }
    }

    /// Understands a written record; none when it does not belong into a metadata log.
    ///
    /// # Errors
    /// When the voters are no voter set.
    pub fn read(written: Written) -> Result<Option<ControlRecord>, InvalidVoters> {
        Ok(Some(match written {
            Written::Abort(_) | Written::Commit(_) => return Ok(None),
            Written::LeaderChange(message) => ControlRecord::LeaderChange {
                leader: BrokerId(message.leader_id),
                voters: voter_ids(&message.voters),
                granting: voter_ids(&message.granting_voters),
            },
            Written::SnapshotHeader(header) => ControlRecord::SnapshotHeader {
                last_contained_log_timestamp: Timestamp(header.last_contained_log_timestamp),
            },
            Written::SnapshotFooter(_) => ControlRecord::SnapshotFooter,
            Written::KRaftVersion(record) => ControlRecord::KraftVersion(record.kraft_version),
            Written::Voters(record) => {
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

fn leader_change_voter(id: &BrokerId) -> leader_change::Voter {
    leader_change::Voter { voter_id: id.0, ..leader_change::Voter::default() }
}

fn voter_ids(voters: &[leader_change::Voter]) -> BTreeSet<BrokerId> {
    voters.iter().map(|voter| BrokerId(voter.voter_id)).collect()
}

fn voter_record(voter: &Voter) -> voters::Voter {
    voters::Voter {
        voter_id: voter.key.id.0,
        voter_directory_id: voter.key.directory.0,
        endpoints: voter.endpoints.iter().map(endpoint_record).collect(),
        kraft_version_feature: voters::KRaftVersionFeature {
            min_supported_version: voter.kraft_version_min,
            max_supported_version: voter.kraft_version_max,
        },
    }
}

fn endpoint_record(endpoint: &Endpoint) -> voters::Endpoint {
    voters::Endpoint {
        name: endpoint.name.as_str().into(),
        host: endpoint.host.as_str().into(),
        port: endpoint.port,
    }
}

fn voter(record: voters::Voter) -> Voter {
    let directory = DirectoryId(record.voter_directory_id);
    let versions = record.kraft_version_feature;
    Voter {
        key: ReplicaKey { id: BrokerId(record.voter_id), directory },
        endpoints: record.endpoints.into_iter().map(endpoint).collect(),
        kraft_version_min: versions.min_supported_version,
        kraft_version_max: versions.max_supported_version,
    }
}

fn endpoint(record: voters::Endpoint) -> Endpoint {
    Endpoint { name: record.name.to_string(), host: record.host.to_string(), port: record.port }
}

#[cfg(test)]
mod tests {
    use protocol::records::{batches, control::EndTxnMarker};

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
        let marker = EndTxnMarker::default();
        builder.push_control(Timestamp(1), &Written::Commit(marker));
        let bytes = builder.build();
        let batch = BatchView::parse(&bytes).unwrap();
        let error = ControlRecord::read_batch(&batch).unwrap_err();
        assert!(matches!(error, InvalidControlBatch::Foreign(Offset(0))));
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
