//! `cargo xtask test`: sets up what the tests need and passes them all, as CI does.

use crate::process::{self, PROFILE, cargo};
use crate::stages::Stages;
use crate::{prerequisites, process::Tally};
use anyhow::Result;

/// How much to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Also what takes long
    #[arg(long)]
    all: bool,
}

/// Runs all stages; goes on after a failed one and says at the end which failed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let _ = options.all;
    let mut stages = Stages::new(4);
    stages.require("prerequisites", prerequisites::ensure)?;
    stages.require("build", build)?;
    stages.step("format", || process::run(&mut cargo(&["fmt", "--all", "--check"])));
    stages.tests("unit tests and tidy", unit_tests);
    stages.close()
}

/// Builds every library, program and test in one go: features unify over the whole workspace, and
/// the later stages find everything fresh.
fn build() -> Result<()> {
    process::run(&mut cargo(&["build", "--workspace", "--all-targets", "--profile", PROFILE]))
}

fn unit_tests() -> Result<Tally> {
    process::run_tests(&mut cargo(&[
        "test",
        "--workspace",
        "--tests",
        "--profile",
        PROFILE,
        "--no-fail-fast",
    ]))
}
