//! Consumer groups and their offsets, as pure state machines.
//!
//! A [`Shard`] is one partition of `__consumer_offsets` as its leader knows it: the groups whose ids
//! fall into it, with their members and committed offsets. It is told what happened and answers
//! with [`Effect`]s; what must outlive it are records of Kafka's schemas, which it asks to have
//! written and which it replays when it is loaded. It never reads a clock, a log or the network,
//! and knows no numbers of the wire.

pub mod answer;
mod config;
mod effect;
mod error;
pub mod group;
mod groups;
mod ids;
mod offsets;
pub mod records;
pub mod request;
mod shard;

pub use config::Config;
pub use effect::{Effect, Effects, Record, Ticket, Write, Writes};
pub use error::{GroupError, WriteError};
pub use ids::{Generation, GroupId, InstanceId, MemberId, partition_of};
pub use shard::{CommittedIn, Fault, FaultReason, Glance, Replayed, Shard};
