//! `klamm group`: groups of consumers, as Kafka's `kafka-consumer-groups` knows them.

mod delete;
mod describe;
mod list;
mod offsets_file;
mod plan;
mod reset;
mod selection;

use clap::Subcommand;

use crate::Failure;

/// What to do with groups.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the groups
    List(list::Arguments),
    /// Show where a group stands and how far behind it is, or who its members are
    Describe(describe::Arguments),
    /// Have a group go on somewhere else
    Reset(reset::Arguments),
    /// Delete groups, or what a group has committed for a topic
    Delete(delete::Arguments),
}

/// Does it.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list::run(&arguments).await,
        Command::Describe(arguments) => describe::run(&arguments).await,
        Command::Reset(arguments) => reset::run(&arguments).await,
        Command::Delete(arguments) => delete::run(&arguments).await,
    }
}

/// There is no group of this id.
fn no_group(id: &str) -> Failure {
    Failure::Failed(format!(
        "there is no group {id}: `klamm group list` shows those there are; a group comes with its first member, as in `klamm consume TOPIC --group {id}`"
    ))
}
