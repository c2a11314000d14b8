//! Reading a log that other brokers wrote, or that is damaged.

use std::sync::Arc;

use bytes::Bytes;
use coordinator::{
    Record, Shard,
    answer::State,
    records::{
        GroupMetadataKey, GroupMetadataValue, GroupRecord, LegacyOffsetCommitKey, MemberMetadata,
        OffsetCommitKey, OffsetCommitValue,
    },
};
use protocol::{
    Message,
    records::{BatchBuilder, BatchView, Codec, Compression},
};
use types::Offset;

use crate::driver::*;

fn offset_key(partition: i32) -> OffsetCommitKey {
    OffsetCommitKey { group: "readers".into(), topic: "chat".into(), partition }
}

fn offset(partition: i32, offset: i64) -> Record {
    let value = OffsetCommitValue { offset, ..Default::default() };
    GroupRecord::Offset(offset_key(partition), Some(value)).encode().unwrap()
}

fn raw(kind: i16, key: &[u8], value: Option<(i16, &[u8])>) -> Record {
    let prefixed =
        |number: i16, bytes: &[u8]| Bytes::from([&number.to_be_bytes()[..], bytes].concat());
    Record {
        key: prefixed(kind, key),
        value: value.map(|(version, value)| prefixed(version, value)),
    }
}

#[test]
fn offsets_of_every_version_are_read() {
    let mut shard = Shard::new(Arc::new(config()));
    let value = OffsetCommitValue { offset: 7, metadata: "m".into(), ..Default::default() };
    let mut records = Vec::new();
    for version in 0..=4_i16 {
        let key = offset_key(version.into()).to_bytes(0).unwrap();
        records.push(raw(1, &key, Some((version, &value.to_bytes(version).unwrap()))));
    }
    let legacy =
        LegacyOffsetCommitKey { group: "readers".into(), topic: "chat".into(), partition: 5 };
    let key = legacy.to_bytes(0).unwrap();
    records.push(raw(0, &key, Some((0, &value.to_bytes(0).unwrap()))));
    let bytes = batch(Offset(0), &records);
    let replayed = shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((replayed.records, replayed.damaged), (6, 0));
    let driver = Driver::loaded(shard);
    for partition in 0..=5 {
        assert_eq!(driver.offset("readers", "chat", partition), Some(7));
    }
}

#[test]
fn groups_of_every_version_are_read() {
    for version in 0..=4_i16 {
        let mut shard = Shard::new(Arc::new(config()));
        let member = MemberMetadata {
            member_id: "one".into(),
            client_id: "client".into(),
            client_host: "/127.0.0.1".into(),
            session_timeout: 10_000,
            assignment: Bytes::from_static(b"all"),
            ..Default::default()
        };
        let value = GroupMetadataValue {
            protocol_type: "consumer".into(),
            generation: 4,
            protocol: Some("range".into()),
            leader: Some("one".into()),
            members: vec![member],
            ..Default::default()
        };
        let key = GroupMetadataKey { group: "readers".into() }.to_bytes(0).unwrap();
        let record = raw(2, &key, Some((version, &value.to_bytes(version).unwrap())));
        let bytes = batch(Offset(0), &[record]);
        assert_eq!(shard.replay(&BatchView::parse(&bytes).unwrap()).records, 1);
        let described = shard.describe(&id("readers")).unwrap();
        assert_eq!((described.state, described.members.len()), (State::Stable, 1));
        assert_eq!(&*described.members[0].client_id, "client");
    }
}

#[test]
fn records_of_other_kinds_of_groups_are_passed_over() {
    let mut shard = Shard::new(Arc::new(config()));
    let others = (3..40).map(|kind| raw(kind, b"\0\x01g", Some((0, b"whatever"))));
    let records: Vec<_> = others.chain([offset(0, 1)]).collect();
    let bytes = batch(Offset(0), &records);
    let replayed = shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((replayed.records, replayed.damaged), (records.len(), 0));
    assert_eq!(shard.group_count(), 1);
}

#[test]
fn a_damaged_record_is_counted_and_its_neighbours_are_kept() {
    let mut shard = Shard::new(Arc::new(config()));
    let key = offset_key(9).to_bytes(0).unwrap();
    let records = [
        offset(0, 1),
        raw(1, b"\0\x50short", None),
        raw(1, &key, Some((5, b"of a version to come"))),
        raw(1, &key, Some((3, b"short"))),
        Record { key: Bytes::from_static(b"\x01"), value: None },
        offset(1, 1),
    ];
    let bytes = batch(Offset(40), &records);
    let replayed = shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((replayed.records, replayed.damaged), (2, 4));
    assert_eq!(replayed.fault.unwrap().offset, Offset(41));
    assert_eq!(shard.committed_count(), 2);
}

#[test]
fn a_batch_that_is_not_what_its_checksum_says_is_left_out() {
    let mut shard = Shard::new(Arc::new(config()));
    let mut bytes = batch(Offset(0), &[offset(0, 1), offset(1, 1)]).to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let replayed = shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((replayed.records, replayed.damaged), (0, 2));
    assert_eq!(replayed.fault.unwrap().to_string(), "the record at offset 0 cannot be read");
    assert_eq!(shard.group_count(), 0);
}

#[test]
fn a_damaged_batch_that_says_that_it_is_empty_is_one_loss() {
    const COUNT: std::ops::Range<usize> = 57..61;
    let mut shard = Shard::new(Arc::new(config()));
    let mut bytes = batch(Offset(0), &[offset(0, 1)]).to_vec();
    bytes[COUNT].fill(0);
    let replayed = shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((replayed.records, replayed.damaged), (0, 1));
    assert!(replayed.fault.is_some());
}

#[test]
fn compressed_batches_are_read() {
    for codec in Codec::ALL {
        let mut shard = Shard::new(Arc::new(config()));
        let bytes = fill(BatchBuilder::new(Compression::new(codec)), &[offset(0, 1)]);
        assert_eq!(shard.replay(&BatchView::parse(&bytes).unwrap()).records, 1);
        assert_eq!(shard.committed_count(), 1);
    }
}

#[test]
fn a_group_that_is_gone_keeps_offsets_that_are_not() {
    let mut shard = Shard::new(Arc::new(config()));
    let key = GroupMetadataKey { group: "readers".into() };
    let tombstone = GroupRecord::Group(key, None).encode().unwrap();
    let bytes = batch(Offset(0), &[offset(0, 1), tombstone.clone()]);
    shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((shard.group_count(), shard.committed_count()), (1, 1));
    let gone = GroupRecord::Offset(offset_key(0), None).encode().unwrap();
    let bytes = batch(Offset(2), &[gone, tombstone]);
    shard.replay(&BatchView::parse(&bytes).unwrap());
    assert_eq!((shard.group_count(), shard.committed_count()), (0, 0));
}
