//! Consumer groups over real client libraries, and under Kafka's own tools.
//!
//! They need a built broker, Java, Maven, Python, Node.js and Go, so they are ignored by a plain
//! `cargo test`; `cargo xtask test` makes sure of those and runs them.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

mod administration;
mod chat;
mod life;
mod tools;
