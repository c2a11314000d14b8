//! `klamm down`: stop a cluster.

use clap::Args;
use operator::local::client;
use operator::local::message::Command;

use crate::place::Place;
use crate::{Failure, VERSION, print};

/// What `klamm down` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
}

/// Stops the `up` that runs the cluster, and waits until everything has ended.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let folder = arguments.place.folder(&[])?;
    if !folder.is_in_use()? {
        print::line("nothing runs");
        return Ok(());
    }
    let last = client::ask(&folder, VERSION, Command::Down, |reply| print::reply(&reply)).await?;
    print::reply(&Failure::of_last(last)?);
    Ok(())
}
