//! DeleteTopics: topics to be taken away, by name or id, decided by the controller.

use std::sync::Arc;

use node::{
    control::{Command, Outcome, Request},
    metadata::controller::{DeleteTopicResult, TopicRef},
};
use protocol::{
    ErrorCode,
    messages::{
        DeleteTopicsRequest, DeleteTopicsResponse,
        delete_topics::{DeletableTopicResult, DeleteTopicState},
    },
};
use types::TopicId;

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

/// The topics in the request, for an answer that refuses all of it.
pub(super) struct Shape {
    topics: Vec<TopicRef>,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DeleteTopicsRequest) -> Order {
    let topics = match named(call.version, request) {
        Ok(topics) => topics,
        Err(contradictory) => return refuse_contradictory(&shell.desk, call, contradictory),
    };
    if !shell.desk.settings.topics_may_be_deleted {
        let error = if call.version >= SAYS_DISABLED {
            ErrorCode::TopicDeletionDisabled
        } else {
            ErrorCode::InvalidRequest
        };
        refuse_all(&shell.desk, call, &topics, error, "delete.topic.enable is false");
        return Order::Alone;
    }
    let ticket = shell.desk.park(call, Then::DeleteTopics(Shape { topics: topics.clone() }));
    shell.control(Command::Request { ticket, request: Request::DeleteTopics { topics } });
    Order::Alone
}

/// The topics that a request names; those that name and id contradict each other instead.
fn named(
    version: i16,
    request: DeleteTopicsRequest,
) -> Result<Vec<TopicRef>, Vec<DeleteTopicState>> {
    if version < BY_ID {
        let names = request.topic_names.iter();
        return Ok(names.map(|name| TopicRef::Name(name.to_string())).collect());
    }
    let is_clear = |topic: &DeleteTopicState| topic.name.is_some() == topic.topic_id.is_zero();
    if !request.topics.iter().all(is_clear) {
        return Err(request.topics);
    }
    let topics = request.topics.into_iter().map(|topic| match topic.name {
        Some(name) => TopicRef::Name(name.to_string()),
        None => TopicRef::Id(TopicId(topic.topic_id)),
    });
    Ok(topics.collect())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcome: Outcome) {
    match outcome {
        Outcome::DeleteTopics(results) => {
            let responses = results.into_iter().map(describe).collect();
            respond(desk, call, responses);
        }
        Outcome::Refused(refusal) => {
            refuse_all(desk, call, &shape.topics, refusal.code(), &refusal.to_string());
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

fn refuse_all(desk: &Desk, call: Call, topics: &[TopicRef], error: ErrorCode, message: &str) {
    let responses = topics.iter().map(|topic| refused(topic, error, message)).collect();
    respond(desk, call, responses);
}

fn refuse_contradictory(desk: &Desk, call: Call, topics: Vec<DeleteTopicState>) -> Order {
    let refused = |topic: DeleteTopicState| DeletableTopicResult {
        name: topic.name,
        topic_id: topic.topic_id,
        error_code: ErrorCode::InvalidRequest as i16,
        error_message: Some("Exactly one of topic name and topic ID has to be given.".into()),
    };
    respond(desk, call, topics.into_iter().map(refused).collect());
    Order::Alone
}

fn respond(desk: &Desk, call: Call, responses: Vec<DeletableTopicResult>) {
    let response = DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() };
    call.answer::<DeleteTopicsRequest>(desk, &response);
}
