//! `klamm up`: run what manifests describe.

use clap::Args;
use operator::kafka::Kafka;
use operator::local::client::{self, AskError};
use operator::local::message::{Command, Reply};
use operator::local::up::{Options, Up};
use operator::manifest::Manifest;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::manifests::Manifests;
use crate::place::Place;
use crate::{Failure, VERSION, print};

/// How many lines may wait for the terminal.
const LINES_MAX: usize = 1_024;

/// What `klamm up` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    place: Place,
}

/// Runs the cluster, or hands the manifests to the `up` that runs it.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let manifests = arguments.manifests.read()?;
    let options = arguments.place.options(&manifests)?;
    options.folder.create()?;
    loop {
        if let Some(lock) = options.folder.lock()? {
            let up = Up::new(options, lock, Kafka::default())?;
            return run_here(up, manifests).await;
        }
        match hand_over(&options, &manifests).await {
            // Whoever held the lock was about to end: now it may be our turn.
            Err(AskError::Unreachable(..)) if !options.folder.is_in_use()? => {}
            answered => {
                print::reply(&Failure::of_last(answered?)?);
                return Ok(());
            }
        }
    }
}

async fn run_here(up: Up<Kafka>, manifests: Vec<Manifest>) -> Result<(), Failure> {
    let stop = Stop::new().map_err(|error| Failure::Failed(error.to_string()))?;
    let (replies, mut terminal) = mpsc::channel(LINES_MAX);
    let print = async {
        while let Some(reply) = terminal.recv().await {
            print::reply(&reply);
        }
    };
    let (outcome, ()) = tokio::join!(up.run(manifests, replies, stop.wait()), print);
    Ok(outcome?)
}

async fn hand_over(options: &Options, manifests: &[Manifest]) -> Result<Reply, AskError> {
    let command = Command::Apply(manifests.to_vec());
    client::ask(&options.folder, VERSION, command, |reply| print::reply(&reply)).await
}

/// The signals that end a program in good order.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Stop {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Resolves at the first signal; the second ends the program on the spot. Brokers then notice
    /// that nobody holds their standard input.
    async fn wait(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            print::problem("killed before everything had stopped");
            std::process::exit(1);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
