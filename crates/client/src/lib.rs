//! A small Kafka client: for the operator, the command line and tests.
//!
//! One connection per broker, requests in order, a deadline on every wait. It keeps no records
//! back and retries only what the broker did not do; batching, groups and transactions are not for
//! it.

mod address;
mod client;
mod cluster;
mod config;
mod configs;
mod connection;
mod connections;
mod error;
mod handshake;
mod partitions;
mod reading;
mod topics;
mod wire;

pub use address::{Address, InvalidAddress};
pub use client::Client;
pub use cluster::{Broker, Cluster, Partition, Topic, Wanted};
pub use config::Config;
pub use configs::{ConfigChanges, ConfigResource, ConfigSource, ConfigValue};
pub use error::{Broken, CallError, ConnectError, ConnectFailure, PartitionError, Refusal};
pub use partitions::{Fetched, FoundOffset, Moment, Produced};
pub use protocol::{ErrorCode, records};
#[doc(hidden)]
pub use reading::read_as_from_a_broker;
pub use topics::{CreatedTopic, NewTopic, Outcomes};
