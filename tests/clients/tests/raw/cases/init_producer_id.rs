//! InitProducerId.

use crate::case::Case;
use protocol::messages::init_producer_id::InitProducerIdRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an idempotent producer", |_| of(None, 0, -1, -1)),
        Case::one("an empty transactional id", |_| of(Some(""), 60_000, -1, -1)),
        Case::one("an id and an epoch without a transactional id", |_| of(None, 0, 7, 3)),
        Case::one("an id without an epoch", |_| of(None, 0, 7, -1)),
        Case::one("an epoch without an id", |_| of(None, 0, -1, 3)),
        Case::one("a negative time-out", |_| of(None, -1, -1, -1)),
    ]
}

fn of(
    transactional_id: Option<&str>,
    transaction_timeout_ms: i32,
    producer_id: i64,
    producer_epoch: i16,
) -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: transactional_id.map(Into::into),
        transaction_timeout_ms,
        producer_id,
        producer_epoch,
        ..Default::default()
    }
}
