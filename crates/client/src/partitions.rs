//! Batches to and from one partition.

use std::time::Duration;

use bytes::Bytes;
use protocol::{
    Records,
    messages::{
        fetch::{FetchPartition, FetchRequest, FetchTopic},
        list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
        produce::{PartitionProduceData, ProduceRequest, TopicProduceData},
    },
};
use tokio::time::Instant;
use types::{LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicName};

use crate::{Client, PartitionError, client::milliseconds, place::Place};

/// Where a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Produced {
    /// The offset of its first record.
    pub base_offset: Offset,
    /// When the broker appended it, if the topic's records carry that time.
    pub log_append_time: Option<Timestamp>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Batches: the first may begin before the offset asked for, the last may be cut off.
    pub batches: Bytes,
    /// The end of what all replicas in sync have.
    pub high_watermark: Offset,
    /// Where the log begins.
    pub log_start_offset: Offset,
}

/// A moment in the life of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The first record there is.
    Earliest,
    /// The end of the log.
    Latest,
    /// The record with the latest timestamp.
    LatestTimestamp,
    /// The first record with this timestamp or a later one.
    At(Timestamp),
}

/// Where a moment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundOffset {
    /// The offset.
    pub offset: Offset,
    /// The record's timestamp, for moments that are about one.
    pub timestamp: Option<Timestamp>,
    /// The epoch in which the record was written, if the broker says it.
    pub leader_epoch: LeaderEpoch,
}

impl Moment {
    pub(crate) fn number(self) -> i64 {
        match self {
            Moment::Latest => -1,
            Moment::Earliest => -2,
            Moment::LatestTimestamp => -3,
            Moment::At(timestamp) => timestamp.0,
        }
    }
}

impl Client {
    /// Appends one batch and waits until all replicas in sync have it.
    ///
    /// A broker that did not append it, because it does not lead the partition yet or any more, is
    /// asked again; a batch whose fate is not known is not sent twice.
    ///
    /// # Errors
    /// The batch was not appended within the deadline, or nobody knows.
    pub async fn produce(
        &self,
        topic: &TopicName,
        partition: PartitionIndex,
        batch: Bytes,
    ) -> Result<Produced, PartitionError> {
        let place = self.place(topic, partition, self.config().request_deadline);
        place.retry(async || place.produce(batch.clone()).await).await
    }

    /// Reads batches from an offset on, waiting up to `wait_max` for the first to arrive.
    ///
    /// # Errors
    /// Nothing could be read within the deadline.
    pub async fn fetch(
        &self,
        topic: &TopicName,
        partition: PartitionIndex,
        offset: Offset,
        bytes_max: i32,
        wait_max: Duration,
    ) -> Result<Fetched, PartitionError> {
        let place = self.place(topic, partition, self.config().request_deadline + wait_max);
        place.retry(async || place.fetch(offset, bytes_max, wait_max).await).await
    }

    /// The offset of a moment, `None` when no record is that late.
    ///
    /// # Errors
    /// Nobody could tell within the deadline.
    pub async fn list_offset(
        &self,
        topic: &TopicName,
        partition: PartitionIndex,
        moment: Moment,
    ) -> Result<Option<FoundOffset>, PartitionError> {
        let place = self.place(topic, partition, self.config().request_deadline);
        place.retry(async || place.list_offset(moment).await).await
    }

    fn place<'a>(
        &'a self,
        topic: &'a TopicName,
        partition: PartitionIndex,
        deadline: Duration,
    ) -> Place<'a> {
        Place { client: self, topic, partition, start: Instant::now(), deadline }
    }
}

impl Place<'_> {
    async fn produce(&self, batch: Bytes) -> Result<Produced, PartitionError> {
        let (id, leader) = self.leader().await?;
        let data =
            PartitionProduceData { index: self.partition.0, records: Some(Records::Bytes(batch)) };
        let topic = TopicProduceData {
            name: self.topic.as_str().into(),
            topic_id: id.0,
            partition_data: vec![data],
        };
        let request = ProduceRequest {
            transactional_id: None,
            acks: -1,
            timeout_ms: milliseconds(self.remaining()),
            topic_data: vec![topic],
        };
        let response = self.ask_leader(leader, &request).await?;
        let partitions = response.responses.iter().flat_map(|it| &it.partition_responses);
        let answer = self.only(partitions)?;
        self.check(answer.error_code, answer.error_message.as_deref())?;
        Ok(Produced {
            base_offset: Offset(answer.base_offset),
            log_append_time: timestamp(answer.log_append_time_ms),
        })
    }

    async fn fetch(
        &self,
        offset: Offset,
        bytes_max: i32,
        wait_max: Duration,
    ) -> Result<Fetched, PartitionError> {
        let (id, leader) = self.leader().await?;
        let wanted = FetchPartition {
            partition: self.partition.0,
            fetch_offset: offset.0,
            partition_max_bytes: bytes_max,
            ..Default::default()
        };
        let topic = FetchTopic {
            topic: self.topic.as_str().into(),
            topic_id: id.0,
            partitions: vec![wanted],
        };
        let request = FetchRequest {
            max_wait_ms: milliseconds(wait_max),
            min_bytes: 1,
            max_bytes: bytes_max,
            topics: vec![topic],
            ..Default::default()
        };
        let response = self.ask_leader(leader, &request).await?;
        self.check(response.error_code, None)?;
        let answer = self.only(response.responses.into_iter().flat_map(|it| it.partitions))?;
        self.check(answer.error_code, None)?;
        Ok(Fetched {
            batches: answer.records.map_or_else(Bytes::new, bytes_of),
            high_watermark: Offset(answer.high_watermark),
            log_start_offset: Offset(answer.log_start_offset),
        })
    }

    async fn list_offset(&self, moment: Moment) -> Result<Option<FoundOffset>, PartitionError> {
        let (_, leader) = self.leader().await?;
        let wanted = ListOffsetsPartition {
            partition_index: self.partition.0,
            timestamp: moment.number(),
            ..Default::default()
        };
        let topic = ListOffsetsTopic { name: self.topic.as_str().into(), partitions: vec![wanted] };
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![topic],
            timeout_ms: milliseconds(self.remaining()),
            ..Default::default()
        };
        let response = self.ask_leader(leader, &request).await?;
        let answer = self.only(response.topics.iter().flat_map(|it| &it.partitions))?;
        self.check(answer.error_code, None)?;
        Ok((answer.offset >= 0).then(|| FoundOffset {
            offset: Offset(answer.offset),
            timestamp: timestamp(answer.timestamp),
            leader_epoch: LeaderEpoch(answer.leader_epoch),
        }))
    }
}

pub(crate) fn timestamp(milliseconds: i64) -> Option<Timestamp> {
    (milliseconds >= 0).then_some(Timestamp(milliseconds))
}

fn bytes_of(records: Records) -> Bytes {
    match records {
        Records::Bytes(bytes) => bytes,
        Records::Slot { .. } => unreachable!("what is read from the wire has no slots"),
    }
}
