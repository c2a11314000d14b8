//! `cargo xtask crds`: the resource definitions, generated from the operator's types.

use crate::process::{self, PROFILE, built, cargo, root};
use anyhow::Result;
use std::process::Command;

/// Has the built program write the definitions into `crds/`; a test of the operator's looks whether
/// they are fresh.
pub(crate) fn run() -> Result<()> {
    process::run(&mut cargo(&["build", "--workspace", "--bin", "klamm", "--profile", PROFILE]))?;
    process::run(
        Command::new(built("klamm")?).current_dir(root()).args(["crds", "--write", "crds"]),
    )
}
