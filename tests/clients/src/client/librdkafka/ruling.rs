//! librdkafka looks after a cluster.

use super::{Librdkafka, PATIENCE, kafka_name, outcome};
use crate::client::{Failure, Unsupported};
use crate::wait;
use anyhow::{Context, Result, bail};
use rdkafka::admin::{AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::consumer::Consumer;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

impl Librdkafka {
    /// Deletes the records before an offset; answers with where the partition begins then.
    pub fn truncate(&self, topic: &str, partition: i32, offset: i64) -> Result<i64> {
        let mut wanted = TopicPartitionList::new();
        wanted.add_partition_offset(topic, partition, Offset::Offset(offset))?;
        let deleted = self.admin.delete_records(&wanted, &AdminOptions::new());
        let deleted = self.runtime.block_on(deleted)?;
        let at = deleted.find_partition(topic, partition).context("the partition is answered")?;
        at.error()?;
        at.offset().to_raw().context("a partition begins somewhere")
    }

    /// The value of a topic's key.
    pub fn config(&self, topic: &str, key: &str) -> Result<String> {
        let resource = ResourceSpecifier::Topic(topic);
        let described = self.admin.describe_configs([&resource], &AdminOptions::new());
        let described = self.runtime.block_on(described)?.pop().context("it is described")?;
        let described = described.map_err(failure)?;
        let entry = described.get(key).context("a topic has the key")?;
        Ok(entry.value.clone().unwrap_or_default())
    }

    /// Sets a topic's key, and unsets all others.
    pub fn set_config(&self, topic: &str, key: &str, value: &str) -> Result<()> {
        let wanted = AlterConfig::new(ResourceSpecifier::Topic(topic)).set(key, value);
        let altered = self.admin.alter_configs([&wanted], &AdminOptions::new());
        self.runtime.block_on(altered)?;
        let is_set = || Ok(self.config(topic, key).is_ok_and(|found| found == value).then_some(()));
        wait::until(Duration::from_secs(5), "the key is set", is_set)
            .map_err(|_| Unsupported("it does not tell what was refused".to_owned()).into())
    }

    /// The names of all groups, or of the one asked for, each with its state.
    pub fn groups(&self, name: Option<&str>) -> Result<Vec<(String, String)>> {
        let found = self.consumer()?.fetch_group_list(name, PATIENCE)?;
        let told = |group: &rdkafka::groups::GroupInfo| {
            (group.name().to_owned(), group.state().to_owned())
        };
        Ok(found.groups().iter().map(told).collect())
    }

    /// Deletes a group.
    pub fn delete_group(&self, group: &str) -> Result<()> {
        let deleted = self.admin.delete_groups(&[group], &AdminOptions::new());
        let name = outcome(&self.runtime.block_on(deleted)?)?;
        if name != "NONE" {
            bail!(Failure { name, sentence: String::new() });
        }
        Ok(())
    }

    /// Writes a record in a transaction.
    pub fn transact(&self, id: &str, topic: &str) -> Result<()> {
        let mut settings = self.settings.clone();
        let producer: BaseProducer = settings.set("transactional.id", id).create()?;
        producer.init_transactions(PATIENCE)?;
        producer.begin_transaction()?;
        let record = BaseRecord::<[u8], str>::to(topic).payload("in a transaction");
        producer.send(record).map_err(|(error, _)| error)?;
        Ok(producer.commit_transaction(PATIENCE)?)
    }
}

fn failure(code: RDKafkaErrorCode) -> Failure {
    Failure { name: kafka_name(code), sentence: code.to_string() }
}
