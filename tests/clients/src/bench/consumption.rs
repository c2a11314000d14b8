//! Records that are read as fast as it goes, by librdkafka with its own defaults.

use crate::wait;
use anyhow::{Context, Result};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Reads so many records of a topic, from its beginning; says how long it took.
pub fn run(bootstrap: &str, topic: &str, partitions: i32, records: u64) -> Result<Duration> {
    let mut settings = ClientConfig::new();
    settings.set("bootstrap.servers", bootstrap).set("group.id", "assigned only");
    let consumer: BaseConsumer = settings.set("enable.auto.commit", "false").create()?;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..partitions {
        assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&assignment)?;
    let next = || -> Result<()> {
        consumer.poll(PATIENCE).context("records are missing")??;
        Ok(())
    };
    let start = wait::now();
    for _ in 0..records {
        next()?;
    }
    Ok(start.elapsed())
}
