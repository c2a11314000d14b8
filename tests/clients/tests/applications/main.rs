//! What people run over a broker: each application does its work, also when the broker is killed.
//!
//! They need a built broker, Java and Maven, so they are ignored by a plain `cargo test`;
//! `cargo xtask test --all` makes sure of those and runs them.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

mod connect;
mod mirror;
mod streams;

use client_tests::application::Application;
use client_tests::wait;
use std::time::Duration;

/// A virtual machine starts within some seconds, and whoever waits for a broker looks rarely.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits while the application runs; what it logged is told when the wait is in vain.
fn wait_for(application: &mut Application, what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = wait::until(PATIENCE, what, || {
        application.check()?;
        Ok(is_so().then_some(()))
    });
    waited.unwrap_or_else(|error| panic!("{error:#}\n{}", application.said()));
}
