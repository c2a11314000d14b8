//! What tests of every kind work with: child processes, waiting, and what takes long to make.
//!
//! Knows nothing of Kafka or of Kubernetes.

pub mod cache;
pub mod process;
pub mod wait;
