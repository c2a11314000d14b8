//! `cargo xtask measure`: start, memory and processor time of a release build.

use crate::process::{self, PROFILE, built, cargo};
use anyhow::{Context, Result};
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
    let measure = built("measure")?;
    let target = measure.ancestors().nth(2).context("programs lie two folders deep")?;
    let klamm = target.join("release").join("klamm");
    let mut measure = Command::new(&measure);
    process::run(measure.args(options.kafka.then_some("--kafka")).env("KLAMM", klamm))
}
