//! `cargo xtask compat`: the same requests to Apache Kafka and to Klamm, and every difference.

use crate::process::{self, PROFILE, Tally, cargo};
use anyhow::{Result, bail};

/// Builds what is needed and compares.
pub(crate) fn run() -> Result<()> {
    let build = ["build", "--workspace", "--all-targets", "--profile", PROFILE];
    process::run(&mut cargo(&build))?;
    let tally = raw()?;
    if tally.failed > 0 {
        bail!("Klamm answers otherwise than Kafka");
    }
    Ok(())
}

/// The comparison of raw requests.
pub(crate) fn raw() -> Result<Tally> {
    let words = ["test", "--workspace", "--profile", PROFILE, "--test", "raw", "--"];
    process::run_tests(cargo(&words).args(["--ignored", "--nocapture"]))
}
