//! `cargo xtask fuzz`: a fuzzer against one of the decoders, from its seeds on.

use crate::process::{self, PROFILE, built, cargo, root};
use anyhow::{Result, bail};
use std::process::Command;

/// What to fuzz.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A target of tests/decoders; a name that does not exist lists them
    target: String,
    /// For how long
    #[arg(long, default_value_t = 600)]
    seconds: u64,
}

/// Writes the seeds beside what earlier runs found worth keeping, and runs the fuzzer.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !process::is_installed("cargo-fuzz") {
        bail!("`cargo-fuzz` is not installed (`cargo install --locked cargo-fuzz`)");
    }
    let corpus = root().join("fuzz/corpus").join(&options.target);
    process::run(&mut cargo(&["build", "--workspace", "--bin", "decoders", "--profile", PROFILE]))?;
    process::run(Command::new(built("decoders")?).arg(&options.target).arg(&corpus))?;
    // The fuzzer needs nightly; `cargo` by name, since ours is that of the pinned toolchain.
    let mut fuzzer = Command::new("cargo");
    fuzzer.args(["+nightly", "fuzz", "run", &options.target]).current_dir(root());
    if ["manifests", "up"].contains(&options.target.as_str()) {
        fuzzer.args(["--features", "manifests"]);
    }
    fuzzer.args(["--", &format!("-max_total_time={}", options.seconds), "-print_final_stats=1"]);
    process::run(&mut fuzzer)
}
