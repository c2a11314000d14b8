//! `klamm topic delete`.

use clap::Args;
use serde_json::json;
use types::TopicName;

use super::{find, name, owner, settled};
use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};

const EXAMPLES: &str = "Examples:
  klamm topic delete messages
  klamm delete topic/messages        a topic that a manifest describes";

/// What `klamm topic delete` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The topics
    #[arg(value_name = "NAME", value_parser = name, required = true)]
    names: Vec<TopicName>,
    /// Also those that a manifest describes, which the operator then creates again, empty
    #[arg(long)]
    force: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// Deletes topics.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.connect.client().await?;
    let names = &arguments.names;
    // All or none: a name with a mistake in it is found before anything is gone.
    let cluster = find(&client, names).await?;
    if !arguments.force {
        owner::refuse(
            &arguments.connect,
            cluster.id.as_deref(),
            names,
            "klamm delete topic/NAME takes it down",
        )
        .await?;
    }
    let outcomes = client.delete_topics(names).await?;
    let failed = outcomes.iter().find_map(|(name, outcome)| Some((name, outcome.as_ref().err()?)));
    let mut deleted = Vec::new();
    for (name, _) in outcomes.iter().filter(|(_, outcome)| outcome.is_ok()) {
        settled::until(&client, name, |topic| topic.is_none()).await;
        deleted.push(name.as_str());
    }
    match arguments.output {
        Output::Text => {
            deleted.iter().for_each(|name| print::line(&format!("deleted topic {name}")));
        }
        Output::Json => print::json(&json!({ "deleted": deleted })),
    }
    match failed {
        Some((name, refusal)) => Err(Failure::Failed(format!("{name}: {refusal}"))),
        None => Ok(()),
    }
}
