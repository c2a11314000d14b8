//! The shell around a node: sockets, threads, disks, HTTP, metrics.
//!
//! It carries bytes and effects to and fro. No rule of Kafka lives in here: what a request means is
//! decided by `node`.

pub mod admin;
pub mod config;
pub mod io;
pub mod network;
pub mod telemetry;
