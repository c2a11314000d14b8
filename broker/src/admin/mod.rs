//! The HTTP side of a broker: `/metrics`, `/livez`, `/readyz`.
//!
//! Meant for the operator, probes and Prometheus; small requests, few connections, no state.

mod readiness;
mod server;

pub use readiness::{Readiness, State};
pub use server::{Admin, serve};

#[cfg(test)]
mod tests;
