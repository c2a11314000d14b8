//! A run from a seed, and what came of it.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{plan::Plan, trace::Trace, world::World};

/// How many lines of its trace a failed run shows.
pub const TRACE_LINES: usize = 60;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The hash over everything that happened.
    pub hash: u64,
    /// The last things that happened, as many as were asked for.
    pub trace: Vec<String>,
    /// How many records were acknowledged.
    pub acknowledged: u64,
    /// The promise that was broken, if one was.
    pub failure: Option<String>,
}

/// Runs a seed to its end or to the first broken promise, and keeps so many lines of the trace.
#[must_use]
pub fn run(seed: u64, trace_lines: usize) -> Outcome {
    let mut trace = Trace::new(trace_lines);
    let mut acknowledged = 0;
    // The parts assert what must hold; a failed assertion is a find like any other.
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(seed, Plan::draw(seed), &mut trace);
        let checked = world.run();
        acknowledged = world.acknowledged();
        checked
    }));
    let failure = match ran {
        Ok(Ok(())) => None,
        Ok(Err(violation)) => Some(violation.to_string()),
        Err(panic) => Some(format!("panic: {}", message(&*panic))),
    };
    Outcome {
        seed,
        hash: trace.hash(),
        trace: trace.lines().map(str::to_owned).collect(),
        acknowledged,
        failure,
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { seed, hash, acknowledged, .. } = self;
        let Some(failure) = &self.failure else {
            return write!(formatter, "seed {seed}: {acknowledged} records, hash {hash:016x}");
        };
        for line in &self.trace {
            writeln!(formatter, "{line}")?;
        }
        writeln!(formatter, "seed {seed} failed: {failure}")?;
        write!(formatter, "replay it with: cargo xtask sim --seed {seed} --trace")
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("of an unknown kind")
}
