//! The operator: from manifests to a running cluster.

pub mod crd;
pub mod manifest;
