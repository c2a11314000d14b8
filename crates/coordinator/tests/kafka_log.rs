//! A `__consumer_offsets` that Kafka wrote: a shard makes of it what Kafka's clients were told. And
//! one that we wrote, which Kafka's tool reads.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::{Buf, Bytes};
use coordinator::{
    Config, GroupError, GroupId, Shard,
    answer::DescribedMember,
    partition_of,
    records::{
        GroupMetadataKey, GroupMetadataValue, GroupRecord, MemberMetadata, OffsetCommitKey,
        OffsetCommitValue,
    },
    request::{GroupPartition, WantedOffset},
};
use protocol::{
    Message,
    consumer_protocol::ConsumerProtocolAssignment,
    records::{BatchBuilder, Compression, batches},
};
use types::{PartitionIndex, Timestamp, Uuid};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/java/Groups.java");

/// How many partitions Kafka gives the topic by default.
const PARTITIONS: i32 = 50;

#[test]
fn a_log_of_kafkas_becomes_what_kafka_says() {
    let kafka = tempfile::tempdir().unwrap();
    let said = fill(kafka.path());
    let shards = load(&kafka.path().join("data"));

    let mut told = BTreeSet::new();
    for (index, shard) in &shards {
        for group in shard.list() {
            assert_eq!(partition_of(&group.group, PARTITIONS).0, *index, "{}", group.group);
            told.extend(tell(shard, &group.group));
        }
    }
    // What Kafka's clients cannot ask of a group that they are told is of the broker's own kind.
    told.remove("group modern Empty -");
    assert_eq!(told, said);

    let id = GroupId("transactional".into());
    let shard = &shards[&partition_of(&id, PARTITIONS).0];
    let stable = |partition| {
        let partition =
            GroupPartition { topic: "orders".into(), partition: PartitionIndex(partition) };
        let wanted = WantedOffset { partition, topic_id: None };
        let fetched = shard.fetch_offsets(&id, &[wanted], true);
        fetched[0]
            .committed
            .as_ref()
            .map(|it| it.as_ref().map(|it| it.offset.0))
            .map_err(Clone::clone)
    };
    assert_eq!(stable(0), Ok(Some(7)));
    assert_eq!(stable(1), Ok(None));
    assert_eq!(stable(2), Err(GroupError::UnstableOffset));
}

/// Lets a real broker fill the topic, and ends it as a power cut would.
fn fill(folder: &Path) -> BTreeSet<String> {
    let broker = kafka_jars::Broker::start(folder);
    let output = kafka_jars::tool(PROGRAM, [&broker.address.to_string()]);
    let text = kafka_jars::text(&output);
    assert!(output.status.success(), "{text}");
    let ours = ["offset ", "group ", "member "];
    let lines = text.lines().filter(|line| ours.iter().any(|start| line.starts_with(start)));
    let said: BTreeSet<_> = lines.map(str::to_owned).collect();
    assert!(said.len() > 12, "{text}");
    said
}

fn load(data: &Path) -> BTreeMap<i32, Shard> {
    let mut shards = BTreeMap::new();
    for folder in files(data) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let Some(index) = name.strip_prefix("__consumer_offsets-") else { continue };
        let mut shard = Shard::new(Arc::new(config()));
        let is_log = |path: &PathBuf| path.extension() == Some(OsStr::new("log"));
        for segment in files(&folder).into_iter().filter(is_log) {
            let bytes = fs::read(segment).unwrap();
            for batch in batches(&bytes) {
                let replayed = shard.replay(&batch.unwrap());
                assert_eq!(replayed.damaged, 0, "{:?}", replayed.fault);
            }
        }
        shards.insert(index.parse().unwrap(), shard);
    }
    shards
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A group in the words of the program.
fn tell(shard: &Shard, group: &GroupId) -> Vec<String> {
    let described = shard.describe(group).unwrap();
    let mut lines =
        vec![format!("group {group} {} {}", described.state, dash(&described.protocol))];
    for member in &described.members {
        lines.push(format!(
            "member {group} {} {} {} {} {}",
            member.member,
            member.instance.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            member.client_id,
            member.client_host,
            assigned(member),
        ));
    }
    for fetched in shard.fetch_all_offsets(group, false) {
        let GroupPartition { topic, partition } = &fetched.partition;
        let offset = fetched.committed.unwrap().unwrap();
        let metadata = dash(&offset.metadata);
        lines.push(format!("offset {group} {topic} {partition} {} {metadata}", offset.offset));
    }
    lines
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn assigned(member: &DescribedMember) -> String {
    let mut bytes = member.assignment.clone();
    let version = bytes.get_i16().min(3);
    let assignment = ConsumerProtocolAssignment::from_bytes(bytes, version).unwrap();
    let mut places = Vec::new();
    for topic in assignment.assigned_partitions {
        places.extend(topic.partitions.iter().map(|index| format!("{}:{index}", topic.topic)));
    }
    places.sort();
    places.join(",")
}

#[test]
fn kafkas_tool_reads_what_we_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("00000000000000000000.log");
    let mut batch = BatchBuilder::new(Compression::NONE);
    for record in written() {
        let record = record.encode().unwrap();
        batch.push(Timestamp(1), Some(&record.key), record.value.as_deref(), &[]);
    }
    fs::write(&file, batch.build()).unwrap();
    let arguments = [OsStr::new("--offsets-decoder"), "--files".as_ref(), file.as_os_str()];
    let output = kafka_jars::tool("org.apache.kafka.tools.DumpLogSegments", arguments);
    let said = kafka_jars::text(&output);
    assert!(output.status.success(), "{said}");
    for bad in ["isvalid: false", "invalid bytes", "Exception", "could not", "decoding"] {
        assert!(!said.contains(bad), "{said}");
    }
    let records = said.lines().filter_map(|line| Some(line.split_once(" key: ")?.1));
    let payloads: Vec<_> = records.collect();
    assert_eq!(payloads, EXPECTED, "{said}");
}

