//! `cargo xtask kubernetes`: a real Kubernetes on this machine, in namespaces of its own.

use crate::prerequisites;
use crate::process::{self, PROFILE, Tally, built, cargo, root};
use anyhow::Result;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

/// How many tests share a cluster at a time: most of their time is waiting.
const THREADS: &str = "4";

/// How the programs end whose tests take their time.
const IN_FULL: &str = "_in_full";

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

/// Runs the tests that take a cluster up; without root, who alone may make one, none.
pub(crate) fn tests() -> Result<Tally> {
    of_programs(|program| !program.ends_with(IN_FULL))
}

/// Runs those that take their time.
pub(crate) fn tests_in_full() -> Result<Tally> {
    of_programs(|program| program.ends_with(IN_FULL))
}

fn of_programs(is_meant: impl Fn(&str) -> bool) -> Result<Tally> {
    if !is_root()? {
        println!("left out: only root can make a cluster's namespaces");
        return Ok(Tally::default());
    }
    process::run(Command::new(built("test-cluster")?).arg("build"))?;
    let mut tests = cargo(&["test", "--workspace", "--profile", PROFILE, "--no-fail-fast"]);
    for program in test_programs()?.into_iter().filter(|program| is_meant(program)) {
        tests.args(["--test", &program]);
    }
    process::run_tests(tests.args(["--", "--ignored", "--nocapture", "--test-threads", THREADS]))
}

/// The files of the package's tests, by which Cargo calls their programs.
fn test_programs() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("tests/kubernetes/tests"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn is_root() -> Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}
