//! Real Kafka clients against a running cluster.
