//! Kafka's language: messages, records and batches, error codes, frames.

pub mod records;
