//! The benchmark: Klamm beside Apache Kafka and beside what the machine itself asks for, or two
//! builds of Klamm beside each other.
//!
//! What is measured ([`figure`], [`row`]), when ([`schedule`]), what Klamm is held to ([`goal`]) and
//! what a run ends with ([`findings`], [`table`], [`page`]) are values. Processes and clocks are in
//! [`turns`] and what it uses; a step that fails is told of and leaves the others alone.

#![expect(clippy::print_stdout, reason = "the figures are for a person to read")]

pub mod consumption;
pub mod contender;
pub mod fetcher;
pub mod figure;
pub mod findings;
pub mod floors;
pub mod goal;
pub mod life;
pub mod machine;
pub mod memory;
pub mod messaging;
pub mod page;
pub mod production;
pub mod progress;
pub mod row;
pub mod schedule;
pub mod spread;
pub mod table;
pub mod turns;
pub mod volume;

use crate::server::Program;
use crate::wait;
use anyhow::{Context, Result, bail};
use contender::Contender;
use findings::Findings;
use progress::{Progress, about};
use schedule::{Length, Step};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use turns::Turns;

/// Measures a build of Klamm and Apache Kafka; the page, where there is one, gets the tables.
pub fn beside_kafka(klamm: PathBuf, length: Length, page: Option<&Path>) -> Result<()> {
    let programs = [(Contender::Klamm, Program::Klamm(klamm)), (Contender::Kafka, Program::Kafka)];
    // Maven is not to be at work while something is measured.
    drop(kafka_jars::jars());
    let findings = measure(programs, length, &schedule::beside_kafka(length.rounds));
    let part = format!("{}\n\n{}", heading(length)?, table::beside_kafka(&findings));
    println!("\n{part}");
    if let Some(path) = page {
        let text = std::fs::read_to_string(path)?;
        std::fs::write(path, page::with_part(&text, &part)?).context("failed to write the page")?;
    }
    close(&findings)
}

/// Measures two builds of Klamm.
pub fn of_two_builds(old: PathBuf, new: PathBuf, length: Length) -> Result<()> {
    let programs = [(Contender::Old, Program::Klamm(old)), (Contender::New, Program::Klamm(new))];
    let findings = measure(programs, length, &schedule::of_two_builds(length.rounds));
    println!("\n{}\n\n{}", heading(length)?, table::of_two_builds(&findings));
    close(&findings)
}

fn measure(programs: [(Contender, Program); 2], length: Length, steps: &[Step]) -> Findings {
    let mut findings = Findings::default();
    let mut turns = Turns::new(BTreeMap::from(programs), length);
    let mut progress =
        Progress::new(steps.iter().map(|step| step.expected(&length)).sum::<Duration>());
    let start = wait::now();
    for (number, step) in steps.iter().enumerate() {
        let left = about(progress.left(start.elapsed()));
        let place = format!("{}/{}, {left} left", number + 1, steps.len());
        println!("[{place}] round {} of {}, {}", step.round, length.rounds, step.name());
        take(&mut turns, *step, &mut findings);
        progress.advance(step.expected(&length));
    }
    findings
}

fn take(turns: &mut Turns, step: Step, findings: &mut Findings) {
    let mut found = Vec::new();
    let outcome = turns.take(step, &mut found);
    for (figure, value) in &found {
        println!("    {} {}, {}", spread::number(*value), figure.unit(), figure.name());
    }
    findings.note(step.contender, step.round, &found);
    if let Err(error) = outcome {
        let sentence = format!("round {}, {}: {error:#}", step.round, step.name());
        println!("    failed: {error:#}");
        findings.note_failure(sentence);
    }
}

fn heading(length: Length) -> Result<String> {
    Ok(format!(
        "{}; {} rounds; the median, and the least and the most where they differ.",
        machine::describe()?,
        length.rounds
    ))
}

fn close(findings: &Findings) -> Result<()> {
    if findings.failures().is_empty() {
        return Ok(());
    }
    bail!("failed to measure all:\n{}", findings.failures().join("\n"))
}
