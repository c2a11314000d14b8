//! `klamm group list`: which groups there are.

use clap::Args;
use client::ListedGroup;
use serde::Serialize;

use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};
use crate::table::Table;

const EXAMPLES: &str = "Examples:
  klamm group list
  klamm group list --state                     all, with their states
  klamm group list --state stable,empty        those in one of these states
  klamm group list -o json | jq -r '.[].group'";

/// What `klamm group list` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Also show states; with names, only groups in one of them: empty, stable,
    /// preparing-rebalance, completing-rebalance, dead
    #[arg(long, value_name = "STATE,…", num_args = 0..=1, value_delimiter = ',', default_missing_value = "", value_parser = state)]
    state: Option<Vec<String>>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// The states of classic groups, as Kafka writes them.
const STATES: [&str; 5] = ["Empty", "Stable", "PreparingRebalance", "CompletingRebalance", "Dead"];

/// A group in the list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    group: String,
    state: String,
    #[serde(rename = "type")]
    kind: String,
    protocol_type: String,
}

/// Lists the groups.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let states = arguments.state.clone().unwrap_or_default();
    let states: Vec<String> = states.into_iter().filter(|state| !state.is_empty()).collect();
    let client = arguments.connect.client().await?;
    let groups = client.list_groups(&states).await?;
    match arguments.output {
        Output::Json => print::json(&groups.into_iter().map(listed).collect::<Vec<_>>()),
        Output::Text if groups.is_empty() => print::problem("there are no such groups"),
        Output::Text if arguments.state.is_none() => {
            groups.iter().for_each(|group| print::line(&group.id));
        }
        Output::Text => {
            let mut table = Table::new(["GROUP", "STATE", "TYPE", "PROTOCOL"]);
            for ListedGroup { id, state, kind, protocol_type } in groups {
                table.row([id, state, kind, protocol_type]);
            }
            table.print();
        }
    }
    Ok(())
}

fn listed(group: ListedGroup) -> Listed {
    let ListedGroup { id, state, kind, protocol_type } = group;
    Listed { group: id, state, kind, protocol_type }
}

/// A state in Kafka's spelling, whatever the case and with hyphens or without; empty stays empty.
fn state(text: &str) -> Result<String, String> {
    let plain = |text: &str| text.replace('-', "").to_lowercase();
    let known = STATES.into_iter().find(|state| plain(state) == plain(text));
    match known {
        Some(state) => Ok(state.to_owned()),
        None if text.is_empty() => Ok(String::new()),
        None => Err("there are empty, stable, preparing-rebalance, completing-rebalance and dead"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_may_be_written_as_people_and_as_kafka_write_them() {
        for text in ["preparing-rebalance", "PreparingRebalance", "preparingrebalance"] {
            assert_eq!(state(text).unwrap(), "PreparingRebalance");
        }
        assert!(state("busy").is_err());
    }
}
