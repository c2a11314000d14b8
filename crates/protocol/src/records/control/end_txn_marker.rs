//! How a transaction ended.

use crate::Message;

/// Ends a producer's transaction in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=0)]
pub struct EndTxnMarker {
    /// The epoch of the coordinator that decided, which fences older ones.
    pub coordinator_epoch: i32,
}
