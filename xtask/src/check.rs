//! `cargo xtask check`: what CI would refuse, without writing a file.

use crate::process::{self, PROFILE, cargo};
use crate::stages::Stages;
use anyhow::Result;
use std::process::Command;

/// Runs every check, says which failed.
pub(crate) fn run() -> Result<()> {
    let mut stages = Stages::new(6);
    stages.step("format", || process::run(&mut cargo(&["fmt", "--all", "--check"])));
    stages.step("lints", lints);
    stages.step("docs", docs);
    stages.tests("tidy", || {
        process::run_tests(&mut cargo(&["test", "-q", "--profile", PROFILE, "-p", "xtask"]))
    });
    stages.step("licences and advisories", || {
        optional("cargo-deny", &mut cargo(&["deny", "--workspace", "check"]))
    });
    stages
        .step("spelling", || optional("typos", Command::new("typos").current_dir(process::root())));
    stages.close()
}

fn lints() -> Result<()> {
    process::run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--profile",
        PROFILE,
        "--",
        "-D",
        "warnings",
    ]))
}

fn docs() -> Result<()> {
    process::run(
        cargo(&["doc", "--workspace", "--no-deps", "--profile", PROFILE])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// Runs a check whose program not everybody has; says so plainly where it is missing.
fn optional(program: &str, command: &mut Command) -> Result<()> {
    if process::is_installed(program) {
        return process::run(command);
    }
    println!("not checked: `{program}` is not installed (`cargo install --locked {program}`)");
    Ok(())
}
