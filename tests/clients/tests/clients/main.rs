//! Each client against a broker: what it sends must come back byte for byte, to itself and to others.
//!
//! They need Java, Maven, Python, Node.js, Go and kcat, so they are ignored by a plain `cargo test`;
//! `cargo xtask test` makes sure of those and runs them.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

mod administration;
mod checks;
mod commands;
mod configs;
mod crossing;
mod group_commands;
mod kcat;
mod programs;
mod tools;