fn written() -> Vec<GroupRecord> {
    let key =
        |partition| OffsetCommitKey { group: "readers".into(), topic: "chat".into(), partition };
    let named = || GroupMetadataKey { group: "readers".into() };
    let offset = OffsetCommitValue {
        offset: 7,
        leader_epoch: 3,
        metadata: "mine".into(),
        commit_timestamp: 1_000,
        topic_id: Uuid::from_u128(1),
        ..Default::default()
    };
    let expiring = OffsetCommitValue { expire_timestamp: 2_000, ..offset.clone() };
    let member = MemberMetadata {
        member_id: "one".into(),
        group_instance_id: Some("first".into()),
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        rebalance_timeout: 60_000,
        session_timeout: 10_000,
        subscription: Bytes::from_static(&[0, 0, 0, 0, 0, 1, 0, 4, 99, 104, 97, 116, 0, 0, 0, 0]),
        assignment: Bytes::new(),
    };
    let group = GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: 3,
        protocol: Some("range".into()),
        leader: Some("one".into()),
        current_state_timestamp: 1_000,
        members: vec![member],
    };
    vec![
        GroupRecord::Offset(key(0), Some(offset)),
        GroupRecord::Offset(key(1), Some(expiring)),
        GroupRecord::Offset(key(1), None),
        GroupRecord::Group(named(), Some(group)),
        GroupRecord::Group(named(), None),
    ]
}

const EXPECTED: [&str; 5] = [
    r#"{"type":"1","data":{"group":"readers","topic":"chat","partition":0}} payload: {"version":"4","data":{"offset":7,"leaderEpoch":3,"metadata":"mine","commitTimestamp":1000,"topicId":"AAAAAAAAAAAAAAAAAAAAAQ"}}"#,
    r#"{"type":"1","data":{"group":"readers","topic":"chat","partition":1}} payload: {"version":"1","data":{"offset":7,"metadata":"mine","commitTimestamp":1000,"expireTimestamp":2000}}"#,
    r#"{"type":"1","data":{"group":"readers","topic":"chat","partition":1}} payload: <DELETE>"#,
    r#"{"type":"2","data":{"group":"readers"}} payload: {"version":"3","data":{"protocolType":"consumer","generation":3,"protocol":"range","leader":"one","currentStateTimestamp":1000,"members":[{"memberId":"one","groupInstanceId":"first","clientId":"client","clientHost":"/127.0.0.1","rebalanceTimeout":60000,"sessionTimeout":10000,"subscription":{"topics":["chat"],"userData":""},"assignment":""}]}}"#,
    r#"{"type":"2","data":{"group":"readers"}} payload: <DELETE>"#,
];

fn config() -> Config {
    Config {
        initial_rebalance_delay: Duration::from_secs(3),
        session_timeout_min: Duration::from_secs(6),
        session_timeout_max: Duration::from_secs(1_800),
        members_max: 100,
        offset_metadata_bytes_max: 4_096,
        offsets_retention: Duration::from_secs(3_600),
        offsets_check_interval: Duration::from_secs(600),
    }
}
