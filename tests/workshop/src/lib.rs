//! What tests of every kind work with: child processes, waiting, what takes long to make, and Prometheus.
//!
//! Knows nothing of Kafka or of Kubernetes.

pub mod cache;
pub mod process;
pub mod prometheus;
pub mod wait;
