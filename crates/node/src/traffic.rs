//! What passed through a partition, counted where its place is at hand anyway.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters of one partition on this broker.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    messages_in: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    produces: AtomicU64,
    produces_failed: AtomicU64,
    fetches: AtomicU64,
    fetches_failed: AtomicU64,
}

/// What passed through a partition since its log was opened.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct TrafficFigures {
    /// Records appended.
    pub messages_in: u64,
    /// Bytes of batches appended.
    pub bytes_in: u64,
    /// Bytes of batches fetched.
    pub bytes_out: u64,
    /// Batches that came, refused ones included.
    pub produces: u64,
    /// Batches that were refused.
    pub produces_failed: u64,
    /// Reads, those included that were repeated after a wait.
    pub fetches: u64,
    /// Reads that were refused.
    pub fetches_failed: u64,
}

impl Traffic {
    /// A batch was appended, or refused.
    pub(crate) fn produced(&self, records: u64, bytes: usize, is_ok: bool) {
        self.produces.fetch_add(1, Ordering::Relaxed);
        if is_ok {
            self.messages_in.fetch_add(records, Ordering::Relaxed);
            self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
        } else {
            self.produces_failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The partition was read, or the read refused.
    pub(crate) fn read(&self, is_ok: bool) {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        if !is_ok {
            self.fetches_failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Batches were handed out.
    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn figures(&self) -> TrafficFigures {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TrafficFigures {
            messages_in: of(&self.messages_in),
            bytes_in: of(&self.bytes_in),
            bytes_out: of(&self.bytes_out),
            produces: of(&self.produces),
            produces_failed: of(&self.produces_failed),
            fetches: of(&self.fetches),
            fetches_failed: of(&self.fetches_failed),
        }
    }
}
