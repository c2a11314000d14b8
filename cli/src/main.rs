//! The one program, `klamm`.

mod broker;
mod connect;
mod consume;
mod crds;
mod delete;
mod down;
mod escape;
mod failure;
mod group;
mod manifests;
mod moment;
mod operator;
mod place;
mod plan;
mod print;
mod produce;
mod status;
mod stop;
mod table;
mod topic;
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
    /// List, describe, create, alter and delete topics
    #[command(subcommand)]
    Topic(topic::Command),
    /// Send records to a topic: one a line, from standard input or files
    Produce(produce::Arguments),
    /// Read records from topics
    Consume(consume::Arguments),
    /// List, describe, reset and delete groups of consumers
    #[command(subcommand)]
    Group(group::Command),
    /// Run one broker from its server.properties
    ///
    /// It says `ready` on standard output when it serves clients, and logs on standard error. It
    /// stops in good order on SIGINT and SIGTERM, and when its standard input is a pipe that
    /// closes, so that it never outlives who started it.
    Broker(broker::Arguments),
    /// Run clusters on Kubernetes: look after Cluster and Topic objects until stopped
    ///
    /// The API server is that of the Pod this runs in, or the one that kubectl would use.
    Operator(operator::Arguments),
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
        Command::Topic(command) => block_on(topic::run(command)),
        Command::Produce(arguments) => block_on_threads(produce::run(arguments)),
        Command::Consume(arguments) => block_on_threads(consume::run(arguments)),
        Command::Group(command) => block_on(group::run(command)),
        Command::Broker(arguments) => broker::run(&arguments),
        Command::Operator(arguments) => block_on_operator(operator::run(arguments)),
        Command::Crds(arguments) => crds::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// One thread is enough to mind children and answer commands; a broker has its own runtime.
fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    run(&mut tokio::runtime::Builder::new_current_thread(), command)
}

/// Here what reads and writes files and pipes may be held up, while connections and signals are
/// looked after by other threads.
fn block_on_threads(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    run(tokio::runtime::Builder::new_multi_thread().worker_threads(2), command)
}

/// Logs as a broker does.
fn block_on_operator(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    ::broker::telemetry::log_to_stderr();
    run_on(tokio::runtime::Builder::new_multi_thread().worker_threads(2), command)
}

fn run(
    runtime: &mut tokio::runtime::Builder,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    run_on(runtime, command)
}

fn run_on(
    runtime: &mut tokio::runtime::Builder,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = runtime.enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Failed(error.to_string()))?;
    let outcome = runtime.block_on(command);
    // A thread that waits for standard input would hold us up until somebody types something.
    runtime.shutdown_background();
    outcome
}
