//! `cargo xtask bench`: a release build measured from outside.

use crate::prerequisites;
use crate::process::{self, PROFILE, RELEASED, built, cargo, root};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The page that the tables are written to, from the root of the repository.
const PAGE: &str = "docs/benchmarks.md";

/// What to measure: without a word everything, beside Apache Kafka and the floor, in a quarter of an
/// hour.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    case: Option<Case>,

    /// Write the tables to docs/benchmarks.md too
    #[arg(long)]
    write: bool,
}

/// What else there is.
#[derive(Debug, clap::Subcommand)]
enum Case {
    /// The same rows in a few minutes, to see that something is amiss
    Quick,
    /// The same rows of two builds of Klamm, in turns, without Kafka
    Compare(Compare),
    /// The messaging case alone, with more figures: 100 producers of 10 small records a second and 5
    /// consumers, beside the floor, a program that moves the same messages and does nothing else
    Chat(Chat),
}

/// Two builds.
#[derive(Debug, clap::Args)]
struct Compare {
    /// A program `klamm`
    old: PathBuf,

    /// Another one
    new: PathBuf,

    /// In a few minutes
    #[arg(long)]
    quick: bool,
}

/// The messaging case.
#[derive(Debug, clap::Args)]
struct Chat {
    /// Apache Kafka too, in turns with the others
    #[arg(long)]
    kafka: bool,

    /// Another build of Klamm too, or the same with other keys of its configuration, to see what a
    /// change brings; may be given several times
    #[arg(long, value_name = "PROGRAM[,KEY=VALUE…]")]
    against: Vec<String>,

    /// How long each turn is measured, after its warm-up
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,

    /// How many turns each has
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    rounds: u64,
}

/// Builds what is measured as it is released, and measures it.
pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.case {
        None => beside_kafka("full", options.write),
        Some(Case::Quick) => beside_kafka("quick", false),
        Some(Case::Compare(options)) => compare(options),
        Some(Case::Chat(options)) => chat(options),
    }
}

fn beside_kafka(length: &str, write: bool) -> Result<()> {
    prerequisites::ensure_kafka()?;
    let mut bench = released_beside("bench")?;
    bench.arg(length);
    if write {
        bench.arg("--write").arg(root().join(PAGE));
    }
    process::run(&mut bench)
}

fn compare(options: &Compare) -> Result<()> {
    let [old, new] = [program(&options.old)?, program(&options.new)?];
    build_load("bench")?;
    let mut bench = Command::new(built("bench")?);
    bench.args([if options.quick { "quick" } else { "full" }, "compare"]);
    process::run(bench.arg(old).arg(new))
}

fn chat(options: &Chat) -> Result<()> {
    if options.kafka {
        prerequisites::ensure_kafka()?;
    }
    let mut chat = released_beside("chat")?;
    chat.args(["--seconds", &options.seconds.to_string()]);
    chat.args(["--rounds", &options.rounds.to_string()]);
    for program in &options.against {
        chat.arg("--against").arg(program);
    }
    process::run(chat.args(options.kafka.then_some("--kafka")))
}

/// The program that drives, and what it measures built as it is released.
fn released_beside(load: &str) -> Result<Command> {
    process::run(&mut cargo(&["build", "--profile", RELEASED, "--bin", "klamm"]))?;
    process::run(&mut cargo(&["build", "--profile", RELEASED, "--package", "floor"]))?;
    build_load(load)?;
    let mut command = Command::new(built(load)?);
    command.env("KLAMM", process::released("klamm")?).env("FLOOR", process::released("floor")?);
    Ok(command)
}

fn build_load(load: &str) -> Result<()> {
    process::run(&mut cargo(&["build", "--workspace", "--bin", load, "--profile", PROFILE]))
}

/// A build that is there, wherever it is looked for from.
fn program(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("there is no program {}", path.display()))
}
