//! What the control batch says that ends a producer's transaction.

use protocol::records::{BatchView, control::ControlRecord};

/// The end of a transaction, as its coordinator decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marker {
    /// What was written in the transaction does not count.
    pub(crate) is_abort: bool,
    /// Which reign of the coordinator decided: an older one is not listened to.
    pub(crate) coordinator_epoch: i32,
}

/// Markers are written uncompressed and are far smaller.
const UNCOMPRESSED_SIZE_MAX: usize = 1 << 16;

impl Marker {
    /// The marker in a batch; none in an ordinary batch, in one that compaction has emptied, and in
    /// one whose record says something else.
    pub(crate) fn of(batch: &BatchView<'_>) -> Option<Marker> {
        if !batch.is_control() || !batch.has_producer() {
            return None;
        }
        let payload = batch.payload(UNCOMPRESSED_SIZE_MAX).ok()?;
        let record = payload.records().next()?.ok()?;
        match ControlRecord::decode(&record).ok()?? {
            ControlRecord::Abort(marker) => {
                Some(Marker { is_abort: true, coordinator_epoch: marker.coordinator_epoch })
            }
            ControlRecord::Commit(marker) => {
                Some(Marker { is_abort: false, coordinator_epoch: marker.coordinator_epoch })
            }
            ControlRecord::LeaderChange(_)
            | ControlRecord::SnapshotHeader(_)
            | ControlRecord::SnapshotFooter(_)
            | ControlRecord::KRaftVersion(_)
            | ControlRecord::Voters(_) => None,
        }
    }

    /// The marker in the bytes of a batch.
    pub(crate) fn in_bytes(bytes: &[u8]) -> Option<Marker> {
        BatchView::parse(bytes).ok().as_ref().and_then(Marker::of)
    }
}
