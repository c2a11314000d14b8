//! A real Kubernetes on one machine, without an engine, for tests.
//!
//! [`programs`] builds it from source and keeps it; [`outside`] takes a cluster up in namespaces of
//! its own, where [`init`] is the first process; [`cluster`] is what tests hold. The tests lie in
//! `tests/`, ignored where nobody took care of what they need; `cargo xtask test` does.

pub mod addresses;
pub mod chat;
mod client;
pub mod cluster;
pub mod folder;
pub mod init;
mod keys;
pub mod klamm;
pub mod level;
pub mod outside;
mod pause;
pub mod place;
pub mod programs;
pub mod requests;

pub use chat::Chat;
pub use cluster::Cluster;
pub use level::Level;
pub use place::Place;
