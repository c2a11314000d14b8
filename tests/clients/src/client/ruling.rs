//! A client program that looks after a cluster.
//!
//! What only goes well or not is answered with Kafka's name of the outcome, `NONE` or an error.

use super::failure::outcome;
use super::program::Program;
use anyhow::{Context, Result};

impl Program {
    /// Deletes the records before an offset; answers with where the partition begins then.
    pub fn truncate(&mut self, topic: &str, partition: i32, offset: i64) -> Result<i64> {
        Ok(self.ask_one(&format!("truncate {topic} {partition} {offset}"))?.parse()?)
    }

    /// The value of a topic's key.
    pub fn config(&mut self, topic: &str, key: &str) -> Result<String> {
        self.ask_one(&format!("config {topic} {key}"))
    }

    /// Sets a topic's key.
    pub fn set_config(&mut self, topic: &str, key: &str, value: &str) -> Result<String> {
        outcome(self.ask(&format!("set-config {topic} {key} {value}")))
    }

    /// The number of brokers, and which one rules.
    pub fn cluster(&mut self) -> Result<(usize, i32)> {
        let told = self.ask_one("cluster")?;
        let (brokers, controller) = told.split_once(' ').context("brokers and controller")?;
        Ok((brokers.parse()?, controller.parse()?))
    }

    /// The names of the groups.
    pub fn groups(&mut self) -> Result<Vec<String>> {
        self.ask("groups")
    }

    /// The state of a group.
    pub fn group(&mut self, group: &str) -> Result<String> {
        self.ask_one(&format!("group {group}"))
    }

    /// Deletes a group.
    pub fn delete_group(&mut self, group: &str) -> Result<String> {
        outcome(self.ask(&format!("delete-group {group}")))
    }

    /// Commits an offset for a group without members.
    pub fn alter_offset(
        &mut self,
        group: &str,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<String> {
        outcome(self.ask(&format!("alter-offset {group} {topic} {partition} {offset}")))
    }

    /// Deletes what a group has committed of partition 0.
    pub fn forget(&mut self, group: &str, topic: &str) -> Result<String> {
        outcome(self.ask(&format!("forget {group} {topic}")))
    }

    /// The bytes of partition 0.
    pub fn log_size(&mut self, topic: &str) -> Result<u64> {
        Ok(self.ask_one(&format!("log-size {topic}"))?.parse()?)
    }

    /// The active producers of partition 0.
    pub fn producers(&mut self, topic: &str) -> Result<usize> {
        Ok(self.ask_one(&format!("producers {topic}"))?.parse()?)
    }

    /// The voters of the metadata quorum.
    pub fn quorum(&mut self) -> Result<usize> {
        Ok(self.ask_one("quorum")?.parse()?)
    }

    /// Writes a record in a transaction.
    pub fn transact(&mut self, id: &str, topic: &str) -> Result<()> {
        self.ask(&format!("transact {id} {topic}")).map(drop)
    }
}
