//! The operator: from manifests to a running cluster.
//!
//! `crd` holds the kinds, `manifest` reads them from files, `cluster` and `topic` turn them into
//! brokers and topics by observe, plan, apply, status; `local` is the world on a laptop, `kubernetes`
//! the one behind an API server. A plan is pure; only `observe` reads; only `apply` and `status` write;
//! a converged object causes no write.

mod batch;
pub mod cluster;
pub mod config;
pub mod crd;
#[cfg(test)]
mod fakes;
pub mod kafka;
pub mod kubernetes;
mod link;
pub mod local;
pub mod manifest;
pub mod refusal;
pub mod topic;
pub mod world;
