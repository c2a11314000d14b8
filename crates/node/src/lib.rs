//! A whole broker without sockets, threads or tasks: the parts, joined once.
//!
//! [`Node`] is told what happened (a request came, a job is done, time passed) and answers with
//! [`Effect`]s that the shell around it carries out in order: answers to send, disk work to run on
//! a pool, commands to hand to the controller's thread, the next point in time to be woken at. The
//! simulator is such a shell, the broker another; both run these very objects.
//!
//! Nothing in here reads a clock, a socket or a random source, and nothing waits. Partitions have a
//! lock each, so that a broker uses all its cores; no two of those locks are held at once. A shard of
//! groups has one, too, and may take that of its partition while it is held, never the other way.

mod active_producers;
pub mod answer;
mod apply;
mod checkpoint;
mod checkpoints;
mod cleaner;
mod config;
mod consequence;
pub mod control;
mod controller;
mod coordinators;
mod data_folder;
mod deadlines;
mod delete_records;
mod effect;
mod effective;
mod end_of_epoch;
mod fetch;
pub mod fetch_sessions;
mod figures;
mod housekeeping;
mod inspect;
mod list_offsets;
mod metadata_batches;
mod metadata_log;
mod node;
mod openings;
mod partition;
mod patience;
mod produce;
mod producer_ids;
mod recovery;
pub mod request;
mod settings;
mod setup;
mod slots;
mod stop;
mod topic_config;
mod traffic;
mod waits;

pub use cleaner::{CleanerConfig, CleanerFigures};
pub use config::{Config, Endpoint, Formatting};
pub use controller::pace::PaceFigures;
/// What groups are asked for with, and what they answer.
pub use coordinator;
pub use data_folder::OpenError;
pub use effect::{Completion, Effect, Effects, Job, Lane, Ticket};
pub use effective::Effective;
pub use figures::LogFigures;
pub use inspect::{PartitionView, QuorumDescription, QuorumView};
/// The values that control and images are made of.
pub use metadata;
pub use metadata_log::{MetadataCompletion, MetadataLogError};
pub use node::Node;
pub use recovery::RecoveryView;
pub use topic_config::TopicConfig;
pub use traffic::TrafficFigures;
