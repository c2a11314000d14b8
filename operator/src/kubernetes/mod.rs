//! The world of a Kubernetes cluster: objects on an API server, brokers in Pods.
//!
//! `run` wires everything together and `controllers` decide when which object has its turn; what is
//! then done is decided by `cluster` and `topic`, as on a laptop. `cache` holds what the API server
//! tells us, `store` writes statuses, `resources` says what a cluster consists of, `objects` brings that
//! about, and `brokers` answers what the reconcilers ask of the world.

mod addresses;
mod brokers;
mod cache;
mod census;
mod controllers;
mod fitness;
mod lease;
pub mod metrics;
mod names;
mod namesakes;
mod objects;
mod phase;
mod quantity;
mod resources;
mod run;
mod server;
mod store;
mod trials;

pub use fitness::CheckProperties;
pub use run::{Operator, OperatorError, Options};
