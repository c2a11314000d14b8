//! `klamm topic`: topics, as Kafka's `kafka-topics` and `kafka-configs` know them.

mod alter;
mod create;
mod delete;
mod describe;
mod list;
mod owner;
mod settled;

use std::collections::BTreeSet;

use clap::Subcommand;
use client::{Client, Cluster, Wanted};
use types::TopicName;

use crate::Failure;

/// What to do with topics.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the topics
    List(list::Arguments),
    /// Show partitions, offsets and configuration of topics
    Describe(describe::Arguments),
    /// Create a topic
    Create(create::Arguments),
    /// Change the configuration of a topic, or give it more partitions
    Alter(alter::Arguments),
    /// Delete topics with all their records
    Delete(delete::Arguments),
}

/// Does it.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list::run(&arguments).await,
        Command::Describe(arguments) => describe::run(&arguments).await,
        Command::Create(arguments) => create::run(arguments).await,
        Command::Alter(arguments) => alter::run(arguments).await,
        Command::Delete(arguments) => delete::run(&arguments).await,
    }
}

/// A topic's name on the command line.
pub(crate) fn name(text: &str) -> Result<TopicName, String> {
    TopicName::parse(text).map_err(|error| error.to_string())
}

/// `key=value` on the command line.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err("write KEY=VALUE, as in retention.ms=86400000".to_owned()),
    }
}

/// The cluster with these topics; an error that names the first that is not there.
pub(crate) async fn find(client: &Client, names: &[TopicName]) -> Result<Cluster, Failure> {
    let names: Vec<TopicName> =
        names.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let cluster = client.cluster(Wanted::Topics(&names)).await?;
    for name in &names {
        match cluster.topics.get(name) {
            Some(Ok(_)) => {}
            Some(Err(refusal)) if refusal.code != client::ErrorCode::UnknownTopicOrPartition => {
                return Err(Failure::Failed(format!("{name}: {refusal}")));
            }
            Some(Err(_)) | None => return Err(Failure::no_topic(name.as_str())),
        }
    }
    Ok(cluster)
}
