//! Batches to and from one partition.

use std::time::Duration;

use bytes::Bytes;
use protocol::{
    Records, Request,
    messages::{
        fetch::{FetchPartition, FetchRequest, FetchTopic},
        list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
        produce::{PartitionProduceData, ProduceRequest, TopicProduceData},
    },
};
use tokio::time::{Instant, sleep};
use types::{BrokerId, LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicId, TopicName};

use crate::{CallError, Client, PartitionError, Refusal, Wanted, client::milliseconds};

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
    fn number(self) -> i64 {
        match self {
            Moment::Latest => -1,
            Moment::Earliest => -2,
            Moment::LatestTimestamp => -3,
            Moment::At(timestamp) => timestamp.0,
        }
    }
}

/// How long to leave a broker alone that cannot answer yet.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// How long a topic may be unknown to a broker that has yet to learn of its creation.
const UNKNOWN_TOPIC_PATIENCE: Duration = Duration::from_secs(2);

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

/// A partition, who asks its leader, and until when.
struct Place<'a> {
    client: &'a Client,
    topic: &'a TopicName,
    partition: PartitionIndex,
    start: Instant,
    deadline: Duration,
}

impl Place<'_> {
    /// Tries again as long as nothing was done and time is left.
    async fn retry<T>(
        &self,
        attempt: impl AsyncFn() -> Result<T, PartitionError>,
    ) -> Result<T, PartitionError> {
        loop {
            let error = match attempt().await {
                Err(error) if error.is_retriable() => error,
                done => return done,
            };
            let unknown = error.is_unknown_topic();
            let patience = if unknown { UNKNOWN_TOPIC_PATIENCE } else { self.deadline };
            if self.start.elapsed() + RETRY_PAUSE > patience.min(self.deadline) {
                return Err(error);
            }
            sleep(RETRY_PAUSE).await;
            self.refresh().await?;
        }
    }

    /// What is left of the deadline.
    fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.start.elapsed())
    }

    async fn refresh(&self) -> Result<(), CallError> {
        let topics = std::slice::from_ref(self.topic);
        self.client.cluster(Wanted::Topics(topics)).await.map(drop)
    }

    async fn leader(&self) -> Result<(TopicId, BrokerId), PartitionError> {
        if let Some(leader) = self.client.known().leader(self.topic, self.partition) {
            return Ok(leader);
        }
        self.refresh().await?;
        let known = self.client.known();
        if let Some(Err(refusal)) = known.topics.get(self.topic) {
            return Err(self.refused(refusal.clone()));
        }
        known.leader(self.topic, self.partition).ok_or_else(|| self.no_leader())
    }

    async fn ask_leader<R: Request>(
        &self,
        leader: BrokerId,
        request: &R,
    ) -> Result<R::Response, PartitionError> {
        Ok(self.client.call_broker_within(leader, request, self.remaining()).await?)
    }

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

    /// The answer for the one partition that was asked about.
    fn only<T>(&self, mut answers: impl Iterator<Item = T>) -> Result<T, PartitionError> {
        answers.next().ok_or_else(|| self.no_leader())
    }

    fn check(&self, code: i16, message: Option<&str>) -> Result<(), PartitionError> {
        Refusal::check(code, message).map_err(|refusal| self.refused(refusal))
    }

    fn refused(&self, refusal: Refusal) -> PartitionError {
        PartitionError::Refused { topic: self.topic.clone(), partition: self.partition, refusal }
    }

    fn no_leader(&self) -> PartitionError {
        PartitionError::NoLeader { topic: self.topic.clone(), partition: self.partition }
    }
}

fn timestamp(milliseconds: i64) -> Option<Timestamp> {
    (milliseconds >= 0).then_some(Timestamp(milliseconds))
}

fn bytes_of(records: Records) -> Bytes {
    match records {
        Records::Bytes(bytes) => bytes,
        Records::Slot { .. } => unreachable!("what is read from the wire has no slots"),
    }
}
