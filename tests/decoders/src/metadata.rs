//! Metadata records, the image they make and snapshots of it: what was read and written again reads
//! the same, and an image is what its own records make.

use bytes::Bytes;
use metadata::{
    Image,
    batch::{BatchPlace, write_batch},
    records::{
        ConfigRecord, FeatureLevelRecord, MetadataRecord, NoOpRecord, PartitionRecord,
        ProducerIdsRecord, RegisterBrokerRecord, RegisterControllerRecord, TopicRecord,
    },
    snapshot::{SnapshotHeader, read_snapshot, write_snapshot},
};
use types::{LeaderEpoch, Offset, Timestamp, Uuid};

use crate::{files, kafka_batches};

/// What the first byte of an input says that the rest is.
const RECORDS: u8 = 0;
const SNAPSHOT: u8 = 1;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let records = example();
    let encoded: Vec<_> = records.iter().map(|it| it.encode().expect("texts are short")).collect();
    let mut seeds: Vec<_> = encoded.iter().map(|record| as_input(&[&record[..]])).collect();
    seeds.extend(every_type().iter().map(|record| as_input(&[&record[..]])));
    seeds.push(as_input(&encoded.iter().map(|record| &record[..]).collect::<Vec<_>>()));
    let (image, _) = Image::default().apply(&records).expect("the records fit");
    seeds.push([&[SNAPSHOT], &snapshot_of(&image)[..]].concat());
    let place =
        BatchPlace { base_offset: Offset(0), epoch: LeaderEpoch(1), timestamp: Timestamp(1) };
    let batch = write_batch(place, &records).expect("texts are short");
    seeds.push([&[SNAPSHOT], &batch[..]].concat());
    seeds
}

fn as_input(records: &[&[u8]]) -> Vec<u8> {
    let records: Vec<_> = records.iter().map(|record| (0, *record)).collect();
    [&[RECORDS], &files::encode(&records)[..]].concat()
}

/// A frame of every record type that there may be, all of its fields zero.
fn every_type() -> Vec<Vec<u8>> {
    (0..30).map(|kind| [&[1, kind, 0][..], &[0; 60]].concat()).collect()
}

/// What a small cluster's log holds.
fn example() -> Vec<MetadataRecord> {
    let topic = Uuid::from_u128(7);
    let broker = RegisterBrokerRecord {
        broker_id: 1,
        broker_epoch: 5,
        incarnation_id: Uuid::from_u128(1),
        log_dirs: vec![Uuid::from_u128(2)],
        ..Default::default()
    };
    let partition = PartitionRecord {
        topic_id: topic,
        partition_id: 0,
        replicas: vec![1],
        isr: vec![1],
        leader: 1,
        directories: vec![Uuid::from_u128(2)],
        ..Default::default()
    };
    let config = ConfigRecord {
        resource_type: 2,
        resource_name: "chat".into(),
        name: "retention.ms".into(),
        value: Some("1000".into()),
    };
    vec![
        FeatureLevelRecord { name: "kraft.version".into(), feature_level: 1 }.into(),
        broker.into(),
        RegisterControllerRecord { controller_id: 1, ..Default::default() }.into(),
        TopicRecord { name: "chat".into(), topic_id: topic }.into(),
        partition.into(),
        config.into(),
        ProducerIdsRecord { broker_id: 1, broker_epoch: 5, next_producer_id: 1000 }.into(),
        NoOpRecord::default().into(),
    ]
}

pub(crate) fn check(data: &[u8]) {
    match data {
        [RECORDS, rest @ ..] => check_records(rest),
        [SNAPSHOT, rest @ ..] => check_snapshot(&kafka_batches::with_checksums(rest)),
        _ => {}
    }
}

fn check_records(data: &[u8]) {
    let mut image = Image::default();
    for (_, value) in files::parse(data) {
        let Ok(record) = MetadataRecord::decode(Bytes::copy_from_slice(value)) else { continue };
        let written = record.encode().expect("what was read can be written");
        let again = MetadataRecord::decode(written.clone()).expect("it was just written");
        // Compared as bytes, since numbers that are none are not equal to themselves.
        assert_eq!(again.encode(), Ok(written), "written and read again it is another");
        if let Ok((next, _)) = image.apply([&record]) {
            image = next;
        }
    }
    check_image(&image);
}

fn check_image(image: &Image) {
    let (again, _) = Image::default().apply(&image.to_records()).expect("an image's records fit");
    assert_eq!(again, *image, "an image's records make the image");
    let read = read_snapshot(&snapshot_of(image)).expect("it was just written");
    assert_eq!(read.image, *image);
}

fn check_snapshot(bytes: &[u8]) {
    let Ok(snapshot) = read_snapshot(bytes) else { return };
    let written = write_snapshot(&snapshot.image, &snapshot.header, LeaderEpoch(1), Timestamp(1));
    let written = written.expect("what was read can be written").concat();
    assert_eq!(read_snapshot(&written).expect("it was just written"), snapshot);
}

fn snapshot_of(image: &Image) -> Vec<u8> {
    let header = SnapshotHeader { last_contained_timestamp: Timestamp(1), quorum: Vec::new() };
    let batches = write_snapshot(image, &header, LeaderEpoch(1), Timestamp(1));
    batches.expect("what is in an image can be written").concat()
}
