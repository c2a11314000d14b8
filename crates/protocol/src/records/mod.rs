//! Record batches, format 2: the unit that producers send, logs store and consumers get.
//!
//! Reading never trusts a number before the bytes it speaks of are there, and never changes a batch
//! except through the few functions that say so. What a batch means for a log (offsets to assign,
//! sequences of a producer) belongs to `storage`.

mod batch;
mod builder;
mod codec;
pub mod control;
mod header;
mod invalid_batch;
mod outline;
mod payload;
mod produced;
mod record;
mod retain;
mod rewrite;
mod rules;
mod validation;
mod varint;

pub use batch::{BatchView, Batches, batches};
pub use builder::BatchBuilder;
pub use codec::{Codec, Compression, DecompressError, InvalidLevel};
pub use header::{BatchError, BatchHeader, TimestampType};
pub use invalid_batch::{FaultReason, InvalidBatch, RecordFault};
pub use payload::{Payload, RecordIter};
pub use produced::ProducedBatch;
pub use record::{Header, Headers, Record, RecordError};
pub use retain::{Horizon, Retained, emptied};
pub use rewrite::{set_base_offset, set_log_append_time, set_partition_leader_epoch};
pub use rules::{ProduceRules, TimestampRule};
pub use validation::{FAULTS_MAX, validate_produced};
