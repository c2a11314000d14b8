//! One log on disk: segments, indexes, checkpoints, recovery.
//!
//! The files are Kafka's, byte for byte, so that Kafka's tools read them. Nothing is known in here
//! of leaders, followers or requests; batches are kept as they came.

mod aborted;
mod checkpoint;
mod cleaner;
mod config;
mod data_folder;
mod distrust;
mod entries;
mod epochs;
mod error;
mod index;
mod log;
mod marker;
mod meta_properties;
mod names;
mod open_files;
mod partition_metadata;
mod place;
mod producer_snapshot;
mod producers;
mod recovery;
mod room;
mod segment;
mod tail;
mod transactions;
mod walk;

pub use aborted::AbortedTransaction;
pub use checkpoint::{CheckpointError, PartitionOffsets};
pub use cleaner::{
    CleanError, Cleanable, CleanedGroup, CleanerSettings, Cleaning, Progress,
    Stats as CleaningStats,
};
pub use config::{CleanupPolicy, LogConfig};
pub use data_folder::{CleanShutdown, DataFolder, FolderError, PartitionFolder};
pub use epochs::EpochEnd;
pub use error::DiskError;
pub use log::{
    AppendError, Appended, CloseError, Closed, Flush, FlushError, Log, LookupError, OpenError,
    Opening, Read, ReadError, ReadLimits, Recovery, Removal, TimeSearch, TimestampOffset,
};
pub use meta_properties::{MetaProperties, MetaPropertiesError};
pub use open_files::OpenFiles;
pub use producers::{ActiveProducer, ProducerError};
