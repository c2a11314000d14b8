//! `klamm topic create`.

use std::collections::BTreeMap;

use clap::Args;
use client::NewTopic;
use serde_json::json;
use types::TopicName;

use super::{name, setting, settled};
use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};

const EXAMPLES: &str = "Examples:
  klamm topic create messages --partitions 10
  klamm topic create profiles --set cleanup.policy=compact --set min.compaction.lag.ms=60000

A topic that shall be there whenever the cluster is belongs into a manifest: see examples/chat.yaml.";

/// What `klamm topic create` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Its name
    #[arg(value_parser = name)]
    name: TopicName,
    /// How many partitions it has [default: the cluster's num.partitions]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// How many brokers hold each [default: the cluster's default.replication.factor]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i16).range(1..))]
    replicas: Option<i16>,
    /// A key of its configuration; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// Creates a topic.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, partitions, replicas, set, output, connect } = arguments;
    let client = connect.client().await?;
    let config = set.into_iter().collect();
    let topic =
        NewTopic { name: name.clone(), partitions, replicas, assignment: BTreeMap::new(), config };
    let outcomes = client.create_topics(&[topic]).await?;
    let created = match outcomes.get(&name) {
        Some(Ok(created)) => created,
        Some(Err(refusal)) => return Err(Failure::Failed(format!("{name}: {refusal}"))),
        None => return Err(Failure::Failed(format!("the answer does not mention {name}"))),
    };
    settled::until(&client, &name, |topic| settled::is_served(topic, 1)).await;
    match output {
        Output::Text => print::line(&format!("created topic {name}")),
        Output::Json => print::json(&json!({
            "name": name.as_str(),
            "id": created.id.to_string(),
            "partitions": created.partitions,
            "replicas": created.replicas,
        })),
    }
    Ok(())
}
