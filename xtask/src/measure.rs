//! `cargo xtask measure`: start, memory and processor time of a release build.

use crate::process::{self, PROFILE, built, cargo};
use anyhow::Result;
use std::process::Command;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Apache Kafka too, in turns with Klamm
    #[arg(long)]
    kafka: bool,
}

/// Builds Klamm as it is released, and measures it from outside.
pub(crate) fn run(options: &Options) -> Result<()> {
    process::run(&mut cargo(&["build", "--release", "--bin", "klamm"]))?;
    let words = ["build", "--workspace", "--bin", "measure", "--profile", PROFILE];
    process::run(&mut cargo(&words))?;
    let mut measure = Command::new(built("measure")?);
    measure.env("KLAMM", process::released("klamm")?);
    process::run(measure.args(options.kafka.then_some("--kafka")))
}
