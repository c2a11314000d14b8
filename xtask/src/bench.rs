//! `cargo xtask bench`: a release build in one case of its use, from outside.

use crate::process::{self, PROFILE, built, cargo};
use anyhow::Result;
use std::process::Command;

/// The cases.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Options {
    /// 100 producers of 10 small records a second and 5 consumers, beside the floor: a program that
    /// moves the same messages and does nothing else
    Chat(Chat),
}

/// The messaging case.
#[derive(Debug, clap::Args)]
pub(crate) struct Chat {
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

/// Builds what is measured as it is released, and runs a case.
pub(crate) fn run(options: &Options) -> Result<()> {
    match options {
        Options::Chat(options) => chat(options),
    }
}

fn chat(options: &Chat) -> Result<()> {
    process::run(&mut cargo(&["build", "--release", "--bin", "klamm"]))?;
    process::run(&mut cargo(&["build", "--release", "--package", "floor"]))?;
    process::run(&mut cargo(&["build", "--workspace", "--bin", "chat", "--profile", PROFILE]))?;
    let mut chat = Command::new(built("chat")?);
    chat.env("KLAMM", process::released("klamm")?).env("FLOOR", process::released("floor")?);
    chat.args(["--seconds", &options.seconds.to_string()]);
    chat.args(["--rounds", &options.rounds.to_string()]);
    for program in &options.against {
        chat.arg("--against").arg(program);
    }
    process::run(chat.args(options.kafka.then_some("--kafka")))
}
