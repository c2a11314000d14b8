//! `klamm topic list`: which topics there are.

use clap::Args;
use client::{Topic, Wanted};
use serde::Serialize;

use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};
use crate::table::Table;

const EXAMPLES: &str = "Examples:
  klamm topic list
  klamm topic list --exclude-internal -o json | jq -r '.[].name'";

/// What `klamm topic list` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Leave out topics that belong to the cluster itself
    #[arg(long)]
    exclude_internal: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// A topic in the list.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    id: String,
    internal: bool,
    partitions: usize,
    replicas: usize,
}

/// Lists the topics.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.connect.client().await?;
    let cluster = client.cluster(Wanted::AllTopics).await?;
    let mut listed = Vec::new();
    for (name, topic) in &cluster.topics {
        let topic =
            topic.as_ref().map_err(|refusal| Failure::Failed(format!("{name}: {refusal}")))?;
        if !(topic.is_internal && arguments.exclude_internal) {
            listed.push(entry(name.as_str(), topic));
        }
    }
    match arguments.output {
        Output::Json => print::json(&listed),
        Output::Text if listed.is_empty() => {
            print::problem("there are no topics: `klamm topic create NAME` makes one");
        }
        Output::Text => {
            let mut table = Table::new(["TOPIC", "PARTITIONS", "REPLICAS"]);
            for topic in listed {
                let Listed { name, partitions, replicas, .. } = topic;
                table.row([name, partitions.to_string(), replicas.to_string()]);
            }
            table.print();
        }
    }
    Ok(())
}

fn entry(name: &str, topic: &Topic) -> Listed {
    let replicas = topic.partitions.values().map(|partition| partition.replicas.len()).max();
    Listed {
        name: name.to_owned(),
        id: topic.id.to_string(),
        internal: topic.is_internal,
        partitions: topic.partitions.len(),
        replicas: replicas.unwrap_or(0),
    }
}
