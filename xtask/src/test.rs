//! `cargo xtask test`: sets up what the tests need and passes them all, as CI does.

use crate::process::{self, PROFILE, Tally, built, cargo};
use crate::stages::Stages;
use crate::{compat, kubernetes, prerequisites};
use anyhow::Result;
use std::process::Command;

/// How much to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Also what takes long: more seeds, more kills, and Apache Kafka under the same client tests
    #[arg(long)]
    all: bool,
}

/// How often the broker is killed under load.
const KILLS: &str = "3";
const KILLS_ALL: &str = "20";

/// Runs all stages; goes on after a failed one and says at the end which failed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let kills = if options.all { KILLS_ALL } else { KILLS };
    let mut stages = Stages::new(if options.all { 25 } else { 14 });
    stages.require("prerequisites", prerequisites::ensure)?;
    stages.require("build", build)?;
    stages.step("format", || process::run(&mut cargo(&["fmt", "--all", "--check"])));
    stages.tests("unit tests, tidy, 200 seeds", unit_tests);
    stages.tests("clients", || with_broker("clients", &[]));
    stages.tests("the same programs over eight clients", || programs(&[]));
    stages.tests("consumer groups", || side_by_side("groups", &[]));
    stages.tests("kills", || with_broker("kill", &[("KLAMM_KILLS", kills)]));
    stages.tests("full and failing disks", || with_broker("faults", &[]));
    stages.tests("hostile frames", || with_broker("hostile", &[]));
    stages.tests("bad frames", || with_broker("bad_frames", &[]));
    stages.tests("dashboards and alerts", || with_broker("dashboards", &[]));
    stages.tests("the README's first five minutes", || with_broker("readme", &[]));
    stages.tests("Kubernetes", kubernetes::tests);
    if options.all {
        stages.step("2000 seeds", || {
            process::run(Command::new(built("simulator")?).args(["--seeds", "2000"]))
        });
        stages.tests("clients against Apache Kafka", || {
            with_broker("clients", &[("KLAMM_TEST_TARGET", "kafka")])
        });
        stages.tests("the same programs against Apache Kafka", || {
            programs(&[("KLAMM_TEST_TARGET", "kafka")])
        });
        stages.tests("Kubernetes in full", kubernetes::tests_in_full);
        stages.tests("consumer groups in full", || with_broker("groups_in_full", &[]));
        let kafka = [("KLAMM_TEST_TARGET", "kafka")];
        stages.tests("consumer groups of Apache Kafka", || side_by_side("groups", &kafka));
        stages.tests("the same in full", || with_broker("groups_in_full", &kafka));
        stages.tests("Streams, Connect and MirrorMaker", || with_broker("applications", &[]));
        stages.tests("raw requests beside Apache Kafka", compat::raw);
        stages.tests("bad frames at Apache Kafka", || compat::bad_frames_at("kafka"));
        stages.tests("folders exchanged with Apache Kafka", || with_broker("folders", &[]));
    }
    stages.close()
}

/// Builds every library, program and test in one go: features unify over the whole workspace, and
/// the later stages find everything fresh.
fn build() -> Result<()> {
    process::run(&mut cargo(&["build", "--workspace", "--all-targets", "--profile", PROFILE]))
}

fn unit_tests() -> Result<Tally> {
    let words = ["test", "--workspace", "--tests", "--profile", PROFILE, "--no-fail-fast"];
    process::run_tests(&mut cargo(&words))
}

/// The tests of the program `clients` that tell the same cases to every client.
const PROGRAMS: &str = "programs::";

/// Runs a test program whose tests are ignored elsewhere, since they start a broker.
fn with_broker(program: &str, settings: &[(&str, &str)]) -> Result<Tally> {
    started(program, &["--test-threads", "1", "--skip", PROGRAMS], settings)
}

/// Runs the cases that are told to every client.
pub(crate) fn programs(settings: &[(&str, &str)]) -> Result<Tally> {
    started("clients", &["--test-threads", "3", PROGRAMS], settings)
}

/// Runs what is told to kcat, which cannot be driven as the others are.
pub(crate) fn kcat(settings: &[(&str, &str)]) -> Result<Tally> {
    started("clients", &["--test-threads", "3", "kcat::"], settings)
}

/// The same with several tests at once, where most of their time is waiting.
pub(crate) fn side_by_side(program: &str, settings: &[(&str, &str)]) -> Result<Tally> {
    started(program, &["--test-threads", "3"], settings)
}

fn started(program: &str, words_of_test: &[&str], settings: &[(&str, &str)]) -> Result<Tally> {
    let words = ["test", "--workspace", "--profile", PROFILE, "--test", program, "--"];
    let mut tests = cargo(&words);
    tests.args(["--ignored", "--nocapture"]).args(words_of_test);
    process::run_tests(tests.envs(settings.iter().copied()))
}
