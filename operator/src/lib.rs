//! The operator: from manifests to a running cluster.
