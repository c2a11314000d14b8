//! InitProducerId: an id for an idempotent producer.

use std::sync::Arc;

use node::answer::ProducerIdError;
use protocol::{
    ErrorCode,
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};
use types::{ProducerEpoch, ProducerId};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: InitProducerIdRequest) -> Order {
    if !is_consistent(&request) {
        refuse(&shell.desk, call, ErrorCode::InvalidRequest);
        return Order::Alone;
    }
    if let Some(id) = &request.transactional_id {
        // The one error that the Java client and librdkafka both take as final: they would go on
        // asking for a coordinator that will never be there.
        tracing::warn!(
            peer = %call.client.peer, transactional_id = %id,
            "refused a transactional producer: transactions are not built yet"
        );
        refuse(&shell.desk, call, ErrorCode::TransactionalIdAuthorizationFailed);
        return Order::Alone;
    }
    let now = call.now;
    let ticket = shell.desk.park(call, Then::InitProducerId);
    let mut effects = Vec::new();
    shell.node.init_producer_id(now, ticket, &mut effects);
    shell.perform(effects);
    Order::Alone
}

/// A transactional id is not empty, and who says an id says an epoch.
fn is_consistent(request: &InitProducerIdRequest) -> bool {
    let has_id = request.producer_id != ProducerId::NONE.0;
    let has_epoch = request.producer_epoch != ProducerEpoch::NONE.0;
    has_id == has_epoch && request.transactional_id.as_deref() != Some("")
}

pub(super) fn answer(
    desk: &Desk,
    call: Call,
    given: Result<(ProducerId, ProducerEpoch), ProducerIdError>,
) {
    match given {
        Ok((id, epoch)) => {
            let response = InitProducerIdResponse {
                producer_id: id.0,
                producer_epoch: epoch.0,
                ..InitProducerIdResponse::default()
            };
            call.answer::<InitProducerIdRequest>(desk, &response);
        }
        Err(error) => refuse(desk, call, error.code()),
    }
}

fn refuse(desk: &Desk, call: Call, error: ErrorCode) {
    let response = InitProducerIdResponse {
        error_code: error as i16,
        producer_epoch: ProducerEpoch::NONE.0,
        ..InitProducerIdResponse::default()
    };
    call.answer::<InitProducerIdRequest>(desk, &response);
}
