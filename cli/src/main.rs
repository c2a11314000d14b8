//! The one program, `klamm`.

mod broker;
mod crds;
mod delete;
mod down;
mod failure;
mod manifests;
mod place;
mod plan;
mod print;
mod status;
mod up;

use std::future::Future;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// The version of this program, and of the brokers it runs.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A Kafka-compatible broker, and the operator that runs it.
///
/// `klamm up -f examples/chat.yaml` runs on this machine what the manifests describe.
#[derive(Debug, Parser)]
#[command(name = "klamm", version, after_help = EXIT_CODES)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 it worked, 1 it did not, 2 what was given is wrong.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run what manifests describe on this machine, or hand them to the `up` that runs already
    Up(up::Arguments),
    /// Show what manifests would change, and change nothing
    Plan(plan::Arguments),
    /// Show how everything is
    Status(status::Arguments),
    /// Stop a cluster; its data stay
    Down(down::Arguments),
    /// Take objects down
    Delete(delete::Arguments),
    /// Run one broker from its server.properties
    ///
    /// It says `ready` on standard output when it serves clients, and logs on standard error. It
    /// stops in good order on SIGINT and SIGTERM, and when its standard input is a pipe that
    /// closes, so that it never outlives who started it.
    Broker(broker::Arguments),
    /// Print the Kubernetes definitions of the kinds, or write them to a folder
    Crds(crds::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Program::parse().command {
        Command::Up(arguments) => block_on(up::run(arguments)),
        Command::Plan(arguments) => block_on(plan::run(arguments)),
        Command::Status(arguments) => block_on(status::run(arguments)),
        Command::Down(arguments) => block_on(down::run(arguments)),
        Command::Delete(arguments) => block_on(delete::run(arguments)),
        Command::Broker(arguments) => broker::run(&arguments),
        Command::Crds(arguments) => crds::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// One thread is enough to mind children and answer commands; a broker has its own runtime.
fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Failed(error.to_string()))?.block_on(command)
}
