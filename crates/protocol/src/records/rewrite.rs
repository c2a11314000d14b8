//! What a leader changes in a batch it was given, in place.
//!
//! Base offset and leader epoch lie outside the checksum, so that a leader can set them without
//! touching the records; the timestamps lie inside.

use types::{LeaderEpoch, Offset, Timestamp};

use super::header::{BatchHeader, attribute, position};

/// Sets the offset of the first record.
///
/// # Panics
/// When `batch` is shorter than a header.
pub fn set_base_offset(batch: &mut [u8], offset: Offset) {
    check_size(batch);
    batch[..8].copy_from_slice(&offset.0.to_be_bytes());
}

/// Sets the epoch of the leader that appends the batch.
///
/// # Panics
/// When `batch` is shorter than a header.
pub fn set_partition_leader_epoch(batch: &mut [u8], epoch: LeaderEpoch) {
    check_size(batch);
    batch[position::LEADER_EPOCH..][..4].copy_from_slice(&epoch.0.to_be_bytes());
}

/// Gives all records the leader's time, and the batch the checksum that fits.
///
/// # Panics
/// When `batch` is not exactly one whole batch.
pub fn set_log_append_time(batch: &mut [u8], time: Timestamp) {
    let header = BatchHeader::parse(batch).expect("the caller has parsed the batch");
    assert!(header.size() == batch.len(), "the checksum covers exactly one whole batch");
    let attributes = header.attributes | attribute::LOG_APPEND_TIME;
    batch[position::ATTRIBUTES..][..2].copy_from_slice(&attributes.to_be_bytes());
    batch[position::MAX_TIMESTAMP..][..8].copy_from_slice(&time.0.to_be_bytes());
    let crc = crc32c::crc32c(&batch[position::ATTRIBUTES..]);
    batch[position::CRC..][..4].copy_from_slice(&crc.to_be_bytes());
}

fn check_size(batch: &[u8]) {
    assert!(batch.len() >= BatchHeader::SIZE, "a batch starts with a whole header");
}
