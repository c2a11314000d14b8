//! `cargo xtask fix`: mends what a program can mend.

use crate::process::{self, PROFILE, cargo};
use crate::{crds, dashboards, docs};
use anyhow::Result;

/// Applies the lints that have one answer, formats, and writes the generated files.
pub(crate) fn run() -> Result<()> {
    process::run(&mut cargo(&[
        "clippy",
        "--fix",
        "--allow-dirty",
        "--allow-staged",
        "--workspace",
        "--all-targets",
        "--profile",
        PROFILE,
    ]))?;
    process::run(&mut cargo(&["fmt", "--all"]))?;
    crds::run()?;
    docs::run()?;
    dashboards::run()
}
