//! The small files of a data folder and of the metadata quorum: nonsense is told apart or counts as
//! nothing, and what was read and written again reads the same.

use std::{collections::BTreeMap, path::Path};

use consensus::Election;
use storage::{DataFolder, MetaProperties, PartitionOffsets};
use types::{
    BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionIndex, TopicId, TopicName, TopicPartition,
    Uuid,
};

use crate::files;

const META_PROPERTIES: u8 = 0;
const RECOVERY_POINTS: u8 = 1;
const HIGH_WATERMARKS: u8 = 2;
const START_OFFSETS: u8 = 3;
const CLEAN_SHUTDOWN: u8 = 4;
const PARTITION_METADATA: u8 = 5;
const QUORUM_STATE: u8 = 6;
const CLEANED_OFFSETS: u8 = 7;

const NAMES: [&str; 8] = [
    "meta.properties",
    "recovery-point-offset-checkpoint",
    "replication-offset-checkpoint",
    "log-start-offset-checkpoint",
    ".kafka_cleanshutdown",
    "chat-0/partition.metadata",
    "quorum-state",
    "cleaner-offset-checkpoint",
];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let properties = "#\nversion=1\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAw\ncluster.id=c\n";
    let offsets = b"0\n2\nchat 0 12\na.b-c 1 9223372036854775807\n";
    let metadata = b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ";
    let election =
        Election { epoch: LeaderEpoch(3), leader: Some(BrokerId(1)), voted: None }.encode();
    let all: [(u8, &[u8]); 8] = [
        (META_PROPERTIES, properties.as_bytes()),
        (RECOVERY_POINTS, offsets),
        (HIGH_WATERMARKS, offsets),
        (START_OFFSETS, offsets),
        (CLEAN_SHUTDOWN, b"{\"version\":0,\"brokerEpoch\":\"42\"}"),
        (PARTITION_METADATA, metadata),
        (QUORUM_STATE, &election),
        (CLEANED_OFFSETS, offsets),
    ];
    let mut seeds: Vec<_> = all.iter().map(|file| files::encode(&[*file])).collect();
    seeds.push(files::encode(&all));
    seeds
}

pub(crate) fn check(data: &[u8]) {
    let disk = files::disk(Path::new("data/chat-0"));
    for (name, content) in files::parse(data) {
        if name == QUORUM_STATE {
            check_election(content);
        }
        let name = NAMES[usize::from(name) % NAMES.len()];
        files::write(&disk, &Path::new("data").join(name), content);
    }
    let folder = DataFolder::open(files::shared(&disk), Path::new("data")).expect("it is ours");
    check_meta_properties(&folder);
    check_checkpoints(&folder);
    check_clean_shutdown(&folder);
    check_partition(&folder);
}

fn check_election(content: &[u8]) {
    let Ok(election) = Election::decode(content) else { return };
    let again = Election::decode(&election.encode()).expect("what was written can be read");
    assert_eq!(again, election);
}

fn check_meta_properties(folder: &DataFolder) {
    let Ok(Some(properties)) = folder.meta_properties() else { return };
    folder.write_meta_properties(&properties).expect("the disk has room");
    let again: MetaProperties =
        folder.meta_properties().expect("it was just written").expect("it is there");
    assert_eq!(again, properties);
}

fn check_checkpoints(folder: &DataFolder) {
    let points = folder.recovery_points().expect("nonsense counts as nothing");
    let marks = folder.high_watermarks().expect("nonsense counts as nothing");
    let starts = folder.start_offsets().expect("nonsense counts as nothing");
    let cleaned = folder.cleaned_offsets().expect("nonsense counts as nothing");
    folder.write_recovery_points(&points).expect("the disk has room");
    folder.write_high_watermarks(&marks).expect("the disk has room");
    folder.write_start_offsets(&starts).expect("the disk has room");
    folder.write_cleaned_offsets(&cleaned).expect("the disk has room");
    let read = |read: Result<PartitionOffsets, _>| read.expect("it was just written");
    assert_eq!(read(folder.recovery_points()), points);
    assert_eq!(read(folder.high_watermarks()), marks);
    assert_eq!(read(folder.start_offsets()), starts);
    assert_eq!(read(folder.cleaned_offsets()), cleaned);
    for (partition, offset) in points.iter().chain(&marks).chain(&starts).chain(&cleaned) {
        assert!(partition.partition >= PartitionIndex(0), "{partition} cannot be");
        assert!(*offset >= Offset(0), "{partition} at {offset} cannot be");
    }
}

fn check_clean_shutdown(folder: &DataFolder) {
    let _ = folder.take_clean_shutdown().expect("any content will do");
    assert_eq!(folder.take_clean_shutdown().expect("it is gone"), None);
    folder.write_clean_shutdown(BrokerEpoch(7)).expect("the disk has room");
    let note = folder.take_clean_shutdown().expect("it was just written").expect("it is there");
    assert_eq!(note.broker_epoch, Some(BrokerEpoch(7)));
}

fn check_partition(folder: &DataFolder) {
    let found = folder.partitions().expect("the folder can be listed");
    let by_name: BTreeMap<_, _> = found.iter().map(|it| (it.partition.to_string(), it)).collect();
    let Some(id) = by_name["chat-0"].topic_id else { return };
    assert_ne!(id, TopicId(Uuid::ZERO));
    let topic = TopicName::parse("chat").expect("a legal name");
    let partition = TopicPartition { topic, partition: PartitionIndex(0) };
    folder.create_partition(&partition, id).expect("the disk has room");
    assert_eq!(folder.partitions().expect("it can be listed")[0].topic_id, Some(id));
}
