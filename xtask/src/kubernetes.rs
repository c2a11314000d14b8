//! `cargo xtask kubernetes`: a real Kubernetes on this machine, in namespaces of its own.

use crate::prerequisites;
use crate::process::{self, PROFILE, built, cargo};
use anyhow::Result;
use std::process::Command;

/// What to do with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// `up`, `down`, `status`, `build`, each with `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, default_value = "--help")]
    words: Vec<String>,
}

/// Builds the program that does it, and hands on the words.
pub(crate) fn run(options: &Options) -> Result<()> {
    prerequisites::ensure()?;
    let build = ["build", "--workspace", "--profile", PROFILE, "--bin", "test-cluster"];
    process::run(cargo(&build).arg("--quiet"))?;
    process::run(Command::new(built("test-cluster")?).args(&options.words))
}

/// Builds the programs of the cluster where the cache does not have them yet.
pub(crate) fn make_programs() -> Result<()> {
    process::run(Command::new(built("test-cluster")?).arg("build"))
}
