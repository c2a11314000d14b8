//! The shell around a node: sockets, threads, disks, HTTP, metrics.
//!
//! It carries bytes and effects to and fro. No rule of Kafka lives in here: what a request means is
//! decided by `node`.

pub mod admin;
mod alarm;
mod api;
mod broker;
pub mod config;
mod descriptors;
mod exposition;
mod figures;
pub mod io;
pub mod network;
mod node_config;
mod shell;
pub mod telemetry;

#[doc(hidden)]
pub use api::answer_to_old_produce;
pub use broker::{Broker, RunError, run};
