//! DeleteTopics: topics to be taken away, by name or id, decided by the controller.

use std::sync::Arc;

use node::{
    control::{Outcome, Request},
    metadata::controller::{DeleteTopicResult, TopicRef},
};
use protocol::{
    ErrorCode,
    messages::{
        DeleteTopicsRequest, DeleteTopicsResponse,
        delete_topics::{DeletableTopicResult, DeleteTopicState},
    },
};
use types::{TopicId, Uuid};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

/// The first version that can say that deletion is switched off.
const SAYS_DISABLED: i16 = 3;
/// The first version that may name topics by id.
const BY_ID: i16 = 6;

/// What the answer has to hold whatever the controller says.
pub(super) struct Shape {
    /// The topics in the request, for an answer that refuses all of it.
    topics: Vec<TopicRef>,
    /// Those that are named in no clear way.
    unclear: Vec<DeletableTopicResult>,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DeleteTopicsRequest) -> Order {
    let (timeout_ms, now) = (request.timeout_ms, call.now);
    let shape = Shape::of(call.version, request);
    if !shell.desk.settings.topics_may_be_deleted {
        let error = if call.version >= SAYS_DISABLED {
            ErrorCode::TopicDeletionDisabled
        } else {
            ErrorCode::InvalidRequest
        };
        refuse_all(&shell.desk, call, &shape, error, "delete.topic.enable is false");
        return Order::Alone;
    }
    let topics = shape.topics.clone();
    let ticket = shell.desk.park(call, Then::DeleteTopics(shape));
    shell.ask_controller(now, ticket, Some(timeout_ms), Request::DeleteTopics { topics });
    Order::Alone
}

impl Shape {
    fn of(version: i16, request: DeleteTopicsRequest) -> Shape {
        if version < BY_ID {
            let names = request.topic_names.iter();
            let topics = names.map(|name| TopicRef::Name(name.to_string())).collect();
            return Shape { topics, unclear: Vec::new() };
        }
        let mut shape = Shape { topics: Vec::new(), unclear: Vec::new() };
        for topic in request.topics {
            match (&topic.name, topic.topic_id) {
                (Some(name), Uuid::ZERO) => shape.topics.push(TopicRef::Name(name.to_string())),
                (None, id) if id != Uuid::ZERO => shape.topics.push(TopicRef::Id(TopicId(id))),
                (Some(_), _) => shape.unclear.push(unclear(topic, NAME_AND_ID)),
                (None, _) => shape.unclear.push(unclear(topic, NEITHER)),
            }
        }
        shape
    }
}

const NAME_AND_ID: &str = "You may not specify both topic name and topic id.";
const NEITHER: &str = "Neither topic name nor id were specified.";

fn unclear(topic: DeleteTopicState, message: &'static str) -> DeletableTopicResult {
    DeletableTopicResult {
        name: topic.name,
        topic_id: topic.topic_id,
        error_code: ErrorCode::InvalidRequest as i16,
        error_message: Some(message.into()),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcome: Outcome) {
    match outcome {
        Outcome::DeleteTopics(results) => {
            let responses = shape.unclear.into_iter().chain(results.into_iter().map(describe));
            respond(desk, call, responses.collect());
        }
        Outcome::Refused(refusal) => {
            refuse_all(desk, call, &shape, refusal.code(), &refusal.to_string());
        }
        other => unreachable!("the controller answered another question: {other:?}"),
    }
}

fn describe(result: DeleteTopicResult) -> DeletableTopicResult {
    match result.outcome {
        Ok((id, name)) => DeletableTopicResult {
            name: Some(name.as_str().into()),
            topic_id: id.0,
            ..DeletableTopicResult::default()
        },
        Err(error) => refused(&result.topic, error.code(), &error.to_string()),
    }
}

fn refused(topic: &TopicRef, error: ErrorCode, message: &str) -> DeletableTopicResult {
    let (name, topic_id) = match topic {
        TopicRef::Name(name) => (Some(name.as_str().into()), TopicId::default().0),
        TopicRef::Id(id) => (None, id.0),
    };
    DeletableTopicResult {
        name,
        topic_id,
        error_code: error as i16,
        error_message: Some(message.into()),
    }
}

fn refuse_all(desk: &Desk, call: Call, shape: &Shape, error: ErrorCode, message: &str) {
    let refused = shape.topics.iter().map(|topic| refused(topic, error, message));
    respond(desk, call, shape.unclear.iter().cloned().chain(refused).collect());
}

fn respond(desk: &Desk, call: Call, responses: Vec<DeletableTopicResult>) {
    let response = DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() };
    call.answer::<DeleteTopicsRequest>(desk, &response);
}
