//! `klamm topic describe`: partitions, offsets and configuration.

use std::collections::BTreeMap;

use clap::Args;
use client::{Client, Cluster, ConfigResource, ConfigSource, Isolation, Moment, Topic, Wanted};
use serde::Serialize;
use types::{Offset, TopicName, TopicPartition};

use super::{find, name};
use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};
use crate::table::{Table, list, or_dash};

const EXAMPLES: &str = "Examples:
  klamm topic describe messages
  klamm topic describe                      all topics
  klamm topic describe messages -o json | jq '[.[].partitions[] | .end - .start] | add'

START is the offset of the first record, END that of the next one to come.";

/// What `klamm topic describe` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The topics; all when none is named
    #[arg(value_name = "NAME", value_parser = name)]
    names: Vec<TopicName>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// A topic as it is shown.
#[derive(Debug, Serialize)]
struct Described {
    name: String,
    id: String,
    internal: bool,
    /// What was set for this topic; all else has the cluster's or Kafka's default.
    config: BTreeMap<String, Option<String>>,
    partitions: Vec<DescribedPartition>,
}

/// A partition as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribedPartition {
    partition: i32,
    leader: Option<i32>,
    leader_epoch: i32,
    replicas: Vec<i32>,
    in_sync: Vec<i32>,
    offline: Vec<i32>,
    start: Option<i64>,
    end: Option<i64>,
}

type Offsets = BTreeMap<TopicPartition, Offset>;

/// Shows topics.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.connect.client().await?;
    let cluster = match arguments.names.as_slice() {
        [] => client.cluster(Wanted::AllTopics).await?,
        names => find(&client, names).await?,
    };
    let starts = offsets(&client, &cluster, Moment::Earliest).await?;
    let ends = offsets(&client, &cluster, Moment::Latest).await?;
    let mut described = Vec::new();
    for (name, topic) in &cluster.topics {
        let Ok(topic) = topic else { continue };
        let config = config(&client, name).await?;
        described.push(describe(name, topic, config, &starts, &ends));
    }
    match arguments.output {
        Output::Json => print::json(&described),
        Output::Text => described.iter().for_each(print),
    }
    Ok(())
}

/// Where the partitions that have a leader begin or end.
async fn offsets(client: &Client, cluster: &Cluster, moment: Moment) -> Result<Offsets, Failure> {
    let mut wanted = BTreeMap::new();
    for (name, topic) in &cluster.topics {
        let Ok(topic) = topic else { continue };
        for (number, partition) in &topic.partitions {
            if partition.leader.is_some() {
                let partition = TopicPartition { topic: name.clone(), partition: *number };
                wanted.insert(partition, moment);
            }
        }
    }
    let found = client.list_offsets(&wanted, Isolation::ReadUncommitted).await?;
    Ok(found.into_iter().filter_map(|(it, found)| Some((it, found?.offset))).collect())
}

/// What was set for the topic itself.
async fn config(
    client: &Client,
    name: &TopicName,
) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let described = client.describe_configs(&ConfigResource::Topic(name.clone())).await?;
    let own = described.into_iter().filter(|(_, value)| value.source == ConfigSource::Topic);
    Ok(own.map(|(key, value)| (key, value.value)).collect())
}

fn describe(
    name: &TopicName,
    topic: &Topic,
    config: BTreeMap<String, Option<String>>,
    starts: &Offsets,
    ends: &Offsets,
) -> Described {
    let numbers = |brokers: &[types::BrokerId]| brokers.iter().map(|broker| broker.0).collect();
    let partitions = topic.partitions.iter().map(|(number, partition)| {
        let place = TopicPartition { topic: name.clone(), partition: *number };
        DescribedPartition {
            partition: number.0,
            leader: partition.leader.map(|leader| leader.0),
            leader_epoch: partition.leader_epoch.0,
            replicas: numbers(&partition.replicas),
            in_sync: numbers(&partition.isr),
            offline: numbers(&partition.offline_replicas),
            start: starts.get(&place).map(|offset| offset.0),
            end: ends.get(&place).map(|offset| offset.0),
        }
    });
    Described {
        name: name.to_string(),
        id: topic.id.to_string(),
        internal: topic.is_internal,
        config,
        partitions: partitions.collect(),
    }
}

fn print(topic: &Described) {
    let replicas = topic.partitions.iter().map(|partition| partition.replicas.len()).max();
    print::line(&format!(
        "topic {}, id {}, partitions {}, replicas {}",
        topic.name,
        topic.id,
        topic.partitions.len(),
        replicas.unwrap_or(0)
    ));
    for (key, value) in &topic.config {
        print::line(&format!("  {key}={}", value.as_deref().unwrap_or("(not shown)")));
    }
    let heading = ["  PARTITION", "LEADER", "REPLICAS", "IN-SYNC", "OFFLINE", "START", "END"];
    let mut table = Table::new(heading);
    for partition in &topic.partitions {
        table.row([
            format!("  {}", partition.partition),
            or_dash(partition.leader),
            list(&partition.replicas),
            list(&partition.in_sync),
            list(&partition.offline),
            or_dash(partition.start),
            or_dash(partition.end),
        ]);
    }
    table.print();
}
