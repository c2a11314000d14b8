//! A run made of stages: says which one it is at, how long each took, and what failed at the end.

use crate::process::Tally;
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// The stages of one run, done and to come.
#[derive(Debug)]
pub(crate) struct Stages {
    total: usize,
    done: Vec<Stage>,
    tally: Tally,
}

#[derive(Debug)]
struct Stage {
    name: String,
    took: Duration,
    failure: Option<String>,
}

impl Stages {
    /// A run that will have `total` stages.
    pub(crate) fn new(total: usize) -> Stages {
        Stages { total, done: Vec::new(), tally: Tally::default() }
    }

    /// Runs a stage without which the others make no sense: its failure ends the run.
    pub(crate) fn require(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.stage(name, || work().map(|()| Tally::default())) {
            return Ok(());
        }
        self.close()
    }

    /// Runs a stage without tests; the run goes on when it fails.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        self.stage(name, || work().map(|()| Tally::default()));
    }

    /// Runs a stage of tests; the run goes on when it fails.
    pub(crate) fn tests(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) {
        self.stage(name, work);
    }

    /// Says what took how long and what failed; an error when anything did.
    pub(crate) fn close(&self) -> Result<()> {
        println!("\nStages:");
        for stage in &self.done {
            let outcome = stage.failure.as_deref().unwrap_or("ok");
            println!("  {:<36} {:>7.1} s  {outcome}", stage.name, stage.took.as_secs_f64());
        }
        let took: Duration = self.done.iter().map(|stage| stage.took).sum();
        println!("  {:<36} {:>7.1} s", "all", took.as_secs_f64());
        let Tally { passed, failed } = self.tally;
        if passed + failed > 0 {
            println!("\n{passed} passed, {failed} failed");
        }
        let failures: Vec<_> =
            self.done.iter().filter(|s| s.failure.is_some()).map(|s| s.name.as_str()).collect();
        if !failures.is_empty() {
            bail!("failed: {}", failures.join(", "));
        }
        Ok(())
    }

    fn stage(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) -> bool {
        println!("\n[{}/{}] {name}", self.done.len() + 1, self.total);
        let start = now();
        let outcome = work();
        let took = start.elapsed();
        let failure = match outcome {
            Ok(tally) => {
                self.tally.add(tally);
                (tally.failed > 0).then(|| format!("{} failed", tally.failed))
            }
            Err(error) => Some(format!("{error:#}")),
        };
        let outcome = failure.as_deref().unwrap_or("ok");
        println!(
            "[{}/{}] {name}: {outcome}, {:.1} s",
            self.done.len() + 1,
            self.total,
            took.as_secs_f64()
        );
        let passed = failure.is_none();
        self.done.push(Stage { name: name.to_owned(), took, failure });
        passed
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a stage takes is a person's question")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_fail_the_run_but_not_the_stages_after_them() {
        let mut stages = Stages::new(2);
        stages.tests("first", || Ok(Tally { passed: 1, failed: 1 }));
        stages.step("second", || Ok(()));
        assert_eq!(stages.done.len(), 2);
        assert_eq!(stages.close().unwrap_err().to_string(), "failed: first");
    }

    #[test]
    fn required_stage_ends_the_run() {
        let mut stages = Stages::new(2);
        assert!(stages.require("build", || bail!("no compiler")).is_err());
    }
}
