//! `cargo xtask crds`: the resource definitions and the page that tells of them, generated from the
//! operator's types.

use crate::process::{self, PROFILE, built, cargo, root};
use anyhow::{Context, Result};
use std::process::Command;

/// The page that tells of every field, from the root of the repository.
const REFERENCE: &str = "docs/reference.md";

/// Has the built program write the definitions into `crds/` and the page into `docs/`; tests of the
/// operator's look whether they are fresh.
pub(crate) fn run() -> Result<()> {
    process::run(&mut cargo(&["build", "--workspace", "--bin", "klamm", "--profile", PROFILE]))?;
    let klamm = built("klamm")?;
    process::run(Command::new(&klamm).current_dir(root()).args(["crds", "--write", "crds"]))?;
    let page = process::printed(Command::new(&klamm).args(["crds", "--reference"]))?;
    std::fs::write(root().join(REFERENCE), page)
        .with_context(|| format!("failed to write {REFERENCE}"))
}
