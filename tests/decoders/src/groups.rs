//! The records of `__consumer_offsets` and the shard that they make: what was read and written again
//! reads the same, and a shard of whatever log goes on working.

use std::{sync::Arc, time::Duration};

use coordinator::{
    Config, Effect, Shard,
    records::{
        GroupMetadataKey, GroupMetadataValue, GroupRecord, MemberMetadata, OffsetCommitKey,
        OffsetCommitValue,
    },
};
use protocol::records::{
    BatchBuilder, Compression, batches,
    control::{ControlRecord, EndTxnMarker},
};
use types::{Instant, Now, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::{files, kafka_batches};

/// What the first byte of an input says that the rest is.
const RECORDS: u8 = 0;
const LOG: u8 = 1;

/// How often the shard's timers are let run.
const TICKS: usize = 20;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let records = example();
    let mut seeds: Vec<_> = records.iter().map(as_input).collect();
    seeds.extend((0..30).map(|kind| {
        let key = [&[0, kind][..], &[0; 20]].concat();
        [&[RECORDS], &files::encode(&[(0, &key), (0, &[0; 60])])[..]].concat()
    }));
    let plain = filled(BatchBuilder::new(Compression::NONE), &records);
    let undecided = filled(transactional(), &records);
    for marker in [ControlRecord::Commit, ControlRecord::Abort] {
        let mut end = transactional().control();
        end.push_control(Timestamp(1), &marker(EndTxnMarker::default()));
        let log = [&plain[..], &undecided[..], &end.build()[..], &plain[..]].concat();
        seeds.push([&[LOG], &log[..]].concat());
    }
    seeds
}

fn example() -> Vec<GroupRecord> {
    let key =
        |partition| OffsetCommitKey { group: "readers".into(), topic: "chat".into(), partition };
    let offset = OffsetCommitValue {
        offset: 7,
        metadata: "mine".into(),
        commit_timestamp: 1_000,
        ..Default::default()
    };
    let expiring = OffsetCommitValue { expire_timestamp: 2_000, ..offset.clone() };
    let member = MemberMetadata {
        member_id: "one".into(),
        group_instance_id: Some("first".into()),
        session_timeout: 10_000,
        subscription: vec![0, 0, 0, 0, 0, 1, 0, 4, b'c', b'h', b'a', b't', 255, 255, 255, 255]
            .into(),
        ..Default::default()
    };
    let group = GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: 3,
        protocol: Some("range".into()),
        leader: Some("one".into()),
        current_state_timestamp: 1_000,
        members: vec![member],
    };
    let empty = GroupMetadataValue { members: Vec::new(), ..group.clone() };
    let named = |group: &str| GroupMetadataKey { group: group.into() };
    vec![
        GroupRecord::Offset(key(0), Some(offset)),
        GroupRecord::Offset(key(1), Some(expiring)),
        GroupRecord::Offset(key(1), None),
        GroupRecord::Group(named("readers"), Some(group)),
        GroupRecord::Group(named("writers"), Some(empty)),
        GroupRecord::Group(named("writers"), None),
    ]
}

fn as_input(record: &GroupRecord) -> Vec<u8> {
    let record = record.encode().expect("texts are short");
    let value = record.value.unwrap_or_default();
    [&[RECORDS], &files::encode(&[(0, &record.key), (0, &value)])[..]].concat()
}

fn transactional() -> BatchBuilder {
    let batch = BatchBuilder::new(Compression::NONE).transactional();
    batch.producer(ProducerId(7), ProducerEpoch(0), Sequence(0))
}

fn filled(mut batch: BatchBuilder, records: &[GroupRecord]) -> Vec<u8> {
    for record in records {
        let record = record.encode().expect("texts are short");
        batch.push(Timestamp(1), Some(&record.key), record.value.as_deref(), &[]);
    }
    batch.build().to_vec()
}

pub(crate) fn check(data: &[u8]) {
    match data {
        [RECORDS, rest @ ..] => check_records(rest),
        [LOG, rest @ ..] => check_log(&kafka_batches::with_checksums(rest)),
        _ => {}
    }
}

fn check_records(data: &[u8]) {
    for pair in files::parse(data).chunks(2) {
        let value = pair.get(1).map(|(_, value)| *value).filter(|value| !value.is_empty());
        let Ok(Some(record)) = GroupRecord::decode(Some(pair[0].1), value) else { continue };
        let Ok(written) = record.encode() else { continue };
        let again = GroupRecord::decode(Some(&written.key), written.value.as_deref());
        let again = again.expect("it was just written").expect("its type is known");
        assert_eq!(again.encode(), Ok(written), "written and read again it is another");
    }
}

fn check_log(log: &[u8]) {
    let mut shard = Shard::new(Arc::new(config()));
    for batch in batches(log).map_while(Result::ok) {
        let replayed = shard.replay(&batch);
        assert_eq!(replayed.damaged > 0, replayed.fault.is_some(), "what is lost has a reason");
    }
    let mut now = Now { instant: Instant(1), wall: Timestamp(1_700_000_000_000) };
    let mut effects = Vec::new();
    shard.start(now, &mut effects);
    for _ in 0..TICKS {
        write(&mut shard, now, &mut effects);
        check_reads(&shard);
        let Some(deadline) = shard.deadline() else { break };
        now.instant = deadline.max(now.instant);
        shard.tick(now, &mut effects);
    }
    effects.clear();
    shard.unload(&mut effects);
    assert!(effects.iter().all(|it| matches!(it, Effect::Answer { .. })), "{effects:?}");
}

/// Has everything written that the shard asks for, and all that comes of it.
fn write(shard: &mut Shard, now: Now, effects: &mut Vec<Effect>) {
    while !effects.is_empty() {
        for effect in std::mem::take(effects) {
            if let Effect::Write { write, .. } = effect {
                shard.written(now, write, Ok(()), effects);
            }
        }
    }
}

fn check_reads(shard: &Shard) {
    let groups = shard.list();
    let mut offsets = 0;
    for group in &groups {
        shard.describe(&group.group).expect("a group that is listed is described");
        offsets += shard.fetch_all_offsets(&group.group, true).len();
    }
    assert_eq!(offsets, shard.committed_count(), "every offset belongs to a group that is listed");
    assert_eq!(shard.committed().count(), offsets);
}

fn config() -> Config {
    Config {
        initial_rebalance_delay: Duration::from_secs(3),
        session_timeout_min: Duration::from_secs(6),
        session_timeout_max: Duration::from_secs(1_800),
        members_max: 2,
        offset_metadata_bytes_max: 4_096,
        offsets_retention: Duration::from_secs(3_600),
        offsets_check_interval: Duration::from_secs(600),
    }
}
