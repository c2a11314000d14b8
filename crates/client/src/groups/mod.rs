//! Groups of consumers: their memberships from within, and what an administrator sees and does.
//!
//! `coordinator` finds the broker that looks after a group; `assignor` says who reads what, and
//! `verdict` what an error means, both as values; `member` lives a member's life; `admin` and
//! `offsets` are for those outside. Needs brokers that know the requests of Kafka 3.0 or later.

mod admin;
pub(crate) mod assignor;
mod consumer;
mod coordinator;
mod leader;
mod member;
mod offsets;
mod subscription;
mod verdict;

pub use admin::{GroupDescription, ListedGroup, MemberDescription};
pub use assignor::Assignor;
pub use consumer::{Commit, GroupConfig, GroupConsumer, GroupEvent, Release};
pub use offsets::{CommittedOffset, PartitionOutcomes};

pub(crate) use coordinator::Coordinators;
