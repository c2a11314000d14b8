//! Compaction: what it keeps, what it removes, and what a crash can do to it.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod crashes;
mod horizon;
mod keys;
mod model;
mod rounds;
#[path = "../support/mod.rs"]
mod support;
mod table;
