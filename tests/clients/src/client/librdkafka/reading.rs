//! librdkafka reads partitions of one's choice.

use super::{Librdkafka, PATIENCE, partitions_of, record};
use crate::client::{Consumed, Offset as Place};
use crate::wait;
use anyhow::{Context, Result};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::{Message as _, Offset, TopicPartitionList};
use std::time::Duration;

/// A consumer of some partitions of a topic.
pub struct Reader {
    consumer: BaseConsumer,
    topic: String,
}

impl Librdkafka {
    /// Opens a consumer on partitions: at what its group has committed, else at the beginning.
    pub fn open(&self, group: Option<&str>, topic: &str, partitions: &[i32]) -> Result<Reader> {
        let start = if group.is_some() { Offset::Stored } else { Offset::Beginning };
        let consumer = self.consumer_of(group.unwrap_or("assigned-only"))?;
        let mut wanted = TopicPartitionList::new();
        for partition in partitions {
            wanted.add_partition_offset(topic, *partition, start)?;
        }
        consumer.assign(&wanted)?;
        Ok(Reader { consumer, topic: topic.to_owned() })
    }

    /// What a group has committed: the offset, -1 where there is none, and the text.
    pub fn committed_of(&self, group: &str, topic: &str, partition: i32) -> Result<(i64, String)> {
        let mut wanted = TopicPartitionList::new();
        wanted.add_partition(topic, partition);
        let found = self.consumer_of(group)?.committed_offsets(wanted, PATIENCE)?;
        let at = found.find_partition(topic, partition).context("the partition is answered")?;
        let offset = if let Offset::Offset(offset) = at.offset() { offset } else { -1 };
        Ok((offset, at.metadata().to_owned()))
    }

    /// How far each partition's end is ahead of what a group has committed.
    pub fn lag(&self, group: &str, topic: &str) -> Result<Vec<(i32, i64)>> {
        let consumer = self.consumer_of(group)?;
        let mut lags = Vec::new();
        for partition in partitions_of(&consumer, topic)? {
            let (_, end) = consumer.fetch_watermarks(topic, partition, PATIENCE)?;
            lags.push((partition, end - self.committed_of(group, topic, partition)?.0));
        }
        Ok(lags)
    }
}

impl Reader {
    /// Reads until there are so many records, or the time is over.
    pub fn read(&self, count: usize, time: Duration) -> Result<Vec<Consumed>> {
        let (start, mut found) = (wait::now(), Vec::new());
        while found.len() < count && start.elapsed() < time {
            if let Some(message) = self.consumer.poll(time.saturating_sub(start.elapsed())) {
                let message = message?;
                found.push(Consumed { offset: message.offset(), record: record(&message)? });
            }
        }
        Ok(found)
    }

    /// Reads on from elsewhere.
    pub fn seek(&self, partition: i32, place: Place) -> Result<()> {
        let place = match place {
            Place::Beginning => Offset::Beginning,
            // It would look the end up later, beside us.
            Place::End => {
                let (_, end) = self.consumer.fetch_watermarks(&self.topic, partition, PATIENCE)?;
                Offset::Offset(end)
            }
            Place::At(offset) => Offset::Offset(offset),
        };
        Ok(self.consumer.seek(&self.topic, partition, place, PATIENCE)?)
    }

    /// Reads no more of a partition.
    pub fn pause(&self, partition: i32) -> Result<()> {
        Ok(self.consumer.pause(&self.only(partition))?)
    }

    /// Goes on.
    pub fn resume(&self, partition: i32) -> Result<()> {
        Ok(self.consumer.resume(&self.only(partition))?)
    }

    /// Commits an offset with a text.
    pub fn commit(&self, partition: i32, offset: i64, metadata: &str) -> Result<()> {
        let wanted = self.only(partition);
        let mut at = wanted.find_partition(&self.topic, partition).context("it was added")?;
        at.set_offset(Offset::Offset(offset))?;
        at.set_metadata(metadata);
        Ok(self.consumer.commit(&wanted, CommitMode::Sync)?)
    }

    fn only(&self, partition: i32) -> TopicPartitionList {
        let mut only = TopicPartitionList::new();
        only.add_partition(&self.topic, partition);
        only
    }
}
