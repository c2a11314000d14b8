//! `klamm plan`: what manifests would change.

use clap::Args;
use operator::kafka::Kafka;
use operator::local::message::{Command, Reply};
use operator::local::proposal::Proposal;
use operator::local::up::Options;
use operator::local::{client, stopped};
use operator::manifest::Manifest;

use crate::manifests::Manifests;
use crate::place::Place;
use crate::print::{self, Output};
use crate::{Failure, VERSION};

/// What `klamm plan` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    place: Place,
    /// Approve the plan of this hash, which a cluster with `apply: Manual` waits for
    #[arg(long, value_name = "HASH", conflicts_with = "files")]
    approve: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Shows a plan, or approves one.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let manifests = arguments.manifests.read()?;
    let options = arguments.place.options(&manifests)?;
    if let Some(hash) = arguments.approve {
        return approve(&options, hash).await;
    }
    if manifests.is_empty() {
        return Err(Failure::Input("give the manifests to plan for with -f".to_owned()));
    }
    let proposal = propose(&options, manifests).await?;
    match arguments.output {
        Output::Text => print::proposal(&proposal),
        Output::Json => print::json(&proposal),
    }
    Ok(())
}

async fn propose(options: &Options, manifests: Vec<Manifest>) -> Result<Proposal, Failure> {
    if !options.folder.is_in_use()? {
        return Ok(stopped::plan(options, &Kafka::default(), &manifests).await?);
    }
    let mut proposal = Proposal::default();
    let command = Command::Plan(manifests);
    let last = client::ask(&options.folder, VERSION, command, |reply| {
        if let Reply::Proposal(found) = reply {
            proposal = found;
        }
    });
    Failure::of_last(last.await?)?;
    Ok(proposal)
}

async fn approve(options: &Options, hash: String) -> Result<(), Failure> {
    if !options.folder.is_in_use()? {
        return Err(Failure::Failed("the cluster does not run, so no plan waits".to_owned()));
    }
    let last = client::ask(&options.folder, VERSION, Command::Approve(hash), |_| {}).await?;
    print::reply(&Failure::of_last(last)?);
    Ok(())
}
