//! `klamm group delete`: groups, or what a group has committed for a topic.

use clap::Args;
use client::{CallError, Client, ErrorCode};
use serde_json::json;

use super::no_group;
use super::selection::{self, Selection};
use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};

const EXAMPLES: &str = "Examples:
  klamm group delete billing
  klamm group delete billing --topic payments        only where it stands in this topic
  klamm group delete billing --topic payments:0,3

A group has to be without members; of a group with members, what it has committed for topics that
none of them reads can be deleted.";

/// What `klamm group delete` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The groups
    #[arg(value_name = "GROUP", required = true)]
    groups: Vec<String>,
    /// Only the offsets of this topic, or of some of its partitions; may be given several times
    #[arg(long, value_name = "TOPIC[:N,…]")]
    topic: Vec<Selection>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// Deletes groups or offsets, one group after the other, until one cannot be deleted.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.connect.client().await?;
    let mut deleted = Vec::new();
    let mut outcome = Ok(());
    for group in &arguments.groups {
        outcome = match arguments.topic.as_slice() {
            [] => client.delete_group(group).await.map_err(|error| failure(group, error)),
            selections => delete_offsets(&client, group, selections).await,
        };
        if outcome.is_err() {
            break;
        }
        deleted.push(group.as_str());
    }
    let what = if arguments.topic.is_empty() { "group" } else { "offsets of group" };
    match arguments.output {
        Output::Text => deleted.iter().for_each(|id| print::line(&format!("deleted {what} {id}"))),
        Output::Json => print::json(&json!({ "deleted": deleted })),
    }
    outcome
}

async fn delete_offsets(
    client: &Client,
    group: &str,
    selections: &[Selection],
) -> Result<(), Failure> {
    let partitions = selection::partitions(client, selections).await?;
    let outcomes = client.delete_offsets(group, &partitions).await;
    let outcomes = outcomes.map_err(|error| failure(group, error))?;
    let refused = outcomes.iter().find_map(|(it, outcome)| Some((it, outcome.as_ref().err()?)));
    match refused {
        Some((partition, refusal)) if refusal.code == ErrorCode::GroupSubscribedToTopic => {
            Err(Failure::Failed(format!(
                "group {group} has members that read topic {}: stop them first; `klamm group describe {group} --members` shows where they run",
                partition.topic
            )))
        }
        Some((partition, refusal)) => Err(Failure::Failed(format!("{partition}: {refusal}"))),
        None => Ok(()),
    }
}

fn failure(group: &str, error: CallError) -> Failure {
    let code = error.refusal().map(|refusal| refusal.code);
    if code == Some(ErrorCode::GroupIdNotFound) {
        no_group(group)
    } else if code == Some(ErrorCode::NonEmptyGroup) {
        Failure::Failed(format!(
            "group {group} has members: stop them first; `klamm group describe {group} --members` shows where they run"
        ))
    } else {
        error.into()
    }
}
