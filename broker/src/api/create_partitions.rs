//! CreatePartitions: topics to be given more partitions, decided by the controller.

use std::sync::Arc;

use node::{
    control::{Outcome, Request},
    metadata::controller::AddPartitions,
};
use protocol::{
    ErrorCode,
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse,
        create_partitions::{CreatePartitionsTopic, CreatePartitionsTopicResult},
    },
};
use types::BrokerId;

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

/// The names in the request, for an answer that refuses all of it.
pub(super) struct Shape {
    names: Vec<String>,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: CreatePartitionsRequest) -> Order {
    let names = request.topics.iter().map(|topic| topic.name.to_string()).collect();
    let topics = request.topics.iter().map(|topic| wanted(&shell.desk, topic)).collect();
    let (validate_only, timeout_ms, now) = (request.validate_only, request.timeout_ms, call.now);
    let ticket = shell.desk.park(call, Then::CreatePartitions(Shape { names }));
    let request = Request::CreatePartitions { topics, validate_only };
    shell.ask_controller(now, ticket, Some(timeout_ms), request);
    Order::Alone
}

fn wanted(desk: &Desk, topic: &CreatePartitionsTopic) -> AddPartitions {
    let brokers = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
    let assignments = topic.assignments.as_ref();
    AddPartitions {
        topic: topic.name.to_string(),
        count: topic.count,
        assignments: assignments
            .map(|all| all.iter().map(|one| brokers(&one.broker_ids)).collect()),
        seed: desk.random(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcome: Outcome) {
    let results = match outcome {
        Outcome::CreatePartitions(results) => results
            .into_iter()
            .map(|result| match result.outcome {
                Ok(()) => told(result.topic, ErrorCode::None, None),
                Err(error) => told(result.topic, error.code(), Some(error.to_string())),
            })
            .collect(),
        Outcome::Refused(refusal) => {
            let refused = |name| told(name, refusal.code(), Some(refusal.to_string()));
            shape.names.into_iter().map(refused).collect()
        }
        other => unreachable!("the controller answered another question: {other:?}"),
    };
    let response = CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() };
    call.answer::<CreatePartitionsRequest>(desk, &response);
}

fn told(name: String, error: ErrorCode, message: Option<String>) -> CreatePartitionsTopicResult {
    CreatePartitionsTopicResult {
        name: name.into(),
        error_code: error as i16,
        error_message: message.map(Into::into),
    }
}
