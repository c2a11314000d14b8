//! Whole clusters of nodes in one thread from one seed.
//!
//! A run is a heap of events. Everything that is left to chance (when a job is done, when the power
//! is cut, what a disk then loses, what clients write) is drawn from streams of one seed, so that
//! the same seed gives the same run, event for event. A run has two phases: one with faults, then
//! one without, in which everything must heal and every acknowledged record be found.

mod agenda;
mod clients;
mod groups;
mod invariants;
mod oracle;
mod plan;
mod process;
mod reading;
mod run;
mod sessions;
mod trace;
mod violation;
mod words;
mod world;

pub use run::{Outcome, TRACE_LINES, run};
