//! `simulator --seed N --trace` replays one run, `simulator --seeds N` makes many.

use std::process::ExitCode;

use clap::Parser;
use simulator::{TRACE_LINES, run};

/// Runs a simulated cluster from a seed; the same seed gives the same run.
#[derive(Debug, Parser)]
struct Arguments {
    /// The seed, or the first of many.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds to run, one after another.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Print everything that happens, and not only the end of a failed run.
    #[arg(long)]
    trace: bool,
}

#[expect(clippy::print_stdout, reason = "what a run shows is this program's output")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let lines = if arguments.trace { usize::MAX } else { TRACE_LINES };
    let mut failed = Vec::new();
    for seed in arguments.seed..arguments.seed.saturating_add(arguments.seeds) {
        let outcome = run(seed, lines);
        if arguments.trace && outcome.failure.is_none() {
            for line in &outcome.trace {
                println!("{line}");
            }
        }
        if arguments.seeds == 1 || outcome.failure.is_some() {
            println!("{outcome}");
        }
        if outcome.failure.is_some() {
            failed.push(seed);
        }
    }
    println!("{} of {} runs failed {failed:?}", failed.len(), arguments.seeds);
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
