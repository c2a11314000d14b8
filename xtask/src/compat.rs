//! `cargo xtask compat`: the same to Apache Kafka and to Klamm, and every difference: raw requests, bad
//! frames, and the programs over real clients.

use crate::matrix::Matrix;
use crate::process::{self, PROFILE, Tally, cargo};
use crate::test;
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

/// The servers, the judge first.
pub(crate) const TARGETS: [&str; 2] = ["kafka", "klamm"];

/// Where the tests leave what each client saw.
const FOLDER: &str = "target/matrix";

/// The page that shows it.
const PAGE: &str = "docs/clients.md";

/// Builds what is needed and compares.
pub(crate) fn run() -> Result<()> {
    let build = ["build", "--workspace", "--all-targets", "--profile", PROFILE];
    process::run(&mut cargo(&build))?;
    let folder = process::root().join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut tally = raw()?;
    for target in TARGETS {
        println!("\nthe clients' programs against {target}");
        tally.add(bad_frames_at(target)?);
        tally.add(programs(target, &folder)?);
    }
    let matrix = Matrix::read(&folder)?;
    println!("\n{matrix}");
    let page = process::root().join(PAGE);
    fs::write(&page, matrix.put_into(&fs::read_to_string(&page)?)?)?;
    if tally.failed > 0 {
        bail!("Klamm and Kafka are not the same to everybody");
    }
    Ok(())
}

/// The fates of bad frames at one of the two, which the list has for both.
pub(crate) fn bad_frames_at(target: &str) -> Result<Tally> {
    let words = ["test", "--workspace", "--profile", PROFILE, "--test", "bad_frames", "--"];
    let mut tests = cargo(&words);
    tests.args(["--ignored", "--nocapture", "every_bad_frame"]).env("KLAMM_TEST_TARGET", target);
    process::run_tests(&mut tests)
}

/// The comparison of raw requests.
pub(crate) fn raw() -> Result<Tally> {
    let words = ["test", "--workspace", "--profile", PROFILE, "--test", "raw", "--"];
    process::run_tests(cargo(&words).args(["--ignored", "--nocapture"]))
}

/// All that is told to many clients.
fn programs(target: &str, folder: &Path) -> Result<Tally> {
    let folder = folder.display().to_string();
    let settings = [("KLAMM_TEST_TARGET", target), ("KLAMM_MATRIX", folder.as_str())];
    let mut tally = test::programs(&settings)?;
    tally.add(test::kcat(&settings)?);
    for program in ["groups", "groups_in_full"] {
        tally.add(test::side_by_side(program, &settings)?);
    }
    Ok(tally)
}
