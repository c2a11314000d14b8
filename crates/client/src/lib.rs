//! A small Kafka client: for the operator, the command line and tests.
//!
//! [`Client`] has one connection per broker, requests in order and a deadline on every wait; it
//! keeps no records back and retries only what the broker did not do. [`Producer`] collects records
//! into batches, [`Fetcher`] reads partitions on and on,
//! [`GroupConsumer`] is a member of a group. Transactions are not for it.

mod address;
mod client;
mod cluster;
mod config;
mod configs;
mod connection;
mod connections;
mod error;
mod fetching;
mod groups;
mod handshake;
mod offsets;
mod partitions;
mod place;
mod producer;
mod reading;
mod topics;
mod wire;

pub use address::{Address, InvalidAddress};
pub use client::Client;
pub use cluster::{Broker, Cluster, Partition, Topic, Wanted};
pub use config::Config;
pub use configs::{ConfigChanges, ConfigResource, ConfigSource, ConfigValue};
pub use error::{Broken, CallError, ConnectError, ConnectFailure, PartitionError, Refusal};
pub use fetching::{Fetch, FetchedBatches, Fetcher, FetcherConfig, Isolation, ReadError};
pub use groups::{
    Assignor, Commit, CommittedOffset, GroupConfig, GroupConsumer, GroupDescription, GroupEvent,
    ListedGroup, MemberDescription, PartitionOutcomes, Release,
};
pub use partitions::{Fetched, FoundOffset, Moment, Produced};
pub use producer::{
    Acks, Delivered, Delivery, DeliveryError, NewRecord, Producer, ProducerConfig, partition_of_key,
};
pub use protocol::{ErrorCode, records};
#[doc(hidden)]
pub use reading::read_as_from_a_broker;
pub use topics::{CreatedTopic, NewTopic, Outcomes};
