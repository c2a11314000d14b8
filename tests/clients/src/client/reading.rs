//! A client program that reads partitions of its choice, and what groups have committed.

use super::failure::outcome;
use super::program::Program;
use super::{Consumed, Offset};
use crate::record::word;
use anyhow::{Context, Result, ensure};
use std::time::Duration;

/// How long records may take that are there.
const PATIENCE: Duration = Duration::from_secs(60);

impl Program {
    /// Opens a consumer on partitions: at what its group has committed, else at the beginning.
    pub fn open(&mut self, group: Option<&str>, topic: &str, partitions: &[i32]) -> Result<()> {
        let partitions: Vec<_> = partitions.iter().map(i32::to_string).collect();
        let group = group.unwrap_or("-");
        self.ask(&format!("open {group} {topic} {}", partitions.join(" "))).map(drop)
    }

    /// Reads as many records as there are, sorted by partition.
    pub fn read(&mut self, count: usize) -> Result<Vec<Consumed>> {
        let found = self.records(&format!("read {count} {}", PATIENCE.as_millis()))?;
        ensure!(found.len() == count, "{count} records are there, {} were read", found.len());
        Ok(by_partition(found))
    }

    /// Reads whatever comes within a time.
    pub fn read_for(&mut self, time: Duration) -> Result<Vec<Consumed>> {
        let found = self.records(&format!("read 1000000 {}", time.as_millis()))?;
        Ok(by_partition(found))
    }

    /// Has it read on from elsewhere.
    pub fn seek(&mut self, partition: i32, place: Offset) -> Result<()> {
        let place = match place {
            Offset::Beginning => "beginning".to_owned(),
            Offset::End => "end".to_owned(),
            Offset::At(offset) => offset.to_string(),
        };
        self.ask(&format!("seek {partition} {place}")).map(drop)
    }

    /// Has it read no more of a partition.
    pub fn pause(&mut self, partition: i32) -> Result<()> {
        self.ask(&format!("pause {partition}")).map(drop)
    }

    /// Has it go on.
    pub fn resume(&mut self, partition: i32) -> Result<()> {
        self.ask(&format!("resume {partition}")).map(drop)
    }

    /// Commits an offset with a text; answers with Kafka's name of the outcome.
    pub fn commit(&mut self, partition: i32, offset: i64, metadata: &str) -> Result<String> {
        let metadata = word(Some(metadata.as_bytes()));
        outcome(self.ask(&format!("commit {partition} {offset} {metadata}")))
    }

    /// Closes the consumer.
    pub fn close(&mut self) -> Result<()> {
        self.ask("close").map(drop)
    }

    /// What a group has committed: the offset, -1 where there is none, and the text.
    pub fn committed(&mut self, group: &str, topic: &str, partition: i32) -> Result<(i64, String)> {
        let told = self.ask_one(&format!("committed {group} {topic} {partition}"))?;
        let (offset, metadata) = told.split_once(' ').context("offset and metadata")?;
        let metadata = crate::record::bytes(metadata)?.unwrap_or_default();
        Ok((offset.parse()?, String::from_utf8(metadata)?))
    }

    /// How far each partition's end is ahead of what a group has committed.
    pub fn lag(&mut self, group: &str, topic: &str) -> Result<Vec<i64>> {
        let told = self.ask(&format!("lag {group} {topic}"))?;
        let lags = told.iter().map(|line| {
            let (_, lag) = line.split_once(' ').context("partition and lag")?;
            Ok(lag.parse()?)
        });
        lags.collect()
    }
}

fn by_partition(mut found: Vec<Consumed>) -> Vec<Consumed> {
    found.sort_by_key(|consumed| consumed.record.partition);
    found
}
