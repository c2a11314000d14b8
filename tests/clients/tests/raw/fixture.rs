//! What is in a broker before the cases are played: one topic with a few records, one group's offset.

use crate::case::Case;
use crate::talk::Talk;
use anyhow::{Context, Result};
use client_tests::wait;
use protocol::Records;
use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::init_producer_id::InitProducerIdRequest;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::records::{BatchBuilder, Codec, Compression};
use std::time::Duration;
use types::{Timestamp, Uuid};

/// What the cases may read but do not change.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    /// The same for both brokers, in milliseconds.
    pub(crate) now: i64,
    /// The id of [`TOPIC`].
    pub(crate) topic_id: Uuid,
    /// Every API and version that the broker says it serves.
    pub(crate) advertised: Vec<(i16, i16)>,
}

/// Two partitions; in partition 0 are three batches of one record, a second apart, the last a second
/// before `now`.
pub(crate) const TOPIC: &str = "raw-shared";
/// Has committed offset 2 of partition 0 of [`TOPIC`], and no members.
pub(crate) const GROUP: &str = "raw-shared-group";

const PATIENCE: Duration = Duration::from_secs(60);

impl Fixture {
    pub(crate) fn set_up(bootstrap: &str, now: i64) -> Result<Fixture> {
        let nothing = Case::story::<ApiVersionsRequest>("set up", |_| Ok(()));
        let fixture = Fixture { now, topic_id: Uuid::ZERO, advertised: Vec::new() };
        let mut talk = Talk::new(bootstrap, &nothing, 0, 0, fixture);
        let topic_id = create(&mut talk, TOPIC, 2)?;
        for age in [3000, 2000, 1000] {
            let batch = batch(now - age, &["value"]);
            talk.prepare(&produce(talk_topic(topic_id, 0, batch)))?;
        }
        wait::until(PATIENCE, "the group has a coordinator", || {
            let coordinator_keys = vec![GROUP.into()];
            let found =
                talk.prepare(&FindCoordinatorRequest { coordinator_keys, ..Default::default() })?;
            Ok((found.coordinators[0].error_code == 0).then_some(()))
        })?;
        wait::until(PATIENCE, "the group's offset is committed", || {
            let answer = talk.prepare(&commit(GROUP, topic_id, 2))?;
            Ok((answer.topics[0].partitions[0].error_code == 0).then_some(()))
        })?;
        wait::until(PATIENCE, "there are ids for producers", || {
            let answer = talk
                .prepare(&InitProducerIdRequest { transactional_id: None, ..Default::default() })?;
            Ok((answer.error_code == 0).then_some(()))
        })?;
        Ok(Fixture { now, topic_id, advertised: advertised(&mut talk)? })
    }
}

/// Produce is advertised from version 0 on for librdkafka's sake, and served from 3 on.
fn advertised(talk: &mut Talk) -> Result<Vec<(i16, i16)>> {
    let (client_software_name, client_software_version) = ("raw".into(), "1".into());
    let request = ApiVersionsRequest { client_software_name, client_software_version };
    let known = talk.prepare(&request)?.api_keys;
    let served = known.iter().flat_map(|api| {
        let first = if api.api_key == 0 { 3 } else { api.min_version };
        (first..=api.max_version).map(|version| (api.api_key, version))
    });
    Ok(served.collect())
}

/// Creates a topic and waits until its leaders answer.
pub(crate) fn create(talk: &mut Talk, name: &str, partitions: i32) -> Result<Uuid> {
    let topic = CreatableTopic {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: 1,
        ..Default::default()
    };
    let created =
        talk.prepare(&CreateTopicsRequest { topics: vec![topic], ..Default::default() })?;
    let created = created.topics.first().context("no topic in the answer")?;
    anyhow::ensure!(created.error_code == 0, "{name}: error {}", created.error_code);
    wait::until(PATIENCE, "the topic's leaders answer", || leads(talk, name, partitions))?;
    Ok(created.topic_id)
}

fn leads(talk: &mut Talk, name: &str, partitions: i32) -> Result<Option<()>> {
    let topic = MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
    let metadata =
        talk.prepare(&MetadataRequest { topics: Some(vec![topic]), ..Default::default() })?;
    let known = metadata.topics.first().is_some_and(|topic| topic.error_code == 0);
    let of = |partition_index| ListOffsetsPartition {
        partition_index,
        timestamp: -1,
        ..Default::default()
    };
    let topic =
        ListOffsetsTopic { name: name.into(), partitions: (0..partitions).map(of).collect() };
    let offsets = talk.prepare(&ListOffsetsRequest {
        replica_id: -1,
        topics: vec![topic],
        ..Default::default()
    })?;
    let all = offsets.topics[0].partitions.iter().all(|partition| partition.error_code == 0);
    Ok((known && all).then_some(()))
}

/// A batch of records without keys, all of one time.
pub(crate) fn batch(timestamp: i64, values: &[&str]) -> Records {
    let mut builder = BatchBuilder::new(Compression::new(Codec::None));
    for value in values {
        builder.push(Timestamp(timestamp), None, Some(value.as_bytes()), &[]);
    }
    builder.build().into()
}

/// One batch for one partition, by the topic's id.
pub(crate) fn talk_topic(topic_id: Uuid, index: i32, records: Records) -> TopicProduceData {
    let partition_data = vec![PartitionProduceData { index, records: Some(records) }];
    TopicProduceData { topic_id, partition_data, ..Default::default() }
}

/// A request that all replicas are to acknowledge.
pub(crate) fn produce(topic: TopicProduceData) -> ProduceRequest {
    ProduceRequest {
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![topic],
        ..ProduceRequest::default()
    }
}

/// A request to produce a batch to partition 0, by the topic's name or id as the version wants.
pub(crate) fn request_for(name: &str, topic_id: Uuid, records: Records) -> ProduceRequest {
    produce(TopicProduceData { name: name.into(), ..talk_topic(topic_id, 0, records) })
}

/// The commit of an offset in partition 0 by nobody in particular.
pub(crate) fn commit(group: &str, topic_id: Uuid, offset: i64) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition {
        committed_offset: offset,
        committed_metadata: Some("kept".into()),
        ..Default::default()
    };
    let topic =
        OffsetCommitRequestTopic { topic_id, partitions: vec![partition], ..Default::default() };
    OffsetCommitRequest {
        group_id: group.into(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    }
}
