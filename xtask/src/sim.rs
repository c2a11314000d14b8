//! `cargo xtask sim`: runs simulated clusters from seeds.

use crate::process::{self, PROFILE, cargo};
use anyhow::Result;

/// Which runs.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The seed, or the first of many
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds to run, one after another
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Print everything that happens, and not only the end of a failed run
    #[arg(long)]
    trace: bool,
}

/// Builds the simulator and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (seed, seeds) = (options.seed.to_string(), options.seeds.to_string());
    let mut command = cargo(&["run", "--quiet", "-p", "simulator", "--profile", PROFILE, "--"]);
    command.args(["--seed", &seed, "--seeds", &seeds]);
    if options.trace {
        command.arg("--trace");
    }
    process::run(&mut command)
}
