//! Runs of many seeds. First of all: the same seed gives the same run, or nothing else counts.

use std::{
    fmt,
    io::{self, Write},
    process::Command,
};

use simulator::{Outcome, TRACE_LINES, run};
use types::PlantedBug;

/// How many seeds CI runs.
const SEEDS: u64 = 200;

/// A planted bug must show within so many seeds.
const SEEDS_UNTIL_CAUGHT: u64 = 100;

const KEPT: &str = include_str!("../seeds/kept.txt");

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        let (first, second) = (run(seed, TRACE_LINES), run(seed, TRACE_LINES));
        assert_eq!(first.trace, second.trace, "seed {seed}");
        assert_eq!(first.hash, second.hash, "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run_in_another_process() {
    for seed in [3, 5, 8] {
        let outcome = run(seed, TRACE_LINES);
        let other = Command::new(env!("CARGO_BIN_EXE_simulator"))
            .args(["--seed", &seed.to_string()])
            .output()
            .unwrap();
        let shown = String::from_utf8(other.stdout).unwrap();
        assert!(shown.contains(&format!("hash {:016x}", outcome.hash)), "seed {seed}: {shown}");
    }
}

#[test]
fn different_seeds_give_different_runs() {
    assert_ne!(run(1, TRACE_LINES).hash, run(2, TRACE_LINES).hash);
}

#[test]
fn every_promise_is_kept() {
    let mut acknowledged = 0;
    for seed in 0..SEEDS {
        acknowledged += kept(&run(seed, TRACE_LINES));
    }
    say(format_args!("{SEEDS} seeds: {acknowledged} acknowledged records, none lost or doubled"));
}

#[test]
fn every_promise_is_kept_in_the_runs_that_once_failed() {
    for line in KEPT.lines().filter(|line| !line.starts_with('#')) {
        let (seed, _) = line.split_once(' ').expect("a seed and what it found");
        kept(&run(seed.parse().unwrap(), TRACE_LINES));
    }
}

#[test]
fn planted_bugs_are_caught() {
    for bug in PlantedBug::ALL {
        PlantedBug::plant(Some(bug));
        let caught = (0..SEEDS_UNTIL_CAUGHT).map(|seed| run(seed, TRACE_LINES));
        let caught = caught.into_iter().find(|outcome| outcome.failure.is_some());
        PlantedBug::plant(None);
        let Some(Outcome { seed, failure, .. }) = caught else {
            panic!("{bug:?} was not caught by {SEEDS_UNTIL_CAUGHT} seeds");
        };
        let (seeds, failure) = (seed + 1, failure.unwrap());
        say(format_args!("{bug:?} was caught by seed number {seeds}: {failure}"));
    }
}

/// Says something in the log of a run whose tests pass.
fn say(what: fmt::Arguments<'_>) {
    writeln!(io::stdout(), "{what}").expect("somebody listens");
}

fn kept(outcome: &Outcome) -> u64 {
    assert!(outcome.failure.is_none(), "{outcome}");
    outcome.acknowledged
}
