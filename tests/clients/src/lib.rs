//! Real Kafka clients against a running broker.
//!
//! Holds the broker under test ([`server`]), the clients behind one trait ([`client`]), and what they
//! carry ([`record`], [`workload`]). The tests lie in `tests/`; each can be pointed at Apache Kafka
//! instead, `KLAMM_TEST_TARGET=kafka`, so that the same programs must see the same.

pub mod account;
pub mod administration;
pub mod application;
pub mod bench;
pub mod chat;
pub mod client;
pub mod folders;
pub mod group;
pub mod hostile;
pub mod image;
pub mod load;
pub mod matrix;
pub mod probe;
pub mod record;
pub mod server;
pub mod tools;
pub mod transcript;
pub mod workload;

pub use workshop::{cache, process, wait};
